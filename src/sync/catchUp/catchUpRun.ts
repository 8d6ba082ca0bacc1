import type { PeerId } from '../../gossip/network.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import type { CatchUpParts } from './catchUpParts.ts'
import { CATCH_UP_LOG_MS, MAX_RESTING_PEERS, SYNCING_GAP_BLOCKS } from '../limits.ts'

/**
 * Numbers of blocks: the head when catching up began, the head now, and the head that is to be
 * reached.
 */
export interface CatchUpProgress {
  readonly startingBlock: bigint
  readonly currentBlock: bigint
  readonly highestBlock: bigint
}

/** One run of catch-up: where it began, what it has brought, who gave it. */
export class CatchUpRun {
  /** The head when it began. */
  readonly startingBlock: bigint
  readonly #parts: Pick<CatchUpParts, 'chain' | 'clock' | 'log'>
  readonly #highest: () => bigint
  readonly #startedMs: number
  /** How many blocks each peer gave. */
  readonly #givers = new BoundedMap<PeerId, number>(MAX_RESTING_PEERS)
  #imported = 0
  #toldMs: number

  /** @param highest the highest credible head, for the log. */
  constructor(parts: Pick<CatchUpParts, 'chain' | 'clock' | 'log'>, highest: () => bigint) {
    this.#parts = parts
    this.#highest = highest
    this.startingBlock = parts.chain.head.header.number
    this.#startedMs = parts.clock.monotonicMs()
    this.#toldMs = this.#startedMs
  }

  /** Blocks that were not there before. */
  get imported(): number {
    return this.#imported
  }

  /** A block of this peer was imported. */
  gave(peer: PeerId): void {
    this.#imported++
    this.#givers.set(peer, (this.#givers.peek(peer) ?? 0) + 1)
    this.#tell()
  }

  /** Short runs are the everyday ones, of which nobody needs to hear. */
  tellEnd(): void {
    if (this.#imported <= SYNCING_GAP_BLOCKS) return
    this.#parts.log.info('caught up with peers', this.#figures())
  }

  #tell(): void {
    const nowMs = this.#parts.clock.monotonicMs()
    if (nowMs - this.#toldMs < CATCH_UP_LOG_MS) return
    this.#toldMs = nowMs
    const highest = Number(this.#highest())
    this.#parts.log.info('catching up with peers', { ...this.#figures(), highest })
  }

  #figures(): Readonly<Record<string, number>> {
    const { chain, clock } = this.#parts
    const seconds = (clock.monotonicMs() - this.#startedMs) / 1000
    return {
      head: Number(chain.head.header.number),
      blocks: this.#imported,
      blocksPerS: Math.round(this.#imported / Math.max(seconds, 0.001)),
      peers: this.#givers.size,
    }
  }
}
