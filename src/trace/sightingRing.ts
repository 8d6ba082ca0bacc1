import type { Hash } from '../crypto/keccak.ts'
import type { ItemKind, Sighting } from './trace.ts'

const KINDS: readonly ItemKind[] = ['tx', 'block']
const ACTIONS: readonly Sighting['action'][] = ['accept', 'ignore', 'reject', 'hold', 'duplicate']

/** No record. */
export const NONE = -1

/**
 * The last sightings of this node in columns: one number per record, counted from 0 for ever, of which the
 * newest `capacity` are kept. Each record names the one before it of the same item, so that an item's sightings
 * are a chain from its newest back. Appending writes into arrays that exist already and makes no object.
 */
export class SightingRing {
  readonly #capacity: number
  #next = 0
  readonly #hashes: Hash[] = []
  readonly #froms: string[] = []
  readonly #reasons: string[] = []
  readonly #kindsAndActions: Uint8Array
  readonly #receivedMs: Float64Array
  readonly #judgedMs: Float64Array
  readonly #queuedMs: Float64Array
  readonly #bytes: Uint32Array
  readonly #previous: Float64Array

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#kindsAndActions = new Uint8Array(capacity)
    this.#receivedMs = new Float64Array(capacity)
    this.#judgedMs = new Float64Array(capacity)
    this.#queuedMs = new Float64Array(capacity)
    this.#bytes = new Uint32Array(capacity)
    this.#previous = new Float64Array(capacity)
  }

  /** The number that the next record gets. */
  get next(): number {
    return this.#next
  }

  /** The oldest record that is still here. */
  get oldest(): number {
    return Math.max(0, this.#next - this.#capacity)
  }

  /** Appends and answers the record's number. `hash` is the caller's copy of the text, kept instead of the sighting's. */
  append(sighting: Sighting, hash: Hash, previous: number): number {
    const number = this.#next++
    const at = number % this.#capacity
    this.#hashes[at] = hash
    this.#froms[at] = sighting.from
    this.#reasons[at] = sighting.reason
    this.#kindsAndActions[at] = KINDS.indexOf(sighting.kind) * 8 + ACTIONS.indexOf(sighting.action)
    this.#receivedMs[at] = sighting.receivedMs
    this.#judgedMs[at] = sighting.judgedMs
    this.#queuedMs[at] = sighting.queuedMs
    this.#bytes[at] = sighting.bytes
    this.#previous[at] = previous
    return number
  }

  /** The record before this one of the same item; {@link NONE} if there was none or it has been overwritten. */
  previous(number: number): number {
    const previous = this.#previous[number % this.#capacity] ?? NONE
    return previous >= this.oldest ? previous : NONE
  }

  /** A record that is still here. */
  read(number: number): Sighting {
    const at = number % this.#capacity
    const code = this.#kindsAndActions[at] ?? 0
    return {
      kind: KINDS[code >> 3] ?? 'tx',
      hash: this.#hashes[at] ?? ('0x' as Hash),
      from: this.#froms[at] ?? '',
      receivedMs: this.#receivedMs[at] ?? 0,
      judgedMs: this.#judgedMs[at] ?? 0,
      queuedMs: this.#queuedMs[at] ?? 0,
      action: ACTIONS[code & 7] ?? 'ignore',
      reason: this.#reasons[at] ?? '',
      bytes: this.#bytes[at] ?? 0,
    }
  }
}
