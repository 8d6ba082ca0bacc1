/**
 * Keccak-256, Ethereum's hash. hash-wasm with one reused instance is 13 to 27 times as fast as a
 * pure JavaScript implementation on payloads of a transaction's size; `test/crypto/keccak.test.ts`
 * holds it equal to
 * @noble/hashes, which also takes over where WebAssembly is not to be had.
 */
import { keccak_256 } from '@noble/hashes/sha3.js'
import { createKeccak, type IHasher } from 'hash-wasm'
import { bytesToHex, EMPTY_BYTES, type Hex } from '../lib/bytes.ts'

/**
 * A Keccak-256 digest as `0x`-prefixed lower-case hex: the identity of a transaction, a block, a
 * trie node.
 */
export type Hash = Hex & { readonly __brand: 'Hash' }

/** The names of the implementations of keccak256. */
export const KECCAK_PATHS = ['wasm', 'noble'] as const
/** The name of an implementation of keccak256. */
export type KeccakPath = (typeof KECCAK_PATHS)[number]

const wasm = await loadWasm()

/** Which implementation runs; printed with every measurement. */
export const keccakPath: KeccakPath = wasm === undefined ? 'noble' : 'wasm'

/** 32 bytes of digest. */
export function keccak256(data: Uint8Array): Uint8Array {
  if (wasm === undefined) return keccak_256(data)
  wasm.init()
  wasm.update(data)
  return wasm.digest('binary')
}

/** The digest as text, the form in which hashes are map keys. */
export function keccak256Hash(data: Uint8Array): Hash {
  return asHash(keccak256(data))
}

/** Names 32 bytes of digest as a {@link Hash}. */
export function asHash(digest: Uint8Array): Hash {
  if (digest.length !== 32)
    throw new RangeError(`asHash: a digest has 32 bytes, got ${digest.length}`)
  return bytesToHex(digest) as Hash
}

const HASH_TEXT = /^0x[0-9a-fA-F]{64}$/

/** A {@link Hash} from text of any case, `undefined` for every other value. */
export function parseHash(text: unknown): Hash | undefined {
  return typeof text === 'string' && HASH_TEXT.test(text) ? (text.toLowerCase() as Hash) : undefined
}

/** keccak256 of no bytes: the code hash of every account without code. */
export const EMPTY_CODE_HASH: Hash = keccak256Hash(EMPTY_BYTES)

async function loadWasm(): Promise<IHasher | undefined> {
  try {
    return await createKeccak(256)
  } catch {
    return undefined
  }
}
