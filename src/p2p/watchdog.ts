/**
 * Finds zombies: peers that are connected and cannot be sent gossip. The router makes them in several ways (an oversized
 * frame, a write buffer that overflowed, a reset stream) and keeps them for as long as the connection lives, mesh slot
 * included: an outbound stream that died is never opened again. Closing the connection frees the slot and lets the peer
 * come back whole.
 */
import type { PeerId } from '../gossip/network.ts'
import type { Offence } from './bans.ts'

export interface WatchdogParts {
  readonly connected: () => Iterable<PeerId>
  /** Whether there is a gossip stream to the peer. */
  readonly hasStream: (peer: PeerId) => boolean
  /** Whether the peer speaks gossip at all; one that does not is no zombie. */
  readonly speaksGossip: (peer: PeerId) => Promise<boolean>
  readonly onOffence: (peer: PeerId, offence: Offence) => void
  /** Heartbeats without a stream before a peer is closed: opening one takes a moment. */
  readonly patienceHeartbeats: number
}

export class Watchdog {
  readonly #parts: WatchdogParts
  #missing = new Map<PeerId, number>()
  #served = new Set<PeerId>()

  constructor(parts: WatchdogParts) {
    this.#parts = parts
  }

  /** One round; resolves when every zombie found in it has been reported. */
  async heartbeat(): Promise<void> {
    const missing = new Map<PeerId, number>()
    const served = new Set<PeerId>()
    const overdue: PeerId[] = []
    for (const peer of this.#parts.connected()) {
      if (this.#parts.hasStream(peer)) served.add(peer)
      else {
        const beats = (this.#missing.get(peer) ?? 0) + 1
        missing.set(peer, beats)
        if (this.#served.has(peer)) served.add(peer)
        if (beats % this.#parts.patienceHeartbeats === 0) overdue.push(peer)
      }
    }
    this.#missing = missing
    this.#served = served
    await Promise.all(overdue.map((peer) => this.#judge(peer)))
  }

  /** A peer that had a stream and lost it did not read what it was sent, or reset the stream. */
  async #judge(peer: PeerId): Promise<void> {
    if (this.#served.has(peer)) this.#parts.onOffence(peer, 'stalled-reader')
    else if (await this.#parts.speaksGossip(peer)) this.#parts.onOffence(peer, 'no-gossip-stream')
  }
}
