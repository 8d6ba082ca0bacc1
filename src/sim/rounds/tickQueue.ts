/**
 * A bucket queue of small numbers by tick, on typed arrays: a wheel of `span` buckets, each a chain
 * of slots. Adding and taking cost the same few array accesses however many wait, where a binary
 * heap pays log2 of that number, and no object is made. Whatever is added is due less than `span`
 * ticks after the tick that is taken.
 */
export class TickQueue {
  readonly #span: number
  readonly #heads: Int32Array
  readonly #tails: Int32Array
  #next: Int32Array
  #values: Int32Array
  #free = -1
  #used = 0
  #size = 0

  /** @param span ticks that the wheel reaches ahead. */
  constructor(span: number, slots = 1024) {
    this.#span = span
    this.#heads = new Int32Array(span).fill(-1)
    this.#tails = new Int32Array(span).fill(-1)
    this.#next = new Int32Array(slots)
    this.#values = new Int32Array(slots)
  }

  /** Values that wait. */
  get size(): number {
    return this.#size
  }

  /**
   * Adds a value that is due at `tick`; those of one tick leave in the order in which they came.
   */
  add(tick: number, value: number): void {
    const slot = this.#slot()
    this.#values[slot] = value
    this.#next[slot] = -1
    const bucket = tick % this.#span
    const tail = this.#tails[bucket] ?? -1
    if (tail === -1) this.#heads[bucket] = slot
    else this.#next[tail] = slot
    this.#tails[bucket] = slot
    this.#size++
  }

  /** Takes one value that is due at `tick`; -1 where none is left. Values are not negative. */
  take(tick: number): number {
    const bucket = tick % this.#span
    const slot = this.#heads[bucket] ?? -1
    if (slot === -1) return -1
    const after = this.#next[slot] ?? -1
    this.#heads[bucket] = after
    if (after === -1) this.#tails[bucket] = -1
    this.#next[slot] = this.#free
    this.#free = slot
    this.#size--
    return this.#values[slot] ?? -1
  }

  #slot(): number {
    const free = this.#free
    if (free !== -1) {
      this.#free = this.#next[free] ?? -1
      return free
    }
    if (this.#used === this.#values.length) this.#grow()
    return this.#used++
  }

  #grow(): void {
    const length = this.#values.length * 2
    this.#next = grown(this.#next, length)
    this.#values = grown(this.#values, length)
  }
}

function grown(column: Int32Array, length: number): Int32Array {
  const larger = new Int32Array(length)
  larger.set(column)
  return larger
}
