/** How much may be taken at once, and how much over time. */
export interface BucketRate {
  /** What may be taken at once after a rest. */
  readonly burst: number
  /** Refilled continuously up to the burst. */
  readonly perSecond: number
}

/** A token bucket: allows a burst, then a steady rate. Time is an argument, in monotonic ms. */
export class TokenBucket {
  readonly #rate: BucketRate
  #tokens: number
  #atMs: number

  constructor(rate: BucketRate, nowMs: number) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#atMs = nowMs
  }

  /** Takes `count` tokens if they are there; takes none and answers false otherwise. */
  take(count: number, nowMs: number): boolean {
    const elapsedMs = Math.max(0, nowMs - this.#atMs)
    this.#atMs += elapsedMs
    this.#tokens = Math.min(
      this.#rate.burst,
      this.#tokens + (elapsedMs * this.#rate.perSecond) / 1000,
    )
    if (count > this.#tokens) return false
    this.#tokens -= count
    return true
  }
}
