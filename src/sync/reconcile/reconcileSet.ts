/**
 * A set at one moment, as one session of reconciliation sees it: short ids under the key of the
 * session, so that what happens to the set meanwhile cannot make two halves of one sketch disagree.
 *
 * Short id: the first 6 bytes of keccak256(key, hash). Two elements of 10,000 have one id with a
 * probability below 10^-6; then one of them is left out this time, and the next session has another
 * key.
 *
 * What is known here and is not a member of the set is known by id all the same, so that a
 * transaction which is old on the other side and young on this one is not asked for.
 */
import { keccak256, type Hash } from '../../crypto/keccak.ts'
import { hexToBytes } from '../../lib/bytes.ts'
import { MAX_RECONCILED } from './reconcileLimits.ts'

/** Bytes of the key of a session. */
export const KEY_BYTES = 8
/** Bytes of a short id. */
export const ID_BYTES = 6
const HASH_BYTES = 32

/** One thing that is known here. */
export interface SetEntry {
  readonly hash: Hash
  /** Of the missing ones, those of lower order are fetched first. */
  readonly order: bigint
  /** Whether it is compared; else it is only known. */
  readonly isMember: boolean
}

/** The hashes of a set in the form in which sets are compared. */
export class ReconcileSet {
  readonly key: Uint8Array
  /** Short ids of the members. */
  readonly ids: readonly number[]
  readonly #entries = new Map<number, SetEntry>()

  /** The set of this moment; members beyond the bound are only known. */
  constructor(entries: Iterable<SetEntry>, key: Uint8Array) {
    const idOf = shortIds(key)
    const ids: number[] = []
    for (const { hash, order, isMember } of entries) {
      const id = idOf(hash)
      if (id === 0 || this.#entries.has(id)) continue
      const isCompared = isMember && ids.length < MAX_RECONCILED
      this.#entries.set(id, { hash, order, isMember: isCompared })
      if (isCompared) ids.push(id)
    }
    this.key = key
    this.ids = ids
  }

  /** Members. */
  get size(): number {
    return this.ids.length
  }

  /** Whether it is known, member or not. */
  has(id: number): boolean {
    return this.#entries.has(id)
  }

  hasMember(id: number): boolean {
    return this.#entries.get(id)?.isMember ?? false
  }

  /** The hashes with these ids, those of lower order first. */
  hashes(ids: Iterable<number>): Hash[] {
    const entries: SetEntry[] = []
    for (const id of ids) {
      const entry = this.#entries.get(id)
      if (entry !== undefined) entries.push(entry)
    }
    return entries.sort(byOrder).map(({ hash }) => hash)
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

function byOrder(a: SetEntry, b: SetEntry): number {
  if (a.order === b.order) return 0
  return a.order < b.order ? -1 : 1
}
