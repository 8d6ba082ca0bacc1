/**
 * What more than two thirds of the signers hold to, as this node sees it: takes votes in, follows
 * the links that count, tells the chain what is justified and final, and keeps the proofs of
 * contradictions.
 *
 * Nothing follows within the call that adds a vote: the judge answers first, and no head changes
 * while the chain tells of another. What a vote changes is worked out in a turn of its own.
 */
import type { Block } from '../block/block.ts'
import type { Chain } from '../chain/chain.ts'
import type { Checkpoint, Settled } from '../chain/checkpoint.ts'
import type { Address } from '../crypto/address.ts'
import type { Cancel, Clock } from '../lib/clock.ts'
import { Emitter } from '../lib/emitter.ts'
import type { Logger } from '../lib/log.ts'
import { FinalityTimes } from './finalityTimes.ts'
import { isKnownBlock, Justification, type Conflict } from './justification.ts'
import { KEPT_FINAL_HEIGHTS, MAX_CHECKPOINTS_AHEAD } from './limits.ts'
import { quorumOf } from './quorum.ts'
import { EvidenceBook, type Evidence } from './slashing.ts'
import type { VoteLink, Vote, VoteDomain } from './vote.ts'
import { VoteStore, type VotedLink, type VoteNovelty } from './voteStore.ts'

/** What a node knew when it ended. */
export interface KeptFinality {
  readonly settled: Settled
  /**
   * Those above the finalized block, and of each signer one below it that shows what its later
   * votes surround.
   */
  readonly votes: readonly Vote[]
  readonly evidence: readonly Evidence[]
}

/** The part of the chain that finality reads and steers. */
export type FinalityChain = Pick<
  Chain,
  | 'genesis'
  | 'chainId'
  | 'signers'
  | 'checkpointInterval'
  | 'head'
  | 'heads'
  | 'entered'
  | 'header'
  | 'blockByNumber'
  | 'settled'
  | 'settle'
>

/** What finality works with. */
export interface FinalityParts {
  readonly chain: FinalityChain
  readonly clock: Clock
  readonly log: Logger
  /** From a data directory. */
  readonly kept?: KeptFinality | undefined
}

/** Votes, what they come to, and who contradicted itself. */
export class Finality {
  /** Something more is justified or final; the chain was told. */
  readonly changed = new Emitter<Settled>()
  /** A signer has contradicted itself. */
  readonly found = new Emitter<Evidence>()
  /** More than two thirds voted for a block that this node lacks. */
  readonly lacking = new Emitter<void>()
  readonly domain: VoteDomain
  readonly times: FinalityTimes
  readonly #parts: FinalityParts
  readonly #votes: VoteStore
  readonly #evidence = new EvidenceBook()
  readonly #justification: Justification
  readonly #ends: Cancel[] = []
  #isDue = false
  /** Links of a quorum whose blocks are not known yet. */
  #awaited: readonly VotedLink[] = []
  #votesSeen = 0
  #hasConflict = false

  constructor(parts: FinalityParts) {
    const { chain, clock, kept } = parts
    const { checkpointInterval: interval, genesis, chainId } = chain
    this.#parts = parts
    this.domain = { genesisHash: genesis.hash, chainId, interval }
    this.times = new FinalityTimes(clock)
    this.#votes = new VoteStore(chain.signers.length)
    this.#justification = new Justification(interval, kept?.settled ?? chain.settled)
    for (const evidence of kept?.evidence ?? []) this.#evidence.add(evidence)
    for (const vote of kept?.votes ?? []) this.#votes.add(vote)
    if (kept !== undefined) {
      chain.settle(kept.settled)
      this.#dropOld()
    }
  }

  get settled(): Settled {
    return this.#justification.settled
  }

  /** Blocks from one checkpoint to the next. */
  get interval(): bigint {
    return BigInt(this.domain.interval)
  }

  get signers(): readonly Address[] {
    return this.#parts.chain.signers
  }

  /** The fewest votes that count. */
  get quorum(): number {
    return quorumOf(this.signers.length)
  }

  /** Votes by height, to be read. */
  get votes(): Omit<VoteStore, 'add' | 'compareOld' | 'dropBelow'> {
    return this.#votes
  }

  /** Votes taken in since the start. */
  get votesSeen(): number {
    return this.#votesSeen
  }

  get evidence(): Omit<EvidenceBook, 'add'> {
    return this.#evidence
  }

  /**
   * Another final block than ours that does not go with it; only a third of the signers can bring
   * one about.
   */
  get conflict(): Conflict | undefined {
    return this.#justification.conflict
  }

  /** The newest checkpoint at or below the head. */
  get newestCheckpoint(): Checkpoint {
    const { chain } = this.#parts
    const { number } = chain.head.header
    const at = number - (number % this.interval)
    return { number: at, hash: chain.blockByNumber(at)?.hash ?? chain.genesis.hash }
  }

  /** The highest target of a vote that is taken: a node may be behind those who vote. */
  get highestTarget(): bigint {
    return this.newestCheckpoint.number + BigInt(MAX_CHECKPOINTS_AHEAD) * this.interval
  }

  /** Blocks that more than two thirds voted for and that this node lacks. */
  missing(): readonly Checkpoint[] {
    return this.#awaited
      .map(({ target }) => target)
      .filter((target) => !isKnownBlock(this.#parts.chain, target))
  }

  start(): void {
    const { chain } = this.#parts
    this.#ends.push(
      chain.heads.on(({ added }) => this.times.arrived(added)),
      chain.entered.on((block) => this.#onBlock(block)),
    )
    this.#schedule()
  }

  stop(): void {
    for (const end of this.#ends.splice(0)) end()
  }

  novelty(signer: Address, link: VoteLink): VoteNovelty {
    return this.#votes.novelty(signer, link)
  }

  /** Takes in a vote of one of the signers that is new; answers what it proves. */
  add(vote: Vote): readonly Evidence[] {
    this.#votesSeen++
    const evidence = this.#taken(this.#votes.add(vote))
    const link = this.#votes.linkOf(vote)
    if (link !== undefined && this.#votes.hasQuorum(link)) this.#schedule()
    return evidence
  }

  /** Takes in a vote of one of the signers that is too old to count; answers what it proves. */
  addOld(vote: Vote): readonly Evidence[] {
    return this.#taken(this.#votes.compareOld(vote))
  }

  /** What is to outlive the process. */
  kept(): KeptFinality {
    const { settled } = this
    const heights = this.#votes.heights().filter((height) => height > settled.finalized.number)
    const above = heights.flatMap((height) => this.#votes.votesAt(height))
    const votes = [...this.#votes.witnesses(), ...above]
    return { settled, votes, evidence: this.#evidence.all() }
  }

  #onBlock({ hash }: Block): void {
    if (this.#awaited.some(({ target }) => target.hash === hash)) this.#schedule()
  }

  #schedule(): void {
    if (this.#isDue) return
    this.#isDue = true
    this.#parts.clock.after(0, () => {
      this.#isDue = false
      if (this.#ends.length > 0) this.#advance()
    })
  }

  #advance(): void {
    const { chain } = this.#parts
    const links = this.#countingLinks()
    const { finalized } = this.settled
    const hasMore = this.#justification.apply(links, chain)
    this.#awaited = links.filter(({ target }) => !isKnownBlock(chain, target))
    this.#reportConflict()
    if (this.#awaited.length > 0) this.lacking.emit()
    if (!hasMore) return
    const { settled } = this
    chain.settle(settled)
    this.times.settled(settled, finalized.number)
    this.#dropOld()
    this.changed.emit(settled)
  }

  /** Those above the finalized block with a quorum, lowest first. */
  #countingLinks(): readonly VotedLink[] {
    return this.#votes
      .heights()
      .filter((height) => height > this.settled.finalized.number)
      .flatMap((height) =>
        this.#votes.linksAt(height).filter((link) => this.#votes.hasQuorum(link)),
      )
  }

  #dropOld(): void {
    const keptBelow = BigInt(KEPT_FINAL_HEIGHTS) * this.interval
    const { number } = this.settled.finalized
    this.#votes.dropBelow(number > keptBelow ? number - keptBelow : 1n)
  }

  /** Those that were new. */
  #taken(proofs: readonly Evidence[]): readonly Evidence[] {
    const evidence = proofs.filter((one) => this.#evidence.add(one))
    for (const one of evidence) this.#report(one)
    return evidence
  }

  #report(evidence: Evidence): void {
    const { kind, signer, first, second } = evidence
    this.#parts.log.warn('a signer contradicts itself', {
      signer,
      kind,
      votes: [first, second].map(({ hash }) => hash),
    })
    this.found.emit(evidence)
  }

  #reportConflict(): void {
    const { conflict } = this
    if (conflict === undefined || this.#hasConflict) return
    this.#hasConflict = true
    this.#parts.log.error(
      'two conflicting blocks are final: a third of the signers contradicts itself; see gossip_evidence',
      { ours: conflict.ours.hash, theirs: conflict.theirs.hash },
    )
  }
}
