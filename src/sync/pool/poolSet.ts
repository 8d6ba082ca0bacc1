/**
 * The pool at one moment, as one session of reconciliation sees it: short ids under the key of the session, so that
 * what the pool does meanwhile cannot make two halves of one sketch disagree.
 *
 * Short id: the first 6 bytes of keccak256(key, hash). Two transactions of 10,000 have one id with a probability below
 * 10^-6; then one of them is left out this time, and the next session has another key.
 *
 * Members of the set are transactions that gossip must have had time for and that may be forwarded: those that the
 * pool holds for 10 s and that are not parked. All others are known here by id, so that a transaction which is old on
 * the other side and young on this one is not asked for.
 */
import { keccak256, type Hash } from '../../crypto/keccak.ts'
import { hexToBytes } from '../../lib/bytes.ts'
import type { PooledTx } from '../../mempool/entry.ts'
import { MAX_RECONCILED_TXS, RECONCILE_AGE_MS } from './reconcileLimits.ts'

/** Bytes of the key of a session. */
export const KEY_BYTES = 8
/** Bytes of a short id. */
export const ID_BYTES = 6
const HASH_BYTES = 32

/** What the set is made of. */
export type PoolMember = Pick<PooledTx, 'addedMs' | 'place'> & {
  readonly tx: Pick<PooledTx['tx'], 'hash' | 'nonce'>
}

interface Entry {
  readonly hash: Hash
  readonly nonce: bigint
  readonly isMember: boolean
}

/** The hashes of the pool in the form in which pools are compared. */
export class PoolSet {
  readonly key: Uint8Array
  /** Short ids of the members. */
  readonly ids: readonly number[]
  readonly #entries = new Map<number, Entry>()

  /** The pool of this moment, `nowMs` on the monotonic clock. */
  constructor(pooled: Iterable<PoolMember>, key: Uint8Array, nowMs: number) {
    const idOf = shortIds(key)
    const ids: number[] = []
    for (const { tx, addedMs, place } of pooled) {
      const id = idOf(tx.hash)
      if (id === 0 || this.#entries.has(id)) continue
      const isOld = nowMs - addedMs >= RECONCILE_AGE_MS
      const isMember = isOld && place !== 'parked' && ids.length < MAX_RECONCILED_TXS
      this.#entries.set(id, { hash: tx.hash, nonce: tx.nonce, isMember })
      if (isMember) ids.push(id)
    }
    this.key = key
    this.ids = ids
  }

  /** Members. */
  get size(): number {
    return this.ids.length
  }

  /** Whether the pool has it, member or not. */
  has(id: number): boolean {
    return this.#entries.has(id)
  }

  hasMember(id: number): boolean {
    return this.#entries.get(id)?.isMember ?? false
  }

  /** Hashes of the pool's transactions with these ids, lower nonces first, so that no gap opens on the way. */
  hashes(ids: Iterable<number>): Hash[] {
    const entries: Entry[] = []
    for (const id of ids) {
      const entry = this.#entries.get(id)
      if (entry !== undefined) entries.push(entry)
    }
    return entries.sort(byNonce).map(({ hash }) => hash)
  }
}

/** How hashes are made into short ids under a key. */
export function shortIds(key: Uint8Array): (hash: Hash) => number {
  const input = new Uint8Array(KEY_BYTES + HASH_BYTES)
  input.set(key.subarray(0, KEY_BYTES))
  return (hash) => {
    input.set(hexToBytes(hash), KEY_BYTES)
    return readId(keccak256(input), 0)
  }
}

/** Short ids in their form on the wire. */
export function encodeIds(ids: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(ids.length * ID_BYTES)
  ids.forEach((id, index) => bytes.writeUIntBE(id, index * ID_BYTES, ID_BYTES))
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The whole short ids of `bytes`. */
export function decodeIds(bytes: Uint8Array): number[] {
  const count = Math.floor(bytes.length / ID_BYTES)
  return Array.from({ length: count }, (_, index) => readId(bytes, index * ID_BYTES))
}

function readId(bytes: Uint8Array, at: number): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readUIntBE(at, ID_BYTES)
}

function byNonce(a: Entry, b: Entry): number {
  if (a.nonce === b.nonce) return 0
  return a.nonce < b.nonce ? -1 : 1
}
