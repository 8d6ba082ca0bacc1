/** What a question comes to by what a node holds. */
import { unitOf, type AggregateFunction, type Query } from './gauges.ts'
import { bucketEnd, gaugeOf, rootShare, type GaugeSummary, type Summary } from './summary.ts'

/** Each function of a gauge and the share of the root; not finite where there is nothing to take it of. */
const VALUES: Readonly<Record<AggregateFunction, (held: GaugeSummary, share: number) => number>> = {
  count: ({ count }, share) => count / share,
  sum: ({ sum }, share) => sum / share,
  mean: ({ sum, count }) => sum / count,
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
  /** Between the highest and the lowest estimate of this node and of its last partners; in the unit of the value. */
  readonly spread: number
  /** The nodes that took part, estimated. */
  readonly nodes: number | undefined
}

/** The answer of a node that holds `own` and whose last partners held `others`. */
export function estimate(query: Query, own: Summary, others: readonly Summary[]): Estimate {
  const values = [own, ...others]
    .map((summary) => valueOf(query, summary))
    .filter((value) => value !== undefined)
  const share = rootShare(own)
  return {
    value: valueOf(query, own),
    unit: unitOf(query),
    spread: values.length === 0 ? 0 : Math.max(...values) - Math.min(...values),
    nodes: share > 0 ? Math.round(1 / share) : undefined,
  }
}

/** The value by one summary; `undefined` where it has none. */
export function valueOf({ what, gauge }: Query, summary: Summary): number | undefined {
  const value = VALUES[what](gaugeOf(summary, gauge), rootShare(summary))
  return Number.isFinite(value) ? value : undefined
}

/** Linear within its bucket, and never beyond the extrema: at most one bucket from the true one. */
function quantile({ count, min, max, buckets }: GaugeSummary, share: number): number {
  if (count === 0) return NaN
  const wanted = share * count
  let below = 0
  for (const [at, mass] of buckets.entries()) {
    if (mass > 0 && below + mass >= wanted) {
      const from = at === 0 ? 0 : bucketEnd(at - 1)
      const value = from + ((wanted - below) / mass) * (bucketEnd(at) - from)
      return Math.min(max, Math.max(min, value))
    }
    below += mass
  }
  return max
}
