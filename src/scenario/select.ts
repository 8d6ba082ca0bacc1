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
 * Groups that share no node: those that say which nodes they mean come first, the others draw among
 * the nodes that are left, and `rest` gets what is left at the end.
 */
export function selectGroups(
  groups: readonly Group[],
  nodes: readonly number[],
  placement: Placement,
  random: Random,
): number[][] {
  const taken = new Set<number>()
  const take = (group: Selector): number[] => {
    const free = nodes.filter((node) => !taken.has(node))
    const members = select(group, free, placement, random).filter((node) => !taken.has(node))
    for (const node of members) taken.add(node)
    return members
  }
  const named = groups.map((group) => (isNamed(group) ? take(group) : undefined))
  const chosen = groups.map((group, index) =>
    group === 'rest' || isNamed(group) ? named[index] : take(group),
  )
  const rest = nodes.filter((node) => !taken.has(node))
  return chosen.map((members) => members ?? rest)
}

/** Whether a group says which nodes it means, and draws none. */
export function isNamed(group: Group): group is Selector {
  return group !== 'rest' && (Array.isArray(group) || 'region' in group || 'class' in group)
}

function ascending(a: number, b: number): number {
  return a - b
}
