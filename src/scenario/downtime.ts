import { isAbsence, type Fault, type TimedFault } from './fault.ts'

/** Tells whether a node takes transactions at a time, by the schedule of faults. */
export type IsUp = (node: number, atMs: number) => boolean

/**
 * A node that starts needs so long to have its links and what it missed: until then, who sends goes
 * elsewhere.
 */
const CATCH_UP_MS = 5_000

/**
 * The last `late` of `nodes` are away until they join. A paused node counts as away: it answers
 * nobody.
 */
export function uptimeOf(nodes: number, late: number, faults: readonly TimedFault[]): IsUp {
  const changes = Array.from({ length: nodes }, (_, node): Change[] => [
    { fromMs: -Infinity, isUp: node < nodes - late },
  ])
  for (const { atMs, fault } of faults) {
    const change = changeBy(fault, atMs)
    if (change === undefined || !('peers' in fault)) continue
    for (const peer of fault.peers) {
      const before = (changes[peer] ?? []).filter(({ fromMs }) => fromMs <= atMs)
      changes[peer] = [...before, change]
    }
  }
  return (node, atMs) => changes[node]?.findLast(({ fromMs }) => fromMs <= atMs)?.isUp ?? false
}

interface Change {
  readonly fromMs: number
  readonly isUp: boolean
}

function changeBy(fault: Fault, atMs: number): Change | undefined {
  if (isAbsence(fault)) return { fromMs: atMs, isUp: false }
  const { kind } = fault
  if (kind === 'restart' || kind === 'join') return { fromMs: atMs + CATCH_UP_MS, isUp: true }
  return kind === 'resume' ? { fromMs: atMs, isUp: true } : undefined
}
