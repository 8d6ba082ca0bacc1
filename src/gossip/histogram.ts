/**
 * The distribution of a duration, as plain data; `counts` has one more entry than `boundsMs`, for
 * what is above all.
 */
export interface HistogramView {
  readonly boundsMs: readonly number[]
  readonly counts: readonly number[]
  readonly sumMs: number
  readonly count: number
}

/** Counts durations in fixed buckets: bounded, and one look-up per duration. */
export class Histogram {
  readonly #boundsMs: readonly number[]
  readonly #counts: number[]
  #sumMs = 0
  #count = 0

  /** `boundsMs` must ascend; a bound belongs to its bucket. */
  constructor(boundsMs: readonly number[]) {
    this.#boundsMs = boundsMs
    this.#counts = Array.from({ length: boundsMs.length + 1 }, () => 0)
  }

  record(ms: number): void {
    let bucket = 0
    while (bucket < this.#boundsMs.length && ms > (this.#boundsMs[bucket] ?? 0)) bucket++
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#sumMs += ms
    this.#count++
  }

  view(): HistogramView {
    return {
      boundsMs: this.#boundsMs,
      counts: [...this.#counts],
      sumMs: this.#sumMs,
      count: this.#count,
    }
  }
}
