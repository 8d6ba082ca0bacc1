/**
 * Offences that the router itself does not punish, and the list of peers that are refused for them.
 * A peer id is free to make, so a ban hinders the careless and the buggy; against the rest stand
 * the limits per address.
 */
import { assert } from '../../lib/assert.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import type { PeerId } from '../../gossip/network.ts'
import type { LimitValues } from '../limits.ts'

/**
 * Strikes by offence; a peer is banned when they sum up to `banStrikes` and have not faded. Each
 * costs the connection.
 */
export const OFFENCES = {
  'undecodable-frames': 50,
  'oversized-frame': 50,
  'message-flood': 50,
  'stalled-reader': 20,
  'no-gossip-stream': 5,
} as const

/** What a peer did wrong on the network, by name. */
export type Offence = keyof typeof OFFENCES

interface Entry {
  readonly strikes: number
  readonly atMs: number
  readonly bannedUntilMs: number
}

type BanLimits = Pick<LimitValues, 'trackedPeers' | 'banMs' | 'strikeHalfLifeMs' | 'banStrikes'>

/** Times are monotonic ms and come as arguments. */
export class BanList {
  readonly #limits: BanLimits
  readonly #entries: BoundedMap<PeerId, Entry>

  constructor(limits: BanLimits) {
    this.#limits = limits
    this.#entries = new BoundedMap(limits.trackedPeers)
  }

  /** Counts an offence; answers whether the peer is banned now. */
  strike(peer: PeerId, offence: Offence, nowMs: number): boolean {
    const before = this.#entries.get(peer)
    const strikes = this.strikes(peer, nowMs) + OFFENCES[offence]
    const banned = strikes >= this.#limits.banStrikes
    const bannedUntilMs = banned ? nowMs + this.#limits.banMs : (before?.bannedUntilMs ?? 0)
    this.#entries.set(peer, { strikes, atMs: nowMs, bannedUntilMs })
    return this.isBanned(peer, nowMs)
  }

  isBanned(peer: PeerId, nowMs: number): boolean {
    return nowMs < this.bannedUntilMs(peer)
  }

  /** When its ban ends or has ended; 0 for a peer that was never banned. */
  bannedUntilMs(peer: PeerId): number {
    return this.#entries.peek(peer)?.bannedUntilMs ?? 0
  }

  /** The sum of strikes, faded by half every half-life. */
  strikes(peer: PeerId, nowMs: number): number {
    const entry = this.#entries.peek(peer)
    if (entry === undefined) return 0
    const halfLives = Math.max(0, nowMs - entry.atMs) / this.#limits.strikeHalfLifeMs
    return entry.strikes * 0.5 ** halfLives
  }

  assertInvariants(): void {
    assert(this.#entries.size <= this.#limits.trackedPeers, 'more bans than tracked peers')
    for (const entry of this.#entries.values())
      assert(entry.strikes > 0, 'an entry without strikes')
  }
}
