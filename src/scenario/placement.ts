/** Which node stands in which region and belongs to which class. */
import { sample, shuffled } from '../lib/random.ts'
import { chosenRegions } from './regions/chosenRegions.ts'
import type { RegionTable } from './regions/regionTable.ts'
import type { NodeClass, Scenario } from './scenarioSchema.ts'
import { purposeRandom } from './streams.ts'

/** In which region each node stands, and of which class it is. */
export interface Placement {
  readonly table: RegionTable | undefined
  /** Position in the table, by node. */
  readonly regionOf: readonly (number | undefined)[]
  readonly classOf: readonly (NodeClass | undefined)[]
}

/** Draws the region and the class of each node with the seed of the scenario. */
export function placementOf(scenario: Scenario): Placement {
  const { regions, nodes, seed } = scenario
  const table = regions && chosenRegions(regions)
  const regionOf =
    table === undefined
      ? Array.from({ length: nodes }, () => undefined)
      : shuffled(
          purposeRandom(seed, 'regions'),
          apportioned(
            table.regions.map(({ weight }) => weight),
            nodes,
            regions?.atLeast ?? 0,
          ),
        )
  return { table, regionOf, classOf: classes(scenario) }
}

/** The name of the region of a node; `undefined` without regions. */
export function regionName({ table, regionOf }: Placement, node: number): string | undefined {
  const region = regionOf[node]
  return region === undefined ? undefined : table?.regions[region]?.name
}

/**
 * `count` places shared out by weight (largest remainders), each position as often as it gets
 * places, `atLeast` for each as long as there are so many.
 */
export function apportioned(weights: readonly number[], count: number, atLeast: number): number[] {
  const floor = Math.min(atLeast, Math.floor(count / weights.length))
  const free = count - floor * weights.length
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const exact = weights.map((weight) => (sum === 0 ? free / weights.length : (weight / sum) * free))
  const counts = exact.map((share) => floor + Math.floor(share))
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share - Math.floor(share) }))
    .toSorted((a, b) => b.remainder - a.remainder || a.index - b.index)
  const left = count - counts.reduce((total, one) => total + one, 0)
  for (const { index } of byRemainder.slice(0, left)) counts[index] = (counts[index] ?? 0) + 1
  return counts.flatMap((places, index) => Array.from({ length: places }, () => index))
}

/** Nodes that are named first, then those that are drawn, class by class. */
function classes({ nodes, classes: all, seed }: Scenario): (NodeClass | undefined)[] {
  const random = purposeRandom(seed, 'classes')
  const classOf = Array.from({ length: nodes }, (): NodeClass | undefined => undefined)
  for (const one of all) for (const node of one.nodes ?? []) classOf[node] = one
  for (const one of all) {
    if (one.nodes !== undefined) continue
    const free = [...classOf.keys()].filter((node) => classOf[node] === undefined)
    for (const node of sample(random, free, sizeOf(one, nodes))) classOf[node] = one
  }
  return classOf
}

/** Nodes that a class wants, where it does not name them. */
export function sizeOf({ count, share = 0 }: NodeClass, nodes: number): number {
  return count ?? Math.round(share * nodes)
}
