/**
 * Reads the fields of an RLP structure one after another, knowing what each must be.
 *
 * As strict as `lib/rlp.ts` (a test holds the two equal), and it stops at the first wrong field
 * without having built the rest: ten million one-byte items cost the sender's bandwidth, not our
 * memory. A defect is kept and every later read answers a neutral value, so a caller asks for
 * `defect` once, at the end.
 */
import { EMPTY_BYTES, type Hex } from '../lib/bytes.ts'
import type { TxDefect, TxDefectReason } from './defect.ts'

/** Reads the fields of a transaction in order and keeps the first defect. */
export class FieldReader {
  /** The first thing that was wrong. */
  defect: TxDefect | undefined
  readonly #data: Uint8Array
  readonly #text: Buffer
  readonly #words: DataView
  #at: number
  #end: number
  #start = 0
  #length = 0

  /** Reads `data` from `at` on; what it answers as bytes are views into `data`. */
  constructor(data: Uint8Array, at: number) {
    this.#data = data
    this.#text = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    this.#words = new DataView(data.buffer, data.byteOffset, data.byteLength)
    this.#at = at
    this.#end = data.length
  }

  /**
   * Whether the list that was entered last has no more items; true after a defect, so that loops
   * end.
   */
  get atEnd(): boolean {
    return this.defect !== undefined || this.#at >= this.#end
  }

  /** Whether the next item is a list. */
  get nextIsList(): boolean {
    return !this.atEnd && (this.#data[this.#at] ?? 0) >= 0xc0
  }

  /** Enters a list and answers the end of the enclosing one, which {@link leave} wants back. */
  enter(field: string): number {
    const outerEnd = this.#end
    if (!this.#readPrefix(field)) return outerEnd
    if (!this.#isList()) this.fail('list-expected', `${field} is not a list`)
    this.#end = this.#start + this.#length
    this.#at = this.#start
    return outerEnd
  }

  /** Leaves a list, which must have been read to its end. */
  leave(field: string, outerEnd: number): void {
    if (this.defect === undefined && this.#at !== this.#end)
      this.fail('wrong-field-count', `${field} has more items than it should`)
    this.#end = outerEnd
  }

  /** Nothing may follow. */
  finish(): void {
    if (this.defect === undefined && this.#at !== this.#end)
      this.fail('rlp-trailing-bytes', `${this.#end - this.#at} bytes follow the transaction`)
  }

  /** An unsigned integer of at most `maxBytes`, big-endian without leading zeros. */
  uint(field: string, maxBytes: number): bigint {
    if (!this.#readString(field) || this.#length === 0) return 0n
    if (this.#data[this.#start] === 0) {
      this.fail('leading-zero', `${field} is an integer with a leading zero byte`)
      return 0n
    }
    if (this.#length > maxBytes) {
      this.fail('integer-too-large', `${field} is over ${maxBytes * 8} bits`)
      return 0n
    }
    return this.#integer()
  }

  /** A string of any length. */
  bytes(field: string): Uint8Array {
    if (!this.#readString(field) || this.#length === 0) return EMPTY_BYTES
    return this.#data.subarray(this.#start, this.#start + this.#length)
  }

  /** A string of exactly `length` bytes, as hex. */
  hex(field: string, length: number): Hex {
    return this.optionalHex(field, length) ?? this.#wrongLength(field, length)
  }

  /** A string of exactly `length` bytes, as hex, or `undefined` for an empty one. */
  optionalHex(field: string, length: number): Hex | undefined {
    if (!this.#readString(field) || this.#length === 0) return undefined
    if (this.#length !== length) return this.#wrongLength(field, length)
    return `0x${this.#text.toString('hex', this.#start, this.#start + length)}`
  }

  /** Keeps the first defect: what follows it is noise. */
  fail(reason: TxDefectReason, message: string): void {
    this.defect ??= { reason, message }
  }

  #wrongLength(field: string, length: number): Hex {
    this.fail('wrong-length', `${field} has ${this.#length} bytes, it must have ${length}`)
    return '0x'
  }

  /**
   * First the bytes that do not fill a 64-bit word (six at a time are exact in a double), then word
   * by word.
   */
  #integer(): bigint {
    const end = this.#start + this.#length
    const odd = this.#length % 8
    let at = this.#start
    let head = 0
    for (const exact = at + Math.min(odd, 6); at < exact; at++)
      head = head * 256 + (this.#data[at] ?? 0)
    let value = BigInt(head)
    if (odd === 7) value = (value << 8n) | BigInt(this.#data[at++] ?? 0)
    for (; at < end; at += 8) value = (value << 64n) | this.#words.getBigUint64(at)
    return value
  }

  #isList(): boolean {
    return (this.#data[this.#at] ?? 0) >= 0xc0
  }

  /** Reads a string's prefix and moves past the string. */
  #readString(field: string): boolean {
    if (!this.#readPrefix(field)) return false
    if (this.#isList()) {
      this.fail('string-expected', `${field} is a list where a string belongs`)
      return false
    }
    this.#at = this.#start + this.#length
    return true
  }

  /**
   * Finds where the payload of the next item starts and how long it is; the cursor stays at the
   * prefix.
   */
  #readPrefix(field: string): boolean {
    this.#start = this.#length = 0
    if (this.defect !== undefined) return false
    if (this.#at >= this.#end) {
      this.fail('wrong-field-count', `${field} is missing`)
      return false
    }
    const prefix = this.#data[this.#at] ?? 0
    if (prefix < 0x80) {
      this.#start = this.#at
      this.#length = 1
      return true
    }
    const short = prefix < 0xc0 ? prefix - 0x80 : prefix - 0xc0
    return short <= 55 ? this.#shortForm(field, prefix, short) : this.#longForm(field, short - 55)
  }

  #shortForm(field: string, prefix: number, length: number): boolean {
    this.#start = this.#at + 1
    this.#length = length
    if (prefix === 0x81 && (this.#data[this.#start] ?? 0x80) < 0x80)
      this.fail('rlp-single-byte-prefixed', `${field} is one byte that needs no prefix`)
    return this.#fits(field)
  }

  #longForm(field: string, lengthBytes: number): boolean {
    const first = this.#at + 1
    this.#start = first + lengthBytes
    if (this.#start > this.#end) return this.#fits(field)
    let length = 0
    for (let at = first; at < this.#start; at++) length = length * 256 + (this.#data[at] ?? 0)
    this.#length = length
    if (this.#data[first] === 0 || length <= 55)
      this.fail('rlp-non-canonical-size', `the length of ${field} is not in its shortest form`)
    return this.#fits(field)
  }

  #fits(field: string): boolean {
    if (this.#start + this.#length > this.#end)
      this.fail('rlp-truncated', `${field} runs past the end of what holds it`)
    return this.defect === undefined
  }
}
