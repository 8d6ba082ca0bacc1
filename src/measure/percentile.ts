/**
 * Percentiles by nearest rank, also where some of the values are not known because what they time
 * had not happened when the measurement ended (right-censored values).
 */
import { maxOf } from '../lib/extremes.ts'

/**
 * The smallest of `ascending` with at least `percent` per cent of `count` values at or below it, so
 * always one of the values. `count` is larger than the list where the largest are not known.
 * `undefined` where the value is one of those, and without values.
 */
export function percentile(
  ascending: readonly number[],
  percent: number,
  count: number = ascending.length,
): number | undefined {
  const rank = Math.ceil((percent * count) / 100)
  return ascending[rank < 1 ? 0 : rank - 1]
}

/** The four figures by which durations are summed up, ms. */
export interface Percentiles {
  readonly p50: number | null
  readonly p90: number | null
  readonly p99: number | null
  readonly max: number | null
}

/**
 * The figures by which every latency is reported, in ms. A figure among the values that are not
 * known is null.
 */
export interface LatencySummary extends Percentiles {
  /** Values that are known. */
  readonly count: number
  /** Values that there would be if all had happened. */
  readonly of: number
  /** For each figure that is null, what it is at least; null where all values are known. */
  readonly atLeast: Percentiles | null
  /**
   * Bound on how far the clocks can have moved any of the four; 0 where all was read from one
   * clock.
   */
  readonly errorMs: number
}

/** What is known of durations besides their values. */
export interface SummaryOptions {
  /** Where several clocks were read, the bound on the error of each value, ms. */
  readonly errorsMs?: readonly number[]
  /**
   * For each duration whose end was not seen, how long it was waited for, ms: it lasted at least so
   * long.
   */
  readonly unendedMs?: readonly number[]
}

const PERCENTS = { p50: 50, p90: 90, p99: 99, max: 100 } as const
const NAMES = ['p50', 'p90', 'p99', 'max'] as const

/**
 * Summary of durations in any order, rounded to microseconds. Those whose end was not seen count as
 * longer than all others: a percentile that falls among them is null, and `atLeast` has its lower
 * bound.
 */
export function summarise(
  durationsMs: readonly number[],
  { errorsMs = [], unendedMs = [] }: SummaryOptions = {},
): LatencySummary {
  const ascending = ascendingOf(durationsMs)
  const of = ascending.length + unendedMs.length
  const figures = eachOf((percent) => percentile(ascending, percent, of))
  return {
    count: ascending.length,
    of,
    ...figures,
    atLeast: unendedMs.length === 0 ? null : lowerBounds(durationsMs, unendedMs, figures),
    errorMs: summaryErrorMs(durationsMs, errorsMs, of),
  }
}

/**
 * A percentile grows with every value it is of, so with what each lasted at least it is what it is
 * at least.
 */
function lowerBounds(
  durationsMs: readonly number[],
  unendedMs: readonly number[],
  figures: Percentiles,
): Percentiles {
  const least = ascendingOf([...durationsMs, ...unendedMs])
  const bounds = eachOf((percent) => percentile(least, percent))
  return forEachName((name) => (figures[name] === null ? bounds[name] : null))
}

/**
 * A percentile grows with every value it is of. So that of the true latencies lies between those of
 * all latencies less their errors and of all latencies with them: less than the largest error where
 * the errors differ.
 */
function summaryErrorMs(
  durationsMs: readonly number[],
  errorsMs: readonly number[],
  of: number,
): number {
  if (!errorsMs.some((ms) => ms > 0)) return 0
  const shifted = (sign: -1 | 0 | 1): number[] =>
    ascendingOf(durationsMs.map((ms, at) => ms + sign * (errorsMs[at] ?? 0)))
  const [least, measured, most] = [shifted(-1), shifted(0), shifted(1)]
  const errors = NAMES.flatMap((name) => {
    const [low = 0, value = 0, high = 0] = [least, measured, most].map((list) =>
      percentile(list, PERCENTS[name], of),
    )
    return [value - low, high - value]
  })
  return Math.ceil(maxOf(errors) * 1000) / 1000
}

function eachOf(value: (percent: number) => number | undefined): Percentiles {
  return forEachName((name) => {
    const found = value(PERCENTS[name])
    return found === undefined ? null : roundMs(found)
  })
}

function forEachName(of: (name: keyof Percentiles) => number | null): Percentiles {
  return { p50: of('p50'), p90: of('p90'), p99: of('p99'), max: of('max') }
}

function ascendingOf(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b)
}

/** Milliseconds rounded to microseconds. */
export function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
