/**
 * Nearest-rank percentile: the smallest value with at least `percent` per cent of the values at or below it.
 * It is always one of the measured values. `undefined` without values.
 */
export function percentile(ascending: readonly number[], percent: number): number | undefined {
  if (ascending.length === 0) return undefined
  const rank = Math.ceil((percent / 100) * ascending.length)
  return ascending[Math.max(0, rank - 1)]
}

/** The four figures by which every latency is reported, in ms. */
export interface LatencySummary {
  readonly count: number
  readonly p50: number | null
  readonly p90: number | null
  readonly p99: number | null
  readonly max: number | null
}

/** Summary of latencies in any order; `null` where there is no value. Rounded to microseconds. */
export function summarise(latenciesMs: readonly number[]): LatencySummary {
  const ascending = [...latenciesMs].sort((a, b) => a - b)
  const at = (percent: number): number | null => {
    const value = percentile(ascending, percent)
    return value === undefined ? null : roundMs(value)
  }
  return { count: ascending.length, p50: at(50), p90: at(90), p99: at(99), max: at(100) }
}

/** Rounded to microseconds. */
export function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
