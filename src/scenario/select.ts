import { sample, type Random } from '../lib/random.ts'
import { regionName, type Placement } from './placement.ts'
import type { Group, Selector } from './selectorSchema.ts'

/** The nodes that a selector means among `among`, ascending. What is drawn comes from `random`. */
export function select(
  selector: Selector,
  among: readonly number[],
  placement: Placement,
  random: Random,
): number[] {
  if (Array.isArray(selector)) return [...new Set(selector)].toSorted(ascending)
  if ('region' in selector)
    return among.filter((node) => regionName(placement, node) === selector.region)
  if ('class' in selector)
    return among.filter((node) => placement.classOf[node]?.name === selector.class)
  const count =
    'count' in selector
      ? selector.count
      : Math.max(1, Math.round(selector.share * placement.classOf.length))
  return sample(random, among, count).toSorted(ascending)
}

/**
 * Groups that share no node: each draws among those that no earlier one has; `rest` gets what is
 * left at the end.
 */
export function selectGroups(
  groups: readonly Group[],
  nodes: readonly number[],
  placement: Placement,
  random: Random,
): number[][] {
  const taken = new Set<number>()
  const chosen = groups.map((group) => {
    if (group === 'rest') return undefined
    const free = nodes.filter((node) => !taken.has(node))
    const members = select(group, free, placement, random).filter((node) => !taken.has(node))
    for (const node of members) taken.add(node)
    return members
  })
  const rest = nodes.filter((node) => !taken.has(node))
  return chosen.map((members) => members ?? rest)
}

function ascending(a: number, b: number): number {
  return a - b
}
