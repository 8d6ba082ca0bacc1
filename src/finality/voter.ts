/**
 * The voting of a signer: one vote for every checkpoint that its head passes, from the highest
 * justified block.
 *
 * It never signs what could contradict an earlier vote (EIP-3076): no source below its highest, no
 * target at or below its highest. What it signs is on the disk before it is sent; where that fails
 * it does not vote. After a start it votes only once a peer has told its votes, this signer's own
 * among them: an old backup of the record is mended by that.
 *
 * Without a record, as without a data directory, it may have voted for anything up to the highest
 * head that it or its peers know. So it begins more than a whole interval above that. At the
 * genesis of a network there is nothing to wait for, and neither is there for the only signer of a
 * network.
 */
import type { Chain } from '../chain/chain.ts'
import type { Checkpoint } from '../chain/checkpoint.ts'
import type { Address } from '../crypto/address.ts'
import { addressOfPublicKey } from '../crypto/address.ts'
import { secp256k1 } from '../crypto/secp256k1.ts'
import { messageOf } from '../lib/assert.ts'
import type { Cancel, Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import type { Finality } from './finality.ts'
import { signerOf, signVote, type VoteLink, type Vote } from './vote.ts'
import { isSafe, type VotedUpTo, type VoteMemory, type VoteRecord } from './voteRecord.ts'

/** What a voter works with. */
export interface VoterParts {
  readonly finality: Finality
  readonly chain: Pick<Chain, 'heads' | 'head'>
  readonly clock: Clock
  readonly log: Logger
  readonly privateKey: Uint8Array
  /** Where its votes are remembered; in memory alone if left out. */
  readonly record?: VoteRecord | undefined
  /** Sends a vote of ours. */
  readonly send: (raw: Uint8Array) => Promise<unknown>
}

/** What an honest signer votes for, if anything: never what could contradict an earlier vote. */
export function nextLink(
  source: Checkpoint,
  target: Checkpoint,
  before: VotedUpTo,
): VoteLink | undefined {
  const link = { source, target }
  return target.number > source.number && isSafe(link, before) ? link : undefined
}

/** Votes as one signer. */
export class Voter {
  readonly address: Address
  readonly #parts: VoterParts
  readonly #ends: Cancel[] = []
  #votedUpTo: VotedUpTo
  /** Whether what was voted before the start is known, or bounded. */
  #isReady: boolean
  #isDue = false
  #isVoting = false
  #isFailing = false

  constructor(parts: VoterParts) {
    const { privateKey, record, finality } = parts
    this.#parts = parts
    this.address = addressOfPublicKey(secp256k1.publicKey(privateKey))
    this.#votedUpTo = record?.found ?? { source: 0n, target: 0n }
    this.#isReady = finality.signers.length === 1
  }

  /** The highest source and target that it has signed, as far as is known. */
  get votedUpTo(): VotedUpTo {
    return this.#votedUpTo
  }

  /** Whether it votes: see the head of this file. */
  get isReady(): boolean {
    return this.#isReady
  }

  /**
   * Sends its last vote again, which may not have left before the end. One of another interval is
   * of no use.
   */
  start(): void {
    const { chain, finality, record, send } = this.#parts
    this.#ends.push(
      chain.heads.on(() => this.#schedule()),
      finality.changed.on(() => this.#schedule()),
    )
    const last = record?.found?.vote
    if (last !== undefined && signerOf(finality.domain, last) === this.address)
      void this.#attempt(() => send(last.raw))
    this.#schedule()
  }

  stop(): void {
    for (const end of this.#ends.splice(0)) end()
  }

  /** A peer has told all its votes; its head had this number. */
  heardVotes(headNumber: bigint): void {
    if (this.#isReady) return
    const { chain, finality, record, log } = this.#parts
    this.#isReady = true
    const own = chain.head.header.number
    const highest = headNumber > own ? headNumber : own
    if (record?.found === undefined && highest > 0n) {
      const target = highest + finality.interval
      this.#votedUpTo = { ...this.#votedUpTo, target }
      log.warn(
        'this signer has no record of its votes: it votes only above what it may have voted for',
        {
          above: Number(target),
        },
      )
    }
    this.#schedule()
  }

  /** In a turn of its own: whoever told of a new head or block goes first. */
  #schedule(): void {
    if (this.#isDue) return
    this.#isDue = true
    this.#parts.clock.after(0, () => {
      this.#isDue = false
      if (this.#ends.length > 0) void this.#vote()
    })
  }

  async #vote(): Promise<void> {
    if (!this.#isReady || this.#isVoting) return
    this.#adoptOwnVotes()
    const link = this.#link()
    if (link === undefined) return
    this.#isVoting = true
    const { finality, privateKey, send, log } = this.#parts
    const isSent = await this.#attempt(async () => {
      const vote = signVote(finality.domain, link, privateKey)
      await this.#remember(vote)
      await send(vote.raw)
      log.debug('voted', { source: Number(link.source.number), target: Number(link.target.number) })
    })
    this.#isVoting = false
    if (isSent) this.#schedule()
  }

  /**
   * What it would vote for now: from the highest justified block to the newest checkpoint of its
   * chain.
   */
  #link(): VoteLink | undefined {
    const { finality } = this.#parts
    return nextLink(finality.settled.justified, finality.newestCheckpoint, this.#votedUpTo)
  }

  /**
   * Votes of this key that peers have told: of a run whose record is lost, or of another process
   * that has the key.
   */
  #adoptOwnVotes(): void {
    for (const { source, target } of this.#parts.finality.votes.votesOf(this.address)) {
      const before = this.#votedUpTo
      this.#votedUpTo = {
        source: source.number > before.source ? source.number : before.source,
        target: target.number > before.target ? target.number : before.target,
      }
    }
  }

  async #remember(vote: Vote): Promise<void> {
    const memory: VoteMemory = { source: vote.source.number, target: vote.target.number, vote }
    await this.#parts.record?.write(memory)
    this.#votedUpTo = memory
  }

  /** Whether it was done. What failed is tried again at the next head. */
  async #attempt(task: () => Promise<unknown>): Promise<boolean> {
    try {
      await task()
      this.#isFailing = false
      return true
    } catch (error) {
      const fields = { signer: this.address, reason: messageOf(error) }
      if (!this.#isFailing) this.#parts.log.error('a vote was not sent', fields)
      this.#isFailing = true
      return false
    }
  }
}
