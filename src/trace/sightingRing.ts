import type { Hash } from '../crypto/keccak.ts'
import { KINDS } from '../item/itemKinds.ts'
import { ROUTES } from '../item/route.ts'
import { assert } from '../lib/assert.ts'
import { codes, counts, floats, withRoomFor } from './growingColumn.ts'
import type { Sighting } from './trace.ts'

const ACTIONS: readonly Sighting['action'][] = ['accept', 'ignore', 'reject', 'hold', 'duplicate']

/** No record. */
export const NONE = -1

/**
 * The last sightings of this node in columns: one number per record, counted from 0 for ever, of
 * which the newest `capacity` are kept. Each record names the one before it of the same item, so
 * that an item's sightings are a chain from its newest back. Appending writes into arrays, which
 * grow until they hold `capacity`, and makes no object.
 */
export class SightingRing {
  readonly #capacity: number
  #next = 0
  readonly #hashes: Hash[] = []
  readonly #froms: string[] = []
  readonly #reasons: string[] = []
  #codes = codes(0)
  #receivedMs = floats(0)
  #judgedMs = floats(0)
  #queuedMs = floats(0)
  #bytes = counts(0)
  #previous = floats(0)

  /** @param capacity records kept; memory is taken as they come. */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** The number that the next record gets. */
  get next(): number {
    return this.#next
  }

  /** The oldest record that is still here. */
  get oldest(): number {
    return Math.max(0, this.#next - this.#capacity)
  }

  /**
   * Appends and answers the record's number. `hash` is the caller's copy of the text, kept instead
   * of the sighting's.
   */
  append(sighting: Sighting, hash: Hash, previous: number): number {
    const number = this.#next++
    const at = number % this.#capacity
    if (at >= this.#bytes.length) this.#grow(at)
    this.#hashes[at] = hash
    this.#froms[at] = sighting.from
    this.#reasons[at] = sighting.reason
    this.#codes[at] = codeOf(sighting)
    this.#receivedMs[at] = sighting.receivedMs
    this.#judgedMs[at] = sighting.judgedMs
    this.#queuedMs[at] = sighting.queuedMs
    this.#bytes[at] = sighting.bytes
    this.#previous[at] = previous
    return number
  }

  #grow(at: number): void {
    const capacity = this.#capacity
    this.#codes = withRoomFor(this.#codes, at, capacity, codes)
    this.#receivedMs = withRoomFor(this.#receivedMs, at, capacity, floats)
    this.#judgedMs = withRoomFor(this.#judgedMs, at, capacity, floats)
    this.#queuedMs = withRoomFor(this.#queuedMs, at, capacity, floats)
    this.#bytes = withRoomFor(this.#bytes, at, capacity, counts)
    this.#previous = withRoomFor(this.#previous, at, capacity, floats)
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
  read(number: number): Sighting {
    const at = number % this.#capacity
    const code = this.#codes[at] ?? 0
    const kind = KINDS[code >> 6]
    assert(kind !== undefined, 'a record has a kind of the table')
    return {
      kind,
      route: ROUTES[(code >> 3) & 7] ?? 'push',
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

/**
 * Kind, route and action in one number: three bits for the action, three for the route, the rest
 * for the kind.
 */
function codeOf({ kind, route, action }: Sighting): number {
  return (KINDS.indexOf(kind) << 6) | (ROUTES.indexOf(route) << 3) | ACTIONS.indexOf(action)
}
