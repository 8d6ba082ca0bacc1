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

/** 256 bytes in which each address and topic of `logs` has set up to three bits (Yellow Paper, section 4.3.1). */
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

/** The low 11 bits of each of the digest's first three pairs of bytes name a bit, counted from the last one. */
function addToBloom(bloom: Uint8Array, entry: Uint8Array): void {
  const digest = keccak256(entry)
  for (const pair of [0, 2, 4]) {
    const bit = (((digest[pair] ?? 0) << 8) | (digest[pair + 1] ?? 0)) & 0x7ff
    const index = BLOOM_BYTES - 1 - (bit >> 3)
    bloom[index] = (bloom[index] ?? 0) | (1 << (bit & 7))
  }
}
