/**
 * Finds zombies: peers that are connected and cannot be sent gossip. The router makes them in several ways (an oversized
 * frame, a write buffer that overflowed, a reset stream) and keeps them for as long as the connection lives, mesh slot
 * included: an outbound stream that died is never opened again. Closing the connection frees the slot and lets the peer
 * come back whole.
 */
import type { PeerId } from '../gossip/network.ts'
import type { Offence } from './bans.ts'

/** Of our gossip stream to a peer: open, there but dead, or not there (yet, or any more). */
export type StreamState = 'open' | 'dead' | 'none'

export interface WatchdogParts {
  readonly connected: () => Iterable<PeerId>
  readonly streamState: (peer: PeerId) => StreamState
  /** Whether the peer speaks gossip at all; one that does not is no zombie. */
  readonly speaksGossip: (peer: PeerId) => Promise<boolean>
  readonly onOffence: (peer: PeerId, offence: Offence) => void
  /** How long a peer may be without its first stream: longer than opening one may take. */
  readonly patienceMs: number
}

/** `served` had a stream in this connection; others have been without one since the time. */
type Watched = { readonly kind: 'served' } | { readonly kind: 'waiting'; readonly sinceMs: number }

const SERVED: Watched = { kind: 'served' }

/** Times are monotonic ms. */
export class Watchdog {
  readonly #parts: WatchdogParts
  readonly #watched = new Map<PeerId, Watched>()

  constructor(parts: WatchdogParts) {
    this.#parts = parts
  }

  /** A connection ended: what was known of it does not hold for the next one. */
  forget(peer: PeerId): void {
    this.#watched.delete(peer)
  }

  /** One round; resolves when every zombie found in it has been reported. */
  async heartbeat(nowMs: number): Promise<void> {
    const overdue: PeerId[] = []
    for (const peer of this.#parts.connected()) {
      const watched = this.#watched.get(peer) ?? { kind: 'waiting', sinceMs: nowMs }
      const stream = this.#parts.streamState(peer)
      if (stream === 'open') this.#watched.set(peer, SERVED)
      else if (stream === 'dead' || watched.kind === 'served')
        this.#parts.onOffence(peer, 'stalled-reader')
      else {
        this.#watched.set(peer, watched)
        if (nowMs - watched.sinceMs >= this.#parts.patienceMs) overdue.push(peer)
      }
    }
    await Promise.all(overdue.map((peer) => this.#judge(peer, nowMs)))
  }

  /** Asked again after another while, should the peer still be there. */
  async #judge(peer: PeerId, nowMs: number): Promise<void> {
    this.#watched.set(peer, { kind: 'waiting', sinceMs: nowMs })
    if (await this.#parts.speaksGossip(peer)) this.#parts.onOffence(peer, 'no-gossip-stream')
  }
}
