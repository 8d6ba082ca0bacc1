/**
 * A queue of what is due, by time. All that is due at one time shares a bucket and leaves in the
 * order in which it came. A binary heap orders the distinct times alone, so that many items at few
 * times (virtual time in ticks) cost one look-up each, and a time is found in O(log of the distinct
 * times).
 */
export class BucketQueue<T> {
  readonly #buckets = new Map<number, T[]>()
  /** The distinct times, as a binary heap. */
  readonly #times: number[] = []
  #size = 0

  /** Items that wait. */
  get size(): number {
    return this.#size
  }

  /** The least time at which anything is due; Infinity if nothing is. */
  get nextTime(): number {
    return this.#times[0] ?? Infinity
  }

  add(time: number, item: T): void {
    this.#size++
    const bucket = this.#buckets.get(time)
    if (bucket !== undefined) {
      bucket.push(item)
      return
    }
    this.#buckets.set(time, [item])
    this.#rise(time)
  }

  /**
   * Takes out all that is due at {@link nextTime}; what is added at that time later makes a bucket
   * of its own.
   */
  take(): readonly T[] {
    const [time] = this.#times
    if (time === undefined) return []
    const bucket = this.#buckets.get(time) ?? []
    this.#buckets.delete(time)
    this.#size -= bucket.length
    const last = this.#times.pop()
    if (last !== undefined && this.#times.length > 0) this.#sink(last)
    return bucket
  }

  clear(): void {
    this.#buckets.clear()
    this.#times.length = 0
    this.#size = 0
  }

  #rise(time: number): void {
    let at = this.#times.length
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = this.#times[above]
      if (parent === undefined || parent <= time) break
      this.#times[at] = parent
      at = above
    }
    this.#times[at] = time
  }

  /** Puts `time` in the place of the first. */
  #sink(time: number): void {
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const below =
        (this.#times[left + 1] ?? Infinity) < (this.#times[left] ?? Infinity) ? left + 1 : left
      const child = this.#times[below]
      if (child === undefined || child >= time) break
      this.#times[at] = child
      at = below
    }
    this.#times[at] = time
  }
}
