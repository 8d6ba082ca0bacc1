import { NONE } from './sightingRing.ts'
import type { Fate } from './trace.ts'

/** The last fates of this node's items, kept and chained as {@link SightingRing} keeps sightings. */
export class FateRing {
  readonly #capacity: number
  #next = 0
  readonly #fates: Fate[] = []
  readonly #atMs: Float64Array
  readonly #previous: Float64Array

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#atMs = new Float64Array(capacity)
    this.#previous = new Float64Array(capacity)
  }

  get oldest(): number {
    return Math.max(0, this.#next - this.#capacity)
  }

  /** Appends and answers the record's number. */
  append(fate: Fate, atMs: number, previous: number): number {
    const number = this.#next++
    const at = number % this.#capacity
    this.#fates[at] = fate
    this.#atMs[at] = atMs
    this.#previous[at] = previous
    return number
  }

  /** The record before this one of the same item; {@link NONE} if there was none or it has been overwritten. */
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
