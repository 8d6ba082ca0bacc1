/**
 * Catch-up: fetches the blocks between our head and those of the peers with more total difficulty,
 * from several of them at once.
 *
 * A head of equal difficulty that we do not have counts as ahead too: only who knows both branches
 * can choose between them, and signers who each sealed on a branch of their own would wait for each
 * other for ever.
 *
 * One run at a time. It follows one peer, the lead: the first that gives blocks, of several that
 * are asked side by side (leadSearch.ts). What a peer claims decides only in which order they are
 * asked, and less than what it gave before (claims.ts). The first range comes from the lead alone:
 * if its first block does not link to our chain the lead is on another branch, and the range starts
 * further back, twice as far each time, until it links or reaches as deep as a reorganisation may.
 * From there on ranges come from all peers that are ahead (rangeScheduler.ts) and are imported in
 * order, each block judged wholly before the next, while the senders of later ones are recovered. A
 * range that does not link to what was imported is fetched from another peer; if it is the lead's
 * own, the run ends and the next one looks for the fork again.
 *
 * A peer that gives less than it claims, or is on another branch, is not asked for a while; one
 * that breaks the protocol, or gives nothing of what it claims again and again, is disconnected.
 */
import type { Block } from '../../block/block.ts'
import { chainLimits } from '../../chain/limits.ts'
import { RequestFailure, type PeerId } from '../../gossip/network.ts'
import { messageOf } from '../../lib/assert.ts'
import { sleep } from '../../lib/clock.ts'
import type { CatchUpParts } from './catchUpParts.ts'
import { CatchUpRun, type CatchUpProgress } from './catchUpRun.ts'
import { Claims } from './claims.ts'
import { LeadSearch, type Lead } from './leadSearch.ts'
import { CATCH_UP_FLUSH_BYTES, CATCH_UP_RANGES, MAX_IMPORT_TURN_MS } from '../limits.ts'
import type { PeerStatus } from '../status/peerBook.ts'
import { isProtocolBreach, ProtocolViolation } from '../protocol.ts'
import { takeRange } from './rangeFetch.ts'
import { RangeScheduler, type Donor, type FetchedRange } from './rangeScheduler.ts'
import { RecoverAhead } from './recoverAhead.ts'

/** What became of a range: how many of its blocks were imported, and why not the others. */
interface Intake {
  readonly taken: number
  readonly rest: 'none' | 'too early' | 'from others'
}

/** Brings the chain up to the heads of the peers that are ahead. */
export class CatchUp {
  readonly #parts: CatchUpParts
  readonly #claims: Claims
  readonly #ahead: RecoverAhead
  /** Peers that are being asked for their first range, also by a search that is over. */
  readonly #asking = new Set<PeerId>()
  #search: LeadSearch | undefined
  #run: CatchUpRun | undefined
  #scheduler: RangeScheduler | undefined
  #isRunning = false
  #isStopped = false
  #turnBeganMs = 0
  #unflushedBytes = 0

  constructor(parts: CatchUpParts) {
    this.#parts = parts
    this.#claims = new Claims(parts.clock)
    this.#ahead = new RecoverAhead(parts.senders)
  }

  /**
   * From where to where the chain grows: the highest block is that of the highest credible head
   * ahead of ours, and our own where there is none. Claims are free, so only peers that gave blocks
   * are credible.
   */
  get progress(): CatchUpProgress {
    const currentBlock = this.#parts.chain.head.header.number
    return {
      startingBlock: this.#run?.startingBlock ?? currentBlock,
      currentBlock,
      highestBlock: this.#highestCredible(currentBlock),
    }
  }

  /** Ends what is under way; nothing is asked any more. */
  stop(): void {
    this.#isStopped = true
    this.#search?.stop()
    this.#scheduler?.stop()
    this.#ahead.clear()
  }

  /**
   * Goes from lead to lead until no peer is ahead of us, unless that is under way. Never rejects.
   */
  async run(): Promise<void> {
    this.#scheduler?.fill()
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      for (let lead = await this.#findLead(); lead; lead = await this.#findLead())
        await this.#catchUpWith(lead)
    } finally {
      this.#isRunning = false
    }
  }

  async #findLead(): Promise<Lead | undefined> {
    if (this.#isStopped || this.#candidate(NOBODY) === undefined) return undefined
    this.#search = new LeadSearch({
      candidate: (except) => this.#candidate(except),
      ask: (state, isOver) => this.#askFirst(state, isOver),
    })
    const lead = await this.#search.run(this.#parts.clock)
    this.#search = undefined
    return lead
  }

  /** By what came of its claims first, and by the difficulty that it claims only then. */
  #candidate(except: ReadonlySet<PeerId>): PeerStatus | undefined {
    const candidates = this.#peersAhead().filter(
      ({ peer }) => !except.has(peer) && !this.#asking.has(peer),
    )
    return candidates.toSorted(
      (a, b) => this.#claims.compare(a.peer, b.peer) || byDifficulty(b, a),
    )[0]
  }

  /** A peer that has not said anything yet to the search is not asked for more. */
  #donors(): Donor[] {
    return this.#peersAhead()
      .filter(({ peer }) => !this.#asking.has(peer))
      .map(({ peer, status: { headNumber } }) => ({ peer, headNumber }))
  }

  #peersAhead(): PeerStatus[] {
    const ours = this.#ownDifficulty()
    return this.#parts.book
      .all()
      .filter((state) => this.#isAhead(state, ours) && !this.#claims.isResting(state.peer))
  }

  #highestCredible(currentBlock: bigint): bigint {
    let highest = currentBlock
    if (this.#parts.book.highestHead <= currentBlock) return highest
    for (const state of this.#parts.book.each()) {
      const { headNumber } = state.status
      if (headNumber > highest && this.#claims.isBelieved(state.peer) && this.#isAhead(state))
        highest = headNumber
    }
    return highest
  }

  #ownDifficulty(): bigint {
    const { chain } = this.#parts
    return chain.totalDifficulty(chain.head.hash) ?? 0n
  }

  #isAhead({ status }: PeerStatus, ours = this.#ownDifficulty()): boolean {
    const { chain } = this.#parts
    if (status.totalDifficulty > ours) return true
    const mayMatter = status.totalDifficulty === ours || this.#mayHaveWanted(status.headNumber)
    return mayMatter && !chain.has(status.head)
  }

  /**
   * The signers' votes go before difficulty: a chain with a block that they hold to is ahead of
   * ours.
   */
  #mayHaveWanted(headNumber: bigint): boolean {
    return this.#parts.wanted().some(({ number }) => number <= headNumber)
  }

  /** The peer gave nothing of what it claims. */
  #disbelieve(peer: PeerId): void {
    if (this.#isStopped || !this.#claims.unredeemed(peer)) return
    this.#parts.requests.drop(peer, 'it claimed a head again and again and gave no blocks')
  }

  /** The first blocks of a peer above our chain, for the search. Never rejects. */
  async #askFirst(
    { peer, status }: PeerStatus,
    isOver: () => boolean,
  ): Promise<FetchedRange | undefined> {
    this.#asking.add(peer)
    try {
      const given = await this.#firstRange(peer, status.headNumber, isOver)
      if (given === undefined && !isOver()) this.#disbelieve(peer)
      return given
    } catch (error) {
      this.#parts.log.info('a peer served no blocks', { peer, reason: messageOf(error) })
      this.#parts.requests.blame(peer, error)
      if (error instanceof RequestFailure) this.#disbelieve(peer)
      else this.#claims.rest(peer)
      return undefined
    } finally {
      this.#asking.delete(peer)
    }
  }

  async #catchUpWith(lead: Lead): Promise<void> {
    const { clock, log } = this.#parts
    const { peer } = lead.state
    const run = new CatchUpRun(this.#parts, () => this.progress.highestBlock)
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
      this.#run = undefined
      this.#ahead.clear()
      run.tellEnd()
    }
    if (run.imported === 0 || (wasWhole && this.#isAhead(lead.state))) this.#claims.rest(peer)
  }

  async #follow({ state, given: first }: Lead, run: CatchUpRun): Promise<void> {
    const last = first.blocks.at(-1)
    if (last === undefined) return
    const scheduler = this.#schedule(last.header.number + 1n)
    this.#ahead.add(first.blocks)
    for (let given: FetchedRange | undefined = first; given; given = await scheduler.take()) {
      const { taken, rest } = await this.#takeIn(given, state.peer, run)
      const next = given.blocks[taken]
      if (next === undefined) continue
      if (rest === 'too early') return
      scheduler.again(next.header.number, given.blocks.length - taken)
    }
  }

  #schedule(first: bigint): RangeScheduler {
    const scheduler: RangeScheduler = new RangeScheduler(
      {
        donors: () => this.#donors(),
        fetch: (peer, from, count) => this.#fetch(scheduler, peer, from, count),
      },
      first,
      CATCH_UP_RANGES,
    )
    this.#scheduler = scheduler
    scheduler.fill()
    return scheduler
  }

  /**
   * Finds where a peer's chain leaves ours, and answers its first blocks from there; `undefined`:
   * it gave none.
   */
  async #firstRange(
    peer: PeerId,
    headNumber: bigint,
    isOver: () => boolean,
  ): Promise<FetchedRange | undefined> {
    const next = this.#parts.chain.head.header.number + 1n
    let first = headNumber < next ? headNumber : next
    for (let stepBack = 1n; !isOver(); stepBack *= 2n) {
      const { blocks, failure, isUnlinked } = await takeRange(this.#parts, peer, {
        first,
        count: CATCH_UP_RANGES.rangeBlocks,
        mustLink: true,
        isOver,
      })
      if (failure !== undefined && blocks.length === 0) throw failure
      if (!isUnlinked) return blocks.length === 0 ? undefined : { blocks, from: peer }
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

  /**
   * A range for the scheduler. Never rejects; a peer that gives nothing is not asked again for a
   * while.
   */
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
    if (blocks.length === 0) this.#disbelieve(peer)
    else if (failure !== undefined && !isOnly) this.#claims.rest(peer)
    if (failure !== undefined) {
      this.#parts.log.debug('a range of blocks was incomplete', {
        peer,
        reason: messageOf(failure),
      })
      this.#parts.requests.blame(peer, failure)
    }
    this.#ahead.add(blocks)
    return blocks
  }

  /** Imports as much as can be. Throws where that is the lead's fault, or ours. */
  async #takeIn({ blocks, from }: FetchedRange, lead: PeerId, run: CatchUpRun): Promise<Intake> {
    const [first] = blocks
    if (first !== undefined && !this.#parts.chain.has(first.header.parentHash)) {
      if (from === lead) throw new Error('its chain changed between two answers')
      this.#claims.rest(from)
      return { taken: 0, rest: 'from others' }
    }
    for (const [index, block] of blocks.entries()) {
      if (this.#isStopped || this.#isEarly(block)) return { taken: index, rest: 'too early' }
      try {
        await this.#import(block, from, run)
      } catch (error) {
        if (from === lead || !isProtocolBreach(error)) throw error
        this.#parts.requests.blame(from, error)
        this.#claims.rest(from)
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
      this.#claims.redeemed(from)
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

  /**
   * Only signers seal, but a signer's clock can be wrong: what is early comes again by gossip or a
   * later run.
   */
  #isEarly({ header }: Block): boolean {
    return Number(header.timestamp) * 1000 > this.#parts.clock.wallMs()
  }
}

const NOBODY: ReadonlySet<PeerId> = new Set()

function byDifficulty(a: PeerStatus, b: PeerStatus): number {
  if (a.status.totalDifficulty === b.status.totalDifficulty) return 0
  return a.status.totalDifficulty < b.status.totalDifficulty ? -1 : 1
}
