/**
 * What must hold in every simulated network, whatever happens to it. A checker looks on and draws
 * nothing from the network: with and without checkers a run is the same.
 */
import type { Sighting } from '../../trace/trace.ts'
import type { SimNode, SimWorld } from '../engines/engine.ts'
import type { Population } from '../world.ts'

/** What a checker sees. */
export interface CheckedRun {
  readonly world: SimWorld
  readonly population: Population
  /** Nodes that the plan makes misbehave at some time: nothing is promised for them. */
  readonly hostile: ReadonlySet<number>
  /** Whether nodes repair what gossip lost; routers alone do not. */
  readonly repairs: boolean
}

/** One property of the network. */
export interface Checker {
  readonly name: string
  /** Is told of every sighting, at the moment it is recorded. */
  saw?(node: number, sighting: Sighting): void
  /** Looks at the nodes now and then; throws where something is broken that must always hold. */
  look?(): void
  /** What was broken that must always hold, one line each. */
  broken(): readonly string[]
  /** What must hold in the end and does not yet, one line each. */
  open(): readonly string[]
}

/** A live honest node. */
export interface HonestNode {
  readonly index: number
  readonly node: SimNode
}

/**
 * Live honest nodes in groups that can reach each other over links between them, largest group
 * first. A link that is cut in one direction joins nobody.
 */
export function honestGroups({ world, population, hostile }: CheckedRun): HonestNode[][] {
  const left = new Set<number>()
  for (const { index } of world.machines)
    if (!hostile.has(index) && population.life.stateOf(index) === 'up') left.add(index)
  const groups: HonestNode[][] = []
  for (const start of left) groups.push(groupFrom(start, left, { world, population }))
  return groups.toSorted((a, b) => b.length - a.length)
}

function groupFrom(
  start: number,
  left: Set<number>,
  { world, population }: Pick<CheckedRun, 'world' | 'population'>,
): HonestNode[] {
  const group: HonestNode[] = []
  const queue = [start]
  left.delete(start)
  for (let index = queue.pop(); index !== undefined; index = queue.pop()) {
    const node = population.node(index)
    if (node !== undefined) group.push({ index, node })
    for (const { to, isHeld } of world.machines[index]?.wires.values() ?? []) {
      const back = to.wires.get(world.machines[index]?.id ?? '')
      if (isHeld || back === undefined || back.isHeld || !left.delete(to.index)) continue
      queue.push(to.index)
    }
  }
  return group.toSorted((a, b) => a.index - b.index)
}
