/**
 * Catch-up: fetches the blocks between our head and those of the peers with more total difficulty, from several of
 * them at once.
 *
 * A head of equal difficulty that we do not have counts as ahead too: only who knows both branches can choose between
 * them, and signers who each sealed on a branch of their own would wait for each other for ever.
 *
 * One run at a time. It follows the peer with the most difficulty, the lead. The first range comes from the lead alone:
 * if its first block does not link to our chain the lead is on another branch, and the range starts further back, twice
 * as far each time, until it links or reaches as deep as a reorganisation may. From there on ranges come from all peers
 * that are ahead (rangeScheduler.ts) and are imported in order, each block judged wholly before the next, while the
 * senders of later ones are recovered. A range that does not link to what was imported is fetched from another peer; if
 * it is the lead's own, the run ends and the next one looks for the fork again.
 *
 * A peer that gives less than it claims, or is on another branch, rests for a while; one that lies is dropped.
 */
import type { Block } from '../../block/block.ts'
import { chainLimits } from '../../chain/limits.ts'
import type { PeerId } from '../../gossip/network.ts'
import { messageOf } from '../../lib/assert.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import { sleep } from '../../lib/clock.ts'
import type { CatchUpParts } from './catchUpParts.ts'
import { CatchUpRun, type CatchUpProgress } from './catchUpRun.ts'
import {
  CATCH_UP_FLUSH_BYTES,
  CATCH_UP_RANGES,
  CATCH_UP_REST_MS,
  MAX_IMPORT_TURN_MS,
  MAX_RESTING_PEERS,
} from '../limits.ts'
import type { PeerState } from '../status/peerBook.ts'
import { isLie, ProtocolViolation } from '../protocol.ts'
import { takeRange } from './rangeFetch.ts'
import { RangeScheduler, type GivenRange } from './rangeScheduler.ts'
import { RecoverAhead } from './recoverAhead.ts'

/** What became of a range: how many of its blocks were imported, and why not the others. */
interface Intake {
  readonly taken: number
  readonly rest: 'none' | 'too early' | 'from others'
}

export class CatchUp {
  readonly #parts: CatchUpParts
  /** Until when a peer is not asked, monotonic ms. */
  readonly #resting = new BoundedMap<PeerId, number>(MAX_RESTING_PEERS)
  readonly #ahead: RecoverAhead
  #run: CatchUpRun | undefined
  #scheduler: RangeScheduler | undefined
  #isStopped = false
  #turnBeganMs = 0
  #unflushedBytes = 0

  constructor(parts: CatchUpParts) {
    this.#parts = parts
    this.#ahead = new RecoverAhead(parts.senders)
  }

  /** Where the run stands that is under way; `undefined` if none is, or no block has come yet: claims are free. */
  get progress(): CatchUpProgress | undefined {
    return this.#run?.progress((peer) => !this.#isResting(peer))
  }

  stop(): void {
    this.#isStopped = true
    this.#scheduler?.stop()
    this.#ahead.clear()
  }

  /** Goes from lead to lead until no peer is ahead of us, unless a run is under way. Never rejects. */
  async run(): Promise<void> {
    this.#scheduler?.fill()
    if (this.#run !== undefined) return
    try {
      for (let lead = this.#best(); lead !== undefined; lead = this.#best())
        await this.#catchUpWith(lead)
    } finally {
      this.#run = undefined
    }
  }

  /** The peer with the most difficulty beyond ours that does not rest. */
  #best(): PeerState | undefined {
    return this.#isStopped ? undefined : this.#peersAhead().toSorted(byDifficulty).at(-1)
  }

  #peersAhead(): PeerState[] {
    return this.#parts.book
      .all()
      .filter((state) => this.#isAhead(state) && !this.#isResting(state.peer))
  }

  #isResting(peer: PeerId): boolean {
    return (this.#resting.peek(peer) ?? 0) > this.#parts.clock.monotonicMs()
  }

  #rest(peer: PeerId): void {
    this.#resting.set(peer, this.#parts.clock.monotonicMs() + CATCH_UP_REST_MS)
  }

  #isAhead({ status }: PeerState): boolean {
    const { chain } = this.#parts
    const ours = chain.totalDifficulty(chain.head.hash) ?? 0n
    return (
      status.totalDifficulty > ours || (status.totalDifficulty === ours && !chain.has(status.head))
    )
  }

  async #catchUpWith(lead: PeerState): Promise<void> {
    const { clock, log } = this.#parts
    const { peer } = lead
    const run = new CatchUpRun(this.#parts)
    this.#run = run
    this.#turnBeganMs = clock.monotonicMs()
    let wasWhole = false
    try {
      await this.#follow(lead, run)
      wasWhole = true
    } catch (error) {
      log.info('catching up from a peer ended early', { peer, reason: messageOf(error) })
      this.#parts.requests.blame(peer, error)
    } finally {
      this.#scheduler?.stop()
      this.#scheduler = undefined
      this.#ahead.clear()
      run.tellEnd()
    }
    if (run.imported === 0 || (wasWhole && this.#isAhead(lead))) this.#rest(peer)
  }

  async #follow({ peer: lead, status }: PeerState, run: CatchUpRun): Promise<void> {
    let given = await this.#firstRange(lead, status.headNumber)
    const last = given?.blocks.at(-1)
    if (given === undefined || last === undefined) return
    const scheduler = this.#schedule(last.header.number + 1n)
    this.#ahead.add(given.blocks)
    for (; given !== undefined; given = await scheduler.take()) {
      const { taken, rest } = await this.#takeIn(given, lead, run)
      const next = given.blocks[taken]
      if (next === undefined) continue
      if (rest === 'too early') return
      scheduler.again(next.header.number, given.blocks.length - taken)
    }
  }

  #schedule(first: bigint): RangeScheduler {
    const scheduler: RangeScheduler = new RangeScheduler(
      {
        donors: () =>
          this.#peersAhead().map(({ peer, status: { headNumber } }) => ({ peer, headNumber })),
        fetch: (peer, from, count) => this.#fetch(scheduler, peer, from, count),
      },
      first,
      CATCH_UP_RANGES,
    )
    this.#scheduler = scheduler
    scheduler.fill()
    return scheduler
  }

  /** Finds where the lead's chain leaves ours, and answers its first blocks from there; `undefined`: it gave none. */
  async #firstRange(lead: PeerId, headNumber: bigint): Promise<GivenRange | undefined> {
    const next = this.#parts.chain.head.header.number + 1n
    let first = headNumber < next ? headNumber : next
    for (let stepBack = 1n; !this.#isStopped; stepBack *= 2n) {
      const { blocks, failure, isUnlinked } = await takeRange(this.#parts, lead, {
        first,
        count: CATCH_UP_RANGES.rangeBlocks,
        mustLink: true,
        isOver: () => this.#isStopped,
      })
      if (failure !== undefined && blocks.length === 0) throw failure
      if (!isUnlinked) return blocks.length === 0 ? undefined : { blocks, from: lead }
      first = this.#furtherBack(first, stepBack)
    }
    return undefined
  }

  #furtherBack(first: bigint, step: bigint): bigint {
    const { number } = this.#parts.chain.head.header
    const deepest = number - BigInt(chainLimits.maxReorgDepth) + 1n
    const lowest = deepest > 1n ? deepest : 1n
    if (first === 1n) throw new ProtocolViolation('its first block does not follow our genesis')
    if (first <= lowest) throw new Error('its chain left ours deeper than a reorganisation reaches')
    return first - step > lowest ? first - step : lowest
  }

  /** A range for the scheduler. Never rejects; a peer that gives nothing is not asked again for a while. */
  async #fetch(
    scheduler: RangeScheduler,
    peer: PeerId,
    first: bigint,
    count: number,
  ): Promise<readonly Block[]> {
    const { blocks, failure } = await takeRange(this.#parts, peer, {
      first,
      count,
      mustLink: false,
      isOver: () => scheduler.isStopped,
    })
    if (scheduler.isStopped) return []
    const isOnly = this.#peersAhead().length === 1
    if (blocks.length === 0 || (failure !== undefined && !isOnly)) this.#rest(peer)
    if (failure !== undefined) {
      this.#parts.log.debug('a range did not come whole', { peer, reason: messageOf(failure) })
      this.#parts.requests.blame(peer, failure)
    }
    this.#ahead.add(blocks)
    return blocks
  }

  /** Imports as much as can be. Throws where that is the lead's fault, or ours. */
  async #takeIn({ blocks, from }: GivenRange, lead: PeerId, run: CatchUpRun): Promise<Intake> {
    const [first] = blocks
    if (first !== undefined && !this.#parts.chain.has(first.header.parentHash)) {
      if (from === lead) throw new Error('its chain is another than a moment ago')
      this.#rest(from)
      return { taken: 0, rest: 'from others' }
    }
    for (const [index, block] of blocks.entries()) {
      if (this.#isStopped || this.#isEarly(block)) return { taken: index, rest: 'too early' }
      try {
        await this.#import(block, from, run)
      } catch (error) {
        if (from === lead || !isLie(error)) throw error
        this.#parts.requests.blame(from, error)
        this.#rest(from)
        return { taken: index, rest: 'from others' }
      }
    }
    return { taken: blocks.length, rest: 'none' }
  }

  async #import(block: Block, from: PeerId, run: CatchUpRun): Promise<void> {
    const { chain, clock, importBlock, flushed } = this.#parts
    if (!chain.has(block.hash)) {
      await importBlock(block)
      run.gave(from)
      this.#unflushedBytes += block.raw.length
    }
    if (this.#unflushedBytes > CATCH_UP_FLUSH_BYTES) {
      this.#unflushedBytes = 0
      await flushed()
    }
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
