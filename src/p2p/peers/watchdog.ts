/**
 * Finds zombies: peers that are connected and cannot be sent gossip. The router makes them in
 * several ways (an oversized frame, a write buffer that overflowed, a reset stream) and keeps them
 * for as long as the connection lives, mesh slot included: an outbound stream that died is never
 * opened again. Closing the connection frees the slot and lets the peer come back whole.
 *
 * A stream can die by halves. rust-libp2p closes its end of our stream when it fails to read from
 * it, and reads no more. A peer that ends its own stream to us may be about to open another; one
 * that does not within the patience hears us and is not heard, and could not even ask to leave the
 * mesh.
 */
import type { PeerId } from '../../gossip/network.ts'
import type { Offence } from './bans.ts'

/**
 * Of the gossip streams between us and a peer. `none`: ours is not there yet. `lost`: ours was
 * there, and the peer reads it no more. `unheard`: ours is fine, and the peer has ended its own.
 * `open`: all is well.
 */
export type StreamState = 'open' | 'lost' | 'none' | 'unheard'

/** What the watchdog looks at, and whom it tells. */
export interface WatchdogParts {
  readonly connected: () => Iterable<PeerId>
  readonly streamState: (peer: PeerId) => StreamState
  /** Whether the peer speaks gossip at all; one that does not is no zombie. */
  readonly speaksGossip: (peer: PeerId) => Promise<boolean>
  readonly onOffence: (peer: PeerId, offence: Offence) => void
  /** How long a peer may be without a stream either way: longer than opening one may take. */
  readonly patienceMs: number
}

/** Times are monotonic ms. */
export class Watchdog {
  readonly #parts: WatchdogParts
  /** Since when each connected peer has been without a stream either way. */
  readonly #waitingSinceMs = new Map<PeerId, number>()

  constructor(parts: WatchdogParts) {
    this.#parts = parts
  }

  /** A connection ended: what was known of it does not hold for the next one. */
  forget(peer: PeerId): void {
    this.#waitingSinceMs.delete(peer)
  }

  /** One round; resolves when every zombie found in it has been reported. */
  async heartbeat(nowMs: number): Promise<void> {
    const overdue: PeerId[] = []
    for (const peer of this.#parts.connected()) {
      const state = this.#parts.streamState(peer)
      if (state === 'lost') this.#parts.onOffence(peer, 'stalled-reader')
      else if (state === 'open') this.#waitingSinceMs.delete(peer)
      else if (this.#isOverdue(peer, nowMs)) overdue.push(peer)
    }
    await Promise.all(overdue.map((peer) => this.#judge(peer)))
  }

  /** After an answer of yes the time begins anew, should the peer still be there. */
  #isOverdue(peer: PeerId, nowMs: number): boolean {
    const sinceMs = this.#waitingSinceMs.get(peer)
    const overdue = sinceMs !== undefined && nowMs - sinceMs >= this.#parts.patienceMs
    if (sinceMs === undefined || overdue) this.#waitingSinceMs.set(peer, nowMs)
    return overdue
  }

  async #judge(peer: PeerId): Promise<void> {
    if (await this.#parts.speaksGossip(peer)) this.#parts.onOffence(peer, 'no-gossip-stream')
  }
}
