import type { Propagation } from './propagation.ts'

/** The regions between which latencies were measured, in alphabetical order. */
export function regionNames(regions: Propagation['regions']): string[] {
  return [...new Set(regions.flatMap(({ from, to }) => [from, to]))].toSorted()
}
