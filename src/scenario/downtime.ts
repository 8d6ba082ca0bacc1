import type { TimedFault } from './fault.ts'

/** Tells whether a node runs at a time, by the schedule of faults. */
export type IsUp = (node: number, atMs: number) => boolean

/** The last `late` of `nodes` are away until they join. A paused node counts as away: it answers nobody. */
export function uptimeOf(nodes: number, late: number, faults: readonly TimedFault[]): IsUp {
  const changes = Array.from({ length: nodes }, (_, node) => [
    { atMs: -Infinity, isUp: node < nodes - late },
  ])
  for (const { atMs, fault } of faults) {
    const isUp = fault.kind === 'restart' || fault.kind === 'join' || fault.kind === 'resume'
    if (!isUp && fault.kind !== 'kill' && fault.kind !== 'pause') continue
    for (const peer of fault.peers) changes[peer]?.push({ atMs, isUp })
  }
  return (node, atMs) => changes[node]?.findLast((change) => change.atMs <= atMs)?.isUp ?? false
}
