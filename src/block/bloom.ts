import type { Address } from '../crypto/address.ts'
import { keccak256, type Hash } from '../crypto/keccak.ts'
import { hexToBytes } from '../lib/bytes.ts'
import { BLOOM_BYTES } from './header.ts'

/** What a contract reported while it ran. */
export interface Log {
  readonly address: Address
  readonly topics: readonly Hash[]
  readonly data: Uint8Array
}

/** The bloom of no logs. A fresh one each time: byte arrays can be changed. */
export function emptyBloom(): Uint8Array {
  return new Uint8Array(BLOOM_BYTES)
}

/**
 * 256 bytes in which each address and topic of `logs` has set up to three bits (Yellow Paper,
 * section 4.3.1).
 */
export function logsBloom(logs: readonly Log[]): Uint8Array {
  const bloom = emptyBloom()
  for (const log of logs) {
    addToBloom(bloom, hexToBytes(log.address))
    for (const topic of log.topics) addToBloom(bloom, hexToBytes(topic))
  }
  return bloom
}

/** A header's bloom: every bit that any of `blooms` has. */
export function unionOfBlooms(blooms: Iterable<Uint8Array>): Uint8Array {
  const union = emptyBloom()
  for (const bloom of blooms)
    for (const [index, byte] of bloom.entries()) union[index] = (union[index] ?? 0) | byte
  return union
}

/** A bit of a bloom: which byte, and where in it. */
export interface BloomBit {
  readonly index: number
  readonly mask: number
}

/** False where nothing that sets these bits is among what the bloom was made of. */
export function bloomHas(bloom: Uint8Array, bits: readonly BloomBit[]): boolean {
  return bits.every(({ index, mask }) => ((bloom[index] ?? 0) & mask) !== 0)
}

function addToBloom(bloom: Uint8Array, entry: Uint8Array): void {
  for (const { index, mask } of bloomBits(entry)) bloom[index] = (bloom[index] ?? 0) | mask
}

/**
 * The bits that an address or a topic (its bytes) sets: the low 11 bits of each of the digest's
 * first three pairs of bytes name one, counted from the last.
 */
export function bloomBits(entry: Uint8Array): BloomBit[] {
  const digest = keccak256(entry)
  return [0, 2, 4].map((pair) => {
    const bit = (((digest[pair] ?? 0) << 8) | (digest[pair + 1] ?? 0)) & 0x7ff
    return { index: BLOOM_BYTES - 1 - (bit >> 3), mask: 1 << (bit & 7) }
  })
}
