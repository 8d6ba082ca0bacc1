/**
 * When items were first seen anywhere, as far as it is known: the same sample of items at every
 * node.
 */
import type { Hash } from '../crypto/keccak.ts'
import { MAX_ORIGIN_ITEMS } from './limits.ts'
import { shiftedMs, type PeerClock } from './peerClock.ts'

/** The earliest sighting of one item. */
export interface FirstSighting {
  /** Short id of who saw it. */
  readonly by: number
  /** By the clock of whoever holds this. */
  readonly atMs: number
  /** Bound on the error of the time, ms. */
  readonly errorMs: number
}

/** By the rank of an item in the query; the lowest ranks are kept. */
export type FirstSightings = ReadonlyMap<number, FirstSighting>

/** None. */
export const NO_SIGHTINGS: FirstSightings = new Map()

/**
 * Where an item stands among all items of a query: lowest is kept. Its hash decides, together with
 * the digest of the query, which nobody knew when the item was made: so nobody can make items that
 * are always measured.
 */
export function rankOf(digest: Uint8Array, hash: Hash): number {
  const salt = Buffer.from(digest.buffer, digest.byteOffset)
  const high = (Number.parseInt(hash.slice(2, 8), 16) ^ salt.readUIntBE(0, 3)) >>> 0
  const low = (Number.parseInt(hash.slice(8, 14), 16) ^ salt.readUIntBE(3, 3)) >>> 0
  return high * 2 ** 24 + low
}

/**
 * The earlier of the two for each item; of the same sighting the one that is known better. The
 * lowest ranks stay.
 */
export function mergedSightings(a: FirstSightings, b: FirstSightings): FirstSightings {
  if (b.size === 0) return a
  const merged = new Map(a)
  for (const [rank, sighting] of b) {
    const held = merged.get(rank)
    if (held === undefined || isBetter(sighting, held)) merged.set(rank, sighting)
  }
  return lowestRanks(merged)
}

/** The lowest ranks of `sightings`, in order. */
export function lowestRanks(sightings: FirstSightings): FirstSightings {
  const ranks = [...sightings.keys()].sort((a, b) => a - b).slice(0, MAX_ORIGIN_ITEMS)
  return new Map(
    ranks.flatMap((rank) => {
      const sighting = sightings.get(rank)
      return sighting === undefined ? [] : [[rank, sighting] as const]
    }),
  )
}

function isBetter(a: FirstSighting, b: FirstSighting): boolean {
  return a.by === b.by ? a.errorMs < b.errorMs : a.atMs < b.atMs
}

/** As the clock of this node has them. */
export function shiftedSightings(sightings: FirstSightings, clock: PeerClock): FirstSightings {
  return new Map(
    [...sightings].map(([rank, { by, atMs, errorMs }]) => [
      rank,
      { by, atMs: shiftedMs(atMs, clock), errorMs: errorMs + clock.errorMs },
    ]),
  )
}

/** Whether the same nodes are held to have seen the same items first. */
export function isSameSightings(a: FirstSightings, b: FirstSightings): boolean {
  return a.size === b.size && [...a].every(([rank, { by }]) => b.get(rank)?.by === by)
}
