/** What a question comes to by what a node holds. */
import { maxOf, minOf } from '../lib/extremes.ts'
import { unitOf, type AggregateFunction, type Gauge } from './gauges.ts'
import { bucketEnd, bucketsOf, countOfMean, rootShare, sumOfMean, type Summary } from './summary.ts'

/** Each function; not finite where there is nothing to take it of. */
const VALUES: Readonly<Record<AggregateFunction, (held: Summary) => number>> = {
  count: (held) => countOfMean(held) / rootShare(held),
  sum: (held) => sumOfMean(held) / rootShare(held),
  mean: (held) => sumOfMean(held) / countOfMean(held),
  min: ({ min }) => min,
  max: ({ max }) => max,
  p50: (held) => quantile(held, 0.5),
  p90: (held) => quantile(held, 0.9),
  p99: (held) => quantile(held, 0.99),
}

/** An answer, and how sure it is. */
export interface Estimate {
  /** `undefined` where nothing was observed, or too little has come to this node. */
  readonly value: number | undefined
  readonly unit: string
  /**
   * Between the highest and the lowest estimate of this node and of its last partners; in the unit
   * of the value.
   */
  readonly spread: number
  /** The nodes that took part, estimated. */
  readonly nodes: number | undefined
}

/** The answer of a node that holds `own` and whose last partners held `others`. */
export function estimate(
  what: AggregateFunction,
  gauge: Gauge,
  own: Summary,
  others: readonly Summary[],
): Estimate {
  const values = [own, ...others]
    .map((summary) => valueOf(what, summary))
    .filter((value) => value !== undefined)
  const share = rootShare(own)
  return {
    value: valueOf(what, own),
    unit: unitOf(what, gauge),
    spread: values.length === 0 ? 0 : maxOf(values) - minOf(values),
    nodes: share > 0 ? Math.round(1 / share) : undefined,
  }
}

/** The value by one summary; `undefined` where it has none. */
export function valueOf(what: AggregateFunction, summary: Summary): number | undefined {
  const value = VALUES[what](summary)
  return Number.isFinite(value) ? value : undefined
}

/** Linear within its bucket, and never beyond the extrema: at most one bucket from the true one. */
function quantile(held: Summary, share: number): number {
  const { min, max } = held
  const count = countOfMean(held)
  if (count === 0) return NaN
  const wanted = share * count
  let below = 0
  for (const [at, mass] of bucketsOf(held).entries()) {
    if (mass > 0 && below + mass >= wanted) {
      const from = at === 0 ? 0 : bucketEnd(at - 1)
      const value = from + ((wanted - below) / mass) * (bucketEnd(at) - from)
      return Math.min(max, Math.max(min, value))
    }
    below += mass
  }
  return max
}
