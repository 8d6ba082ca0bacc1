/**
 * Nearest-rank percentile: the smallest value with at least `percent` per cent of the values at or below it.
 * It is always one of the measured values. `undefined` without values.
 */
export function percentile(ascending: readonly number[], percent: number): number | undefined {
  if (ascending.length === 0) return undefined
  const rank = Math.ceil((percent / 100) * ascending.length)
  return ascending[Math.max(0, rank - 1)]
}

/** The figures by which every latency is reported, in ms. */
export interface LatencySummary {
  readonly count: number
  readonly p50: number | null
  readonly p90: number | null
  readonly p99: number | null
  readonly max: number | null
  /** Bound on how far the clocks can have moved any of the four; 0 where all was read from one clock. */
  readonly errorMs: number
}

const PERCENTS = [50, 90, 99, 100] as const

/**
 * Summary of latencies in any order; `null` where there is no value. Rounded to microseconds. `errorsMs` has, where
 * several clocks were read, the bound on the error of each.
 */
export function summarise(
  latenciesMs: readonly number[],
  errorsMs: readonly number[] = [],
): LatencySummary {
  const ascending = ascendingOf(latenciesMs)
  const at = (percent: number): number | null => {
    const value = percentile(ascending, percent)
    return value === undefined ? null : roundMs(value)
  }
  return {
    count: ascending.length,
    p50: at(50),
    p90: at(90),
    p99: at(99),
    max: at(100),
    errorMs: summaryErrorMs(latenciesMs, errorsMs),
  }
}

/**
 * A percentile grows with every value it is of. So that of the true latencies lies between those of all latencies less
 * their errors and of all latencies with them: less than the largest error where the errors differ.
 */
function summaryErrorMs(latenciesMs: readonly number[], errorsMs: readonly number[]): number {
  if (!errorsMs.some((ms) => ms > 0)) return 0
  const shifted = (sign: -1 | 0 | 1): number[] =>
    ascendingOf(latenciesMs.map((ms, at) => ms + sign * (errorsMs[at] ?? 0)))
  const [least, measured, most] = [shifted(-1), shifted(0), shifted(1)]
  const errors = PERCENTS.flatMap((percent) => {
    const [low = 0, value = 0, high = 0] = [least, measured, most].map((list) =>
      percentile(list, percent),
    )
    return [value - low, high - value]
  })
  return Math.ceil(Math.max(...errors) * 1000) / 1000
}

function ascendingOf(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b)
}

/** Rounded to microseconds. */
export function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
