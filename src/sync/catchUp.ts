/**
 * Catch-up: fetches the blocks between our head and that of the peer with the most total difficulty.
 *
 * One run at a time, one range in flight. A range whose first block does not link to our chain means that the peer is
 * on another branch: the next range starts further back, twice as far each time, until it links or reaches as deep as
 * a reorganisation may. Every block is judged wholly before the next is taken.
 */
import type { Block } from '../block/block.ts'
import type { Chain, ImportOutcome } from '../chain/chain.ts'
import { chainLimits } from '../chain/limits.ts'
import type { Network, PeerId } from '../gossip/network.ts'
import { messageOf } from '../lib/assert.ts'
import type { Logger } from '../lib/log.ts'
import { fetchRange } from './blockRequests.ts'
import { CATCH_UP_BATCH } from './limits.ts'
import type { PeerBook, PeerState } from './peerBook.ts'
import { ProtocolViolation, type Requests } from './protocol.ts'

export interface CatchUpParts {
  readonly network: Network
  readonly requests: Requests
  readonly chain: Chain
  readonly book: PeerBook
  readonly log: Logger
  /** Verifies the signatures of a block and imports it. */
  readonly importBlock: (block: Block) => Promise<ImportOutcome>
}

export interface CatchUpProgress {
  readonly startingBlock: bigint
  readonly currentBlock: bigint
  readonly highestBlock: bigint
}

type RangeEnd = 'more' | 'end' | 'unlinked'

export class CatchUp {
  readonly #parts: CatchUpParts
  #startingBlock: bigint | undefined
  #highestBlock = 0n
  #stopped = false

  constructor(parts: CatchUpParts) {
    this.#parts = parts
  }

  /** Where the run that is under way stands; `undefined` if none is. */
  get progress(): CatchUpProgress | undefined {
    if (this.#startingBlock === undefined) return undefined
    return {
      startingBlock: this.#startingBlock,
      currentBlock: this.#parts.chain.head.header.number,
      highestBlock: this.#highestBlock,
    }
  }

  stop(): void {
    this.#stopped = true
  }

  /** Starts a run if a peer is ahead of us and none is under way. Never throws. */
  async run(): Promise<void> {
    const target = this.#target()
    if (target === undefined || this.#startingBlock !== undefined || this.#stopped) return
    this.#startingBlock = this.#parts.chain.head.header.number
    this.#highestBlock = target.status.headNumber
    try {
      await this.#follow(target.peer)
    } catch (error) {
      await this.#giveUp(target.peer, error)
    } finally {
      this.#startingBlock = undefined
    }
  }

  #target(): PeerState | undefined {
    const { book, chain } = this.#parts
    const ours = chain.totalDifficulty(chain.head.hash) ?? 0n
    const best = book.best()
    return best !== undefined && best.status.totalDifficulty > ours ? best : undefined
  }

  async #follow(peer: PeerId): Promise<void> {
    let first = this.#parts.chain.head.header.number + 1n
    let stepBack = 1n
    while (!this.#stopped) {
      const { end, next } = await this.#takeRange(peer, first)
      if (end === 'end') return
      if (end === 'more') first = next
      else if (first === 1n || stepBack > BigInt(chainLimits.maxReorgDepth))
        throw new ProtocolViolation('its chain does not link to ours')
      else first = first > stepBack ? first - stepBack : 1n
      if (end === 'unlinked') stepBack *= 2n
    }
  }

  async #takeRange(peer: PeerId, first: bigint): Promise<{ end: RangeEnd; next: bigint }> {
    const { requests, chain } = this.#parts
    let next = first
    for await (const block of fetchRange(requests, peer, first, CATCH_UP_BATCH)) {
      if (!chain.has(block.header.parentHash)) return { end: 'unlinked', next }
      await this.#import(block)
      next = block.header.number + 1n
    }
    return { end: next === first ? 'end' : 'more', next }
  }

  async #import(block: Block): Promise<void> {
    const outcome = await this.#parts.importBlock(block)
    if (outcome.status === 'refused')
      throw new ProtocolViolation(`block ${block.hash} is refused: ${outcome.reason}`)
  }

  async #giveUp(peer: PeerId, error: unknown): Promise<void> {
    const reason = messageOf(error)
    this.#parts.log.info('catching up from a peer ended early', { peer, reason })
    if (error instanceof ProtocolViolation) await this.#parts.network.disconnect(peer, reason)
  }
}
