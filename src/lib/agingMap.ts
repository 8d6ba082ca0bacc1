/**
 * What was seen first, for a time and up to a number: a key keeps the value and the age of its
 * first setting. Beyond the number the oldest leaves, one for each that comes, so that a flood
 * pushes out the past and never everything at once.
 *
 * The order of age is a ring of places. A Map's own order would do, but finding its oldest entry
 * walks over the places of deleted ones.
 */
import { assert } from './assert.ts'

/** How many entries an {@link AgingMap} holds, and for how long. */
export interface AgingBounds {
  readonly maxEntries: number
  readonly maxAgeMs: number
}

/**
 * A map that is bounded in number and in age, oldest out first. Times are those of one clock, ms,
 * and come as arguments.
 */
export class AgingMap<V> {
  readonly #bounds: AgingBounds
  /**
   * The place of each key, counted from the first that ever came; it stands in the ring at this
   * modulo the bound.
   */
  readonly #places = new Map<string, number>()
  readonly #keys: string[] = []
  readonly #values: V[] = []
  readonly #setMs: number[] = []
  #next = 0
  #oldest = 0

  constructor(bounds: AgingBounds) {
    assert(bounds.maxEntries >= 1, 'an AgingMap holds at least one entry')
    this.#bounds = bounds
  }

  get size(): number {
    return this.#places.size
  }

  has(key: string): boolean {
    return this.#places.has(key)
  }

  get(key: string): V | undefined {
    const place = this.#places.get(key)
    return place === undefined ? undefined : this.#values[place % this.#bounds.maxEntries]
  }

  /**
   * Answers whether the key is new; the value and the age of one that is there stay as they are.
   */
  set(key: string, value: V, nowMs: number): boolean {
    if (this.#places.has(key)) return false
    if (this.#next - this.#oldest === this.#bounds.maxEntries) this.#dropOldest()
    const place = this.#next++
    const at = place % this.#bounds.maxEntries
    this.#keys[at] = key
    this.#values[at] = value
    this.#setMs[at] = nowMs
    this.#places.set(key, place)
    return true
  }

  /** The place stays taken until its turn comes. */
  delete(key: string): boolean {
    return this.#places.delete(key)
  }

  /** Drops what is older than the bound. */
  prune(nowMs: number): void {
    const beforeMs = nowMs - this.#bounds.maxAgeMs
    while (this.#oldest < this.#next && this.#oldestMs() < beforeMs) this.#dropOldest()
  }

  clear(): void {
    this.#places.clear()
    this.#keys.length = this.#values.length = this.#setMs.length = 0
    this.#next = this.#oldest = 0
  }

  assertInvariants(): void {
    const { maxEntries } = this.#bounds
    assert(this.#places.size <= this.#next - this.#oldest, 'every entry has its place')
    assert(this.#next - this.#oldest <= maxEntries, 'places are bounded')
    for (const [key, place] of this.#places) {
      assert(place >= this.#oldest && place < this.#next, 'a place is in the ring')
      assert(this.#keys[place % maxEntries] === key, 'and belongs to its key')
    }
  }

  #oldestMs(): number {
    return this.#setMs[this.#oldest % this.#bounds.maxEntries] ?? 0
  }

  /** The key of a place may have been deleted since, and set again elsewhere. */
  #dropOldest(): void {
    const place = this.#oldest++
    const key = this.#keys[place % this.#bounds.maxEntries]
    if (key !== undefined && this.#places.get(key) === place) this.#places.delete(key)
  }
}
