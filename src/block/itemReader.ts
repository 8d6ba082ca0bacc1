import { asAddress, type Address, ZERO_ADDRESS } from '../crypto/address.ts'
import { asHash, type Hash } from '../crypto/keccak.ts'
import { bytesToBigint, EMPTY_BYTES } from '../lib/bytes.ts'
import type { RlpItem } from '../lib/rlp.ts'
import { blockDefect, type BlockDefect, type BlockDefectReason } from './defect.ts'

const ZERO_HASH = asHash(new Uint8Array(32))

/**
 * Reads the fields of an RLP list in their order. A malformed field answers a stand-in and leaves
 * its defect in {@link ItemReader.defect}; the first one stays, so that a decoder checks once, at
 * its end.
 */
export class ItemReader {
  defect: BlockDefect | undefined
  readonly #fields: readonly RlpItem[]
  readonly #malformed: BlockDefectReason
  #next = 0

  constructor(fields: readonly RlpItem[], malformed: BlockDefectReason) {
    this.#fields = fields
    this.#malformed = malformed
  }

  hash(name: string): Hash {
    const bytes = this.fixedBytes(name, 32)
    return bytes.length === 32 ? asHash(bytes) : ZERO_HASH
  }

  address(name: string): Address {
    const bytes = this.fixedBytes(name, 20)
    return bytes.length === 20 ? asAddress(bytes) : ZERO_ADDRESS
  }

  /** Exactly `length` bytes. */
  fixedBytes(name: string, length: number): Uint8Array {
    const bytes = this.bytes(name)
    if (bytes.length === length) return bytes
    return this.#fail(`${name} has ${bytes.length} bytes, not ${length}`)
  }

  /** Big-endian without leading zeros, of at most `maxBytes`. */
  integer(name: string, maxBytes: number): bigint {
    const bytes = this.bytes(name)
    if (bytes.length > maxBytes) {
      this.#fail(`${name} is an integer of ${bytes.length} bytes, more than ${maxBytes}`)
      return 0n
    }
    if (bytes[0] === 0) this.#fail(`${name} is an integer with leading zeros`)
    return bytesToBigint(bytes)
  }

  bytes(name: string): Uint8Array {
    const item = this.#fields[this.#next++]
    if (item instanceof Uint8Array) return item
    return this.#fail(`${name} is ${item === undefined ? 'missing' : 'a list'}, not a byte string`)
  }

  #fail(message: string): Uint8Array {
    this.defect ??= blockDefect(this.#malformed, message)
    return EMPTY_BYTES
  }
}
