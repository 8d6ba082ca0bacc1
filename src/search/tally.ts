/**
 * Which nodes answered a query, and which of them have what was looked for, in bounded space.
 *
 * A node stands in a tally by a short id, drawn from the query and its peer id. A tally keeps the
 * lowest ids it has met (Bar-Yossef et al. 2002, "k minimum values"): up to that number it names
 * every node that answered; beyond it, it is a sample that nobody chose, since ids are as good as
 * random. Merging is a union, so a tally that comes twice or by many ways counts once, and nothing
 * is lost with a message.
 */
import { keccak256 } from '../crypto/keccak.ts'
import { concatBytes } from '../lib/bytes.ts'
import type { PeerId } from '../gossip/network.ts'
import { MAX_TALLIED } from './limits.ts'

/** The lowest ids, ascending, each with whether that node has it. Never changed. */
export interface Tally {
  readonly ids: readonly number[]
  readonly has: readonly boolean[]
}

/** What a tally comes to. */
export interface TallyCount {
  readonly have: number
  /** Nodes that answered; of a full tally, the live members. */
  readonly of: number
  /** Standard error of `have`, nodes; 0 where every node was counted. */
  readonly haveError: number
}

/** Bytes of a short id. */
export const SHORT_ID_BYTES = 6

/** Of nobody. */
export const NO_TALLY: Tally = { ids: [], has: [] }

/** The short id of a node for the query with this digest. */
export function shortIdOf(digest: Uint8Array, peer: PeerId): number {
  const hash = keccak256(concatBytes(digest, new TextEncoder().encode(peer)))
  return Buffer.from(hash.buffer, hash.byteOffset).readUIntBE(0, SHORT_ID_BYTES)
}

/** Of one node. */
export function tallyOf(id: number, has: boolean): Tally {
  return { ids: [id], has: [has] }
}

/**
 * Of all nodes that stand in either. Who has it by one of them has it: an item comes and does not
 * go.
 */
export function mergedTally(a: Tally, b: Tally): Tally {
  if (b.ids.length === 0) return a
  const ids: number[] = []
  const has: boolean[] = []
  for (let i = 0, j = 0; ids.length < MAX_TALLIED;) {
    const [left, right] = [a.ids[i] ?? Infinity, b.ids[j] ?? Infinity]
    if (left === Infinity && right === Infinity) break
    ids.push(Math.min(left, right))
    has.push((left <= right && a.has[i] === true) || (right <= left && b.has[j] === true))
    if (left <= right) i++
    if (right <= left) j++
  }
  return { ids, has }
}

/** Whether two tallies say the same. */
export function isSameTally(a: Tally, b: Tally): boolean {
  return (
    a.ids.length === b.ids.length &&
    a.ids.every((id, at) => id === b.ids[at] && a.has[at] === b.has[at])
  )
}

/** Whether it names every node that answered. */
export function isExact({ ids }: Tally): boolean {
  return ids.length < MAX_TALLIED
}

/** How many have it, where so many members are live. */
export function countOf(tally: Tally, live: number): TallyCount {
  const { ids, has } = tally
  const have = has.filter(Boolean).length
  if (isExact(tally)) return { have, of: ids.length, haveError: 0 }
  const share = have / ids.length
  const of = Math.max(live, ids.length)
  return {
    have: Math.round(share * of),
    of,
    haveError: of * Math.sqrt((share * (1 - share)) / ids.length),
  }
}
