/**
 * Peers that somebody asked for by name: whenever the connection to one ends, it is dialled again,
 * ever more rarely.
 */
import type { PeerId } from '../../gossip/network.ts'
import { messageOf } from '../../lib/assert.ts'
import type { Cancel, Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'

/** How kept peers are dialled, and how often at most (ms). */
export interface KeptPeersOptions {
  readonly dial: (address: string) => Promise<unknown>
  readonly isConnected: (peer: PeerId) => boolean
  readonly limits: {
    readonly keptPeers: number
    readonly firstRedialMs: number
    readonly maxRedialMs: number
  }
  readonly clock: Clock
  readonly log: Logger
}

interface Kept {
  readonly address: string
  waitMs: number
  cancel: Cancel | undefined
}

/** The peers that are dialled again whenever they are lost. */
export class KeptPeers {
  readonly #options: KeptPeersOptions
  readonly #kept = new Map<PeerId, Kept>()

  constructor(options: KeptPeersOptions) {
    this.#options = options
  }

  /** From now on. Throws where too many are kept already. */
  keep(peer: PeerId, address: string): void {
    const { keptPeers, firstRedialMs } = this.#options.limits
    this.forget(peer)
    if (this.#kept.size >= keptPeers)
      throw new Error(`${keptPeers} peers are kept already: remove one first`)
    this.#kept.set(peer, { address, waitMs: firstRedialMs, cancel: undefined })
  }

  forget(peer: PeerId): void {
    this.#kept.get(peer)?.cancel?.()
    this.#kept.delete(peer)
  }

  /** To be called when the last connection to a peer has ended. */
  lost(peer: PeerId): void {
    const kept = this.#kept.get(peer)
    if (kept !== undefined) this.#redialLater(peer, kept)
  }

  /** What made dials fail is over: those that wait are dialled soon. */
  retrySoon(): void {
    for (const [peer, kept] of this.#kept) {
      if (kept.cancel === undefined) continue
      kept.waitMs = this.#options.limits.firstRedialMs
      this.#redialLater(peer, kept)
    }
  }

  stop(): void {
    for (const { cancel } of this.#kept.values()) cancel?.()
    this.#kept.clear()
  }

  #redialLater(peer: PeerId, kept: Kept): void {
    kept.cancel?.()
    kept.cancel = this.#options.clock.after(kept.waitMs, () => void this.#redial(peer, kept))
    kept.waitMs = Math.min(2 * kept.waitMs, this.#options.limits.maxRedialMs)
  }

  async #redial(peer: PeerId, kept: Kept): Promise<void> {
    const { dial, isConnected, limits, log } = this.#options
    kept.cancel = undefined
    try {
      if (!isConnected(peer)) await dial(kept.address)
      kept.waitMs = limits.firstRedialMs
    } catch (error) {
      log.debug('a kept peer could not be dialled', { peer, error: messageOf(error) })
      if (this.#kept.get(peer) === kept) this.#redialLater(peer, kept)
    }
  }
}
