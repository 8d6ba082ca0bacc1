/**
 * Catch-up: fetches the blocks between our head and that of the peer with the most total difficulty.
 *
 * A head of equal difficulty that we do not have counts as ahead too: only who knows both branches can choose between
 * them, and signers who each sealed on a branch of their own would wait for each other for ever.
 *
 * One run at a time, one range in flight. A range whose first block does not link to our chain means that the peer is
 * on another branch: the next range starts further back, twice as far each time, until it links or reaches as deep as
 * a reorganisation may. Every block is judged wholly before the next is taken. A peer that gives less than it claims
 * rests for a while, and the next best one is asked; one that lies is dropped.
 */
import type { Block } from '../block/block.ts'
import type { Chain } from '../chain/chain.ts'
import { chainLimits } from '../chain/limits.ts'
import type { PeerId } from '../gossip/network.ts'
import { messageOf } from '../lib/assert.ts'
import { BoundedMap } from '../lib/boundedMap.ts'
import { sleep, type Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import { fetchRange } from './blockRequests.ts'
import {
  CATCH_UP_BATCH,
  CATCH_UP_REST_MS,
  MAX_IMPORT_TURN_MS,
  MAX_RESTING_PEERS,
} from './limits.ts'
import type { PeerBook, PeerState } from './peerBook.ts'
import { ProtocolViolation, type Requests } from './protocol.ts'

export interface CatchUpParts {
  readonly requests: Requests
  readonly chain: Pick<Chain, 'head' | 'has' | 'totalDifficulty'>
  readonly book: Pick<PeerBook, 'all'>
  readonly clock: Clock
  readonly log: Logger
  /** Judges a block wholly and imports it. Throws a {@link ProtocolViolation} for a bad one. */
  readonly importBlock: (block: Block) => Promise<void>
}

export interface CatchUpProgress {
  readonly startingBlock: bigint
  readonly currentBlock: bigint
  readonly highestBlock: bigint
}

interface Run {
  readonly startingBlock: bigint
  readonly highestBlock: bigint
  imported: number
}

/** How a range ended: there may be more, there is nothing more to take, or it does not link to our chain. */
type RangeEnd = 'more' | 'end' | 'unlinked'

export class CatchUp {
  readonly #parts: CatchUpParts
  /** Until when a peer is not asked, monotonic ms. */
  readonly #resting = new BoundedMap<PeerId, number>(MAX_RESTING_PEERS)
  #run: Run | undefined
  #isStopped = false
  #turnBeganMs = 0

  constructor(parts: CatchUpParts) {
    this.#parts = parts
  }

  /** Where the run stands that is under way; `undefined` if none is, or no block has come yet: claims are free. */
  get progress(): CatchUpProgress | undefined {
    if (this.#run === undefined || this.#run.imported === 0) return undefined
    const { startingBlock, highestBlock } = this.#run
    return { startingBlock, currentBlock: this.#parts.chain.head.header.number, highestBlock }
  }

  stop(): void {
    this.#isStopped = true
  }

  /** Goes from peer to peer until none is ahead of us, unless a run is under way. Never rejects. */
  async run(): Promise<void> {
    if (this.#run !== undefined) return
    try {
      for (let peer = this.#best(); peer !== undefined; peer = this.#best())
        await this.#catchUpFrom(peer)
    } finally {
      this.#run = undefined
    }
  }

  /** The peer with the most difficulty beyond ours that does not rest. */
  #best(): PeerState | undefined {
    if (this.#isStopped) return undefined
    const nowMs = this.#parts.clock.monotonicMs()
    const ready = this.#parts.book
      .all()
      .filter((state) => this.#isAhead(state) && (this.#resting.peek(state.peer) ?? 0) <= nowMs)
    return ready.toSorted(byDifficulty).at(-1)
  }

  #isAhead({ status }: PeerState): boolean {
    const { chain } = this.#parts
    const ours = chain.totalDifficulty(chain.head.hash) ?? 0n
    return (
      status.totalDifficulty > ours || (status.totalDifficulty === ours && !chain.has(status.head))
    )
  }

  async #catchUpFrom(target: PeerState): Promise<void> {
    const { chain, requests, clock, log } = this.#parts
    const { peer, status } = target
    const startingBlock = chain.head.header.number
    const run: Run = { startingBlock, highestBlock: status.headNumber, imported: 0 }
    this.#run = run
    this.#turnBeganMs = clock.monotonicMs()
    let gaveAll = false
    try {
      await this.#follow(peer, run)
      gaveAll = true
    } catch (error) {
      log.info('catching up from a peer ended early', { peer, reason: messageOf(error) })
      requests.blame(peer, error)
    }
    if (run.imported === 0 || (gaveAll && this.#isAhead(target)))
      this.#resting.set(peer, clock.monotonicMs() + CATCH_UP_REST_MS)
  }

  async #follow(peer: PeerId, run: Run): Promise<void> {
    const next = run.startingBlock + 1n
    let first = run.highestBlock < next ? run.highestBlock : next
    let stepBack = 1n
    while (!this.#isStopped) {
      const { end, next } = await this.#takeRange(peer, first, run)
      if (end === 'end') return
      first = end === 'more' ? next : this.#furtherBack(first, stepBack)
      if (end === 'unlinked') stepBack *= 2n
    }
  }

  #furtherBack(first: bigint, step: bigint): bigint {
    const { number } = this.#parts.chain.head.header
    const deepest = number - BigInt(chainLimits.maxReorgDepth) + 1n
    const lowest = deepest > 1n ? deepest : 1n
    if (first === 1n) throw new ProtocolViolation('its first block does not follow our genesis')
    if (first <= lowest) throw new Error('its chain left ours deeper than a reorganisation reaches')
    return first - step > lowest ? first - step : lowest
  }

  async #takeRange(
    peer: PeerId,
    first: bigint,
    run: Run,
  ): Promise<{ readonly end: RangeEnd; readonly next: bigint }> {
    const { requests, chain } = this.#parts
    let next = first
    for await (const block of fetchRange(requests, peer, first, CATCH_UP_BATCH)) {
      if (!chain.has(block.header.parentHash)) return { end: 'unlinked', next }
      if (this.#isStopped || this.#isEarly(block)) return { end: 'end', next }
      await this.#import(block, run)
      next = block.header.number + 1n
    }
    return { end: next === first ? 'end' : 'more', next }
  }

  async #import(block: Block, run: Run): Promise<void> {
    const { chain, clock, importBlock } = this.#parts
    const isNew = !chain.has(block.hash)
    if (isNew) await importBlock(block)
    if (isNew) run.imported++
    if (clock.monotonicMs() - this.#turnBeganMs < MAX_IMPORT_TURN_MS) return
    await sleep(clock, 0)
    this.#turnBeganMs = clock.monotonicMs()
  }

  /** Only signers seal, but a signer's clock can be wrong: what is early comes again by gossip or a later run. */
  #isEarly({ header }: Block): boolean {
    return Number(header.timestamp) * 1000 > this.#parts.clock.wallMs()
  }
}

function byDifficulty(a: PeerState, b: PeerState): number {
  if (a.status.totalDifficulty === b.status.totalDifficulty) return 0
  return a.status.totalDifficulty < b.status.totalDifficulty ? -1 : 1
}
