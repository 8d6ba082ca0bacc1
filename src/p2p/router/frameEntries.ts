/**
 * Counts what a gossip frame makes us do, before it is decoded. Decoding allocates for every entry,
 * and the limits of the decoder multiply: 512 announcements of 5,000 ids each are 2.5 million
 * objects of one frame of 10 MiB. Here the fields are walked over without a copy, and no further
 * than the bound.
 */

/** Fields that hold messages, by number, and what those hold in turn. */
interface Shape {
  readonly [field: number]: Shape
}

const FLAT: Shape = {}

/**
 * RPC of gossipsub v1.2: subscriptions, messages, control (ihave, iwant, graft, prune with its
 * peers, idontwant).
 */
const FRAME: Shape = {
  1: FLAT,
  2: FLAT,
  3: { 1: FLAT, 2: FLAT, 3: FLAT, 4: { 2: FLAT }, 5: FLAT },
}

/** Of protobuf's wire types; groups (3 and 4) are in no message of gossipsub. */
const VARINT = 0
const FIXED_64 = 1
const LENGTH_DELIMITED = 2
const FIXED_32 = 5

/**
 * The fields of a frame, those of the messages in it included, counted up to one more than `max`. A
 * frame that is not well-formed counts as what could be read of it, for the decoder to refuse; one
 * with groups counts as too much.
 */
export function countEntries(frame: Uint8Array, max: number): number {
  const walk = new Walk(frame, max)
  walk.through(frame.length, FRAME)
  return walk.entries
}

class Walk {
  readonly #bytes: Uint8Array
  readonly #max: number
  #at = 0
  entries = 0

  constructor(bytes: Uint8Array, max: number) {
    this.#bytes = bytes
    this.#max = max
  }

  /** Walks over the fields up to `end`. */
  through(end: number, shape: Shape): void {
    while (this.#at < end && this.entries <= this.#max) {
      this.entries++
      const tag = this.#varint()
      const type = tag & 7
      if (type === VARINT) this.#varint()
      else if (type === FIXED_64) this.#at += 8
      else if (type === FIXED_32) this.#at += 4
      else if (type === LENGTH_DELIMITED) this.#value(end, shape[tag >>> 3])
      else this.entries = this.#max + 1
    }
  }

  #value(end: number, inner: Shape | undefined): void {
    const length = this.#varint()
    const valueEnd = Math.min(this.#at + length, end)
    if (inner !== undefined) this.through(valueEnd, inner)
    this.#at = valueEnd
  }

  /** Exact below 2^53; beyond it, and past the end of the bytes, large enough to end the walk. */
  #varint(): number {
    let value = 0
    for (let factor = 1; this.#at < this.#bytes.length; factor *= 128) {
      const byte = this.#bytes[this.#at++] ?? 0
      value += (byte & 127) * factor
      if (byte < 128) break
    }
    return value
  }
}
