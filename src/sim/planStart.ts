/** How a simulation begins: nodes start, links are dialled, meshes form, the plan begins. */
import type { LinkPlan } from '../scenario/networkPlan.ts'
import { CORE_COSTS, REST_EVERY_MS, type Core } from './links/core.ts'
import type { SimWorld } from './engines/engine.ts'
import type { SimMachine } from './links/machine.ts'
import type { VirtualTime } from './time/virtualTime.ts'
import type { ThreadNetwork } from './threadNetwork.ts'

/** Nodes start within this time, so that their heartbeats do not all fall together. */
const STARTS_WITHIN_MS = 700
/** From then on links are dialled, each at some time of these. */
const DIALS_FROM_MS = 800
const DIALS_WITHIN_MS = 500
/** From the last dial to the start of the plan: meshes form. */
const MESHES_FORM_MS = 3_700

/**
 * Plans the start of every node that is there from the beginning; the same in every thread. The
 * answer says when meshes have formed and the plan begins, virtual ms: not before the last link was
 * dialled.
 */
export function planStart(network: ThreadNetwork): () => number {
  const { plan, world, streams, population } = network
  const { time, machines } = world
  const present = machines.slice(0, machines.length - plan.lateNodes)
  for (const machine of present) {
    const bootMs = streams.next(0) * STARTS_WITHIN_MS
    time.worldAt(bootMs, { owner: time.world, run: () => population.boot(machine.index) })
    if (machine.core !== undefined) rest(time, machine, machine.core, bootMs)
  }
  return plan.network.processes === undefined
    ? dialTogether(network, present)
    : dialInTurn(plan.network.links, world)
}

/** Takes of its process, again and again, what a node needs that has nothing to do. */
function rest(time: VirtualTime, machine: SimMachine, core: Core, atMs: number): void {
  const run = (): void => {
    if (machine.isUp) core.use(CORE_COSTS.restMs, time.nowMs)
    rest(time, machine, core, time.nowMs + REST_EVERY_MS)
  }
  time.worldAt(atMs, { owner: time.world, run })
}

function dialTogether(
  { world: { time, connections }, streams }: ThreadNetwork,
  present: readonly SimMachine[],
): () => number {
  for (const machine of present) {
    const dialMs = DIALS_FROM_MS + streams.next(0) * DIALS_WITHIN_MS
    const dial = (): void => {
      connections.dialLinksOf(machine, (other) => other.index > machine.index)
    }
    time.worldAt(dialMs, { owner: time.world, run: dial })
  }
  return () => DIALS_FROM_MS + DIALS_WITHIN_MS + MESHES_FORM_MS
}

/** One link after the other in the order of the plan: the next when both ends are free again. */
function dialInTurn(
  links: readonly LinkPlan[],
  { time, machines, connections }: SimWorld,
): () => number {
  let startsMs = Infinity
  const take = ({ core }: SimMachine): number =>
    core?.use(CORE_COSTS.connectionMs, time.nowMs) ?? time.nowMs
  const dialFrom = (place: number): void => {
    const link = links[place]
    if (link === undefined) {
      startsMs = time.nowMs + MESHES_FORM_MS
      return
    }
    const [from, to] = [machines[link.a], machines[link.b]]
    const isDialled = from?.isUp && to?.isUp && connections.dial(from, to)
    const freeMs = isDialled ? Math.max(take(from), take(to)) : time.nowMs
    time.worldAt(freeMs, { owner: time.world, run: () => dialFrom(place + 1) })
  }
  time.worldAt(DIALS_FROM_MS, { owner: time.world, run: () => dialFrom(0) })
  return () => startsMs
}
