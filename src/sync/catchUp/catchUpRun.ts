import type { PeerId } from '../../gossip/network.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import type { CatchUpParts } from './catchUpParts.ts'
import { CATCH_UP_LOG_MS, MAX_RESTING_PEERS, SYNCING_GAP_BLOCKS } from '../limits.ts'

export interface CatchUpProgress {
  readonly startingBlock: bigint
  readonly currentBlock: bigint
  readonly highestBlock: bigint
}

/** One run of catch-up: where it began, what it has brought, who gave it. */
export class CatchUpRun {
  readonly #parts: Pick<CatchUpParts, 'chain' | 'book' | 'clock' | 'log'>
  readonly #startingBlock: bigint
  readonly #startedMs: number
  /** How many blocks each peer gave. */
  readonly #givers = new BoundedMap<PeerId, number>(MAX_RESTING_PEERS)
  #imported = 0
  #toldMs: number

  constructor(parts: Pick<CatchUpParts, 'chain' | 'book' | 'clock' | 'log'>) {
    this.#parts = parts
    this.#startingBlock = parts.chain.head.header.number
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

  /**
   * Claims are free, so only those count of peers that gave blocks; `undefined` before the first block.
   *
   * @param isAsked whether a peer may still be asked: what one claimed that had no more is worth nothing.
   */
  progress(isAsked: (peer: PeerId) => boolean): CatchUpProgress | undefined {
    if (this.#imported === 0) return undefined
    const { chain, book } = this.#parts
    const currentBlock = chain.head.header.number
    let highestBlock = currentBlock
    for (const peer of this.#givers.keys()) {
      const claimed = isAsked(peer) ? (book.get(peer)?.status.headNumber ?? 0n) : 0n
      if (claimed > highestBlock) highestBlock = claimed
    }
    return { startingBlock: this.#startingBlock, currentBlock, highestBlock }
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
    const progress = this.progress(() => true)
    this.#parts.log.info('catching up with peers', {
      ...this.#figures(),
      highest: Number(progress?.highestBlock),
    })
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
