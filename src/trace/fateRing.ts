import { floats, withRoomFor } from './growingColumn.ts'
import { NONE } from './sightingRing.ts'
import type { Fate } from './trace.ts'

/**
 * The last fates of this node's items, kept and chained as {@link SightingRing} keeps sightings.
 */
export class FateRing {
  readonly #capacity: number
  #next = 0
  readonly #fates: Fate[] = []
  #atMs = floats(0)
  #previous = floats(0)

  /** @param capacity records kept; memory is taken as they come. */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** The oldest record that is still here. */
  get oldest(): number {
    return Math.max(0, this.#next - this.#capacity)
  }

  /** Appends and answers the record's number. */
  append(fate: Fate, atMs: number, previous: number): number {
    const number = this.#next++
    const at = number % this.#capacity
    if (at >= this.#atMs.length) this.#grow(at)
    this.#fates[at] = fate
    this.#atMs[at] = atMs
    this.#previous[at] = previous
    return number
  }

  #grow(at: number): void {
    this.#atMs = withRoomFor(this.#atMs, at, this.#capacity, floats)
    this.#previous = withRoomFor(this.#previous, at, this.#capacity, floats)
  }

  /**
   * The record before this one of the same item; {@link NONE} if there was none or it has been
   * overwritten.
   */
  previous(number: number): number {
    const previous = this.#previous[number % this.#capacity] ?? NONE
    return previous >= this.oldest ? previous : NONE
  }

  /** A record that is still here. */
  read(number: number): { readonly fate: Fate; readonly atMs: number } | undefined {
    const at = number % this.#capacity
    const fate = this.#fates[at]
    return fate === undefined ? undefined : { fate, atMs: this.#atMs[at] ?? 0 }
  }
}
