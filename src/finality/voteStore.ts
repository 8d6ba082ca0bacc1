/**
 * The votes that this node has, by height of their target.
 *
 * - Of one signer two votes for a height are kept whatever they say. A further one is kept where
 *   more than a third of the signers is behind its link: then an honest one is, and it may be what
 *   makes the link count. Honest signers vote once for a height, so that there are no more such
 *   links than signers.
 * - The newest heights are kept, a bounded number of them. A vote for a lower one is not counted
 *   any more.
 * - The bound hides no contradiction between two votes that were counted. A new vote is for a
 *   height above all that were dropped, so that no dropped vote has its height or surrounds it, and
 *   it surrounds one exactly if it surrounds the one with the highest source. That one is kept of
 *   each signer, whatever its height.
 * - A vote that is too old to count is compared, too, and the last one of each signer is kept: a
 *   pair that comes one after the other proves its signer's fault however old it is.
 * - An equivocator's votes all count. Else two nodes that saw them in another order would count
 *   differently.
 */
import type { Address } from '../crypto/address.ts'
import type { Hash } from '../crypto/keccak.ts'
import { MAX_KEPT_VOTES, MAX_VOTED_HEIGHTS, MAX_VOTES_PER_HEIGHT } from './limits.ts'
import { isBeyondFaulty, isQuorum } from './quorum.ts'
import { contradiction, type Evidence } from './slashing.ts'
import { isSameLink, type VoteLink, type Vote } from './vote.ts'

/** A link, and who voted for it. */
export interface VotedLink extends VoteLink {
  readonly voters: ReadonlyMap<Address, Vote>
}

interface OpenLink extends VoteLink {
  readonly voters: Map<Address, Vote>
}

/**
 * What the store says of a vote: it lacks it, has it, has enough of its signer, or keeps no such
 * height any more.
 */
export type VoteNovelty = 'new' | 'known' | 'enough' | 'old'

/**
 * Odd, and far from a power of two: 2 to the 32nd over the golden ratio (Knuth, volume 3, section
 * 6.4).
 */
const SUMMARY_FACTOR = 0x9e3779b1

/** Votes by height and link, bounded. */
export class VoteStore {
  readonly #signerCount: number
  /** The links of each height. */
  readonly #heights = new Map<bigint, OpenLink[]>()
  /** Of the votes of each height: see {@link VoteStore.summaryAt}. */
  readonly #sums = new Map<bigint, number>()
  /** Of the bytes of every vote. */
  readonly #hashes = new Set<Hash>()
  /** Of the votes of each signer that were dropped, the one with the highest source. */
  readonly #witnesses = new Map<Address, Vote>()
  /** The last vote of each signer that was too old to count. */
  readonly #strays = new Map<Address, Vote>()
  readonly #maxHeights: number
  /** Below it no height is kept. */
  #lowest = 1n

  constructor(signerCount: number) {
    this.#signerCount = signerCount
    this.#maxHeights = Math.min(MAX_VOTED_HEIGHTS, Math.floor(MAX_KEPT_VOTES / signerCount))
  }

  get count(): number {
    return this.#hashes.size
  }

  /** The height below which no vote is taken any more. */
  get lowest(): bigint {
    return this.#lowest
  }

  /** Whether the vote in these very bytes is kept. */
  has(hash: Hash): boolean {
    return this.#hashes.has(hash)
  }

  novelty(signer: Address, link: VoteLink): VoteNovelty {
    if (link.target.number < this.#lowest) return 'old'
    const links = this.#heights.get(link.target.number) ?? []
    const same = links.find((one) => isSameLink(one, link))
    if (same?.voters.has(signer) === true) return 'known'
    const votes = links.filter(({ voters }) => voters.has(signer)).length
    if (votes < MAX_VOTES_PER_HEIGHT) return 'new'
    return isBeyondFaulty(same?.voters.size ?? 0, this.#signerCount) ? 'new' : 'enough'
  }

  /**
   * Compares a vote that is too old to count, and keeps it as the signer's last one; answers what
   * it proves.
   */
  compareOld(vote: Vote): readonly Evidence[] {
    const evidence = this.#proofsBy(vote)
    this.#strays.set(vote.signer, vote)
    return evidence
  }

  /** Adds a vote that is new; answers what it proves of its signer. */
  add(vote: Vote): readonly Evidence[] {
    const evidence = this.#proofsBy(vote)
    const links = this.#heights.get(vote.target.number) ?? []
    const link = links.find((one) => isSameLink(one, vote))
    if (link === undefined) {
      const { source, target } = vote
      links.push({ source, target, voters: new Map([[vote.signer, vote]]) })
    } else link.voters.set(vote.signer, vote)
    const height = vote.target.number
    this.#heights.set(height, links)
    this.#sums.set(height, (this.#sums.get(height) ?? 0) ^ summaryOf(vote))
    this.#hashes.add(vote.hash)
    this.#bound()
    return evidence
  }

  /** Of each signer of whom votes were dropped, the one with the highest source. */
  witnesses(): readonly Vote[] {
    return [...this.#witnesses.values()]
  }

  /** Every vote of a signer at the heights that are kept. */
  votesOf(signer: Address): readonly Vote[] {
    const found: Vote[] = []
    for (const links of this.#heights.values())
      for (const { voters } of links) {
        const vote = voters.get(signer)
        if (vote !== undefined) found.push(vote)
      }
    return found
  }

  /** Heights that have votes, ascending. */
  heights(): readonly bigint[] {
    return [...this.#heights.keys()].sort((a, b) => (a < b ? -1 : 1))
  }

  linksAt(height: bigint): readonly VotedLink[] {
    return this.#heights.get(height) ?? []
  }

  /** The link that the vote is for, with all who voted for it. */
  linkOf(vote: VoteLink): VotedLink | undefined {
    return this.#heights.get(vote.target.number)?.find((one) => isSameLink(one, vote))
  }

  /** Every vote for a height. */
  votesAt(height: bigint): readonly Vote[] {
    return this.linksAt(height).flatMap(({ voters }) => [...voters.values()])
  }

  hasQuorum({ voters }: VotedLink): boolean {
    return isQuorum(voters.size, this.#signerCount)
  }

  /** Drops the votes for lower heights. */
  dropBelow(height: bigint): void {
    if (height <= this.#lowest) return
    this.#lowest = height
    for (const known of this.#heights.keys()) if (known < height) this.#drop(known)
  }

  /** The votes for a height in 8 hex digits: two stores that have the same ones say the same. */
  summaryAt(height: bigint): string {
    return ((this.#sums.get(height) ?? 0) >>> 0).toString(16).padStart(8, '0')
  }

  #proofsBy(vote: Vote): readonly Evidence[] {
    const { signer } = vote
    const others = [this.#witnesses.get(signer), this.#strays.get(signer)]
    return [...this.votesOf(signer), ...others.filter((one) => one !== undefined)].flatMap(
      (other) => evidenceOf(other, vote),
    )
  }

  #bound(): void {
    if (this.#heights.size <= this.#maxHeights) return
    const second = this.heights()[1]
    if (second !== undefined) this.dropBelow(second)
  }

  #drop(height: bigint): void {
    for (const vote of this.votesAt(height)) {
      this.#hashes.delete(vote.hash)
      const before = this.#witnesses.get(vote.signer)
      if (before === undefined || before.source.number < vote.source.number)
        this.#witnesses.set(vote.signer, vote)
    }
    this.#heights.delete(height)
    this.#sums.delete(height)
  }
}

function evidenceOf(first: Vote, second: Vote): Evidence[] {
  const kind = contradiction(first, second)
  return kind === undefined ? [] : [{ kind, signer: second.signer, first, second }]
}

/**
 * Of what a vote says and whose it is, not of its bytes: a signer can sign one vote in many ways.
 */
function summaryOf({ signer, source, target }: Vote): number {
  let sum = 0
  for (const text of [signer, source.hash, target.hash])
    sum = Math.imul(sum ^ Number.parseInt(text.slice(2, 10), 16), SUMMARY_FACTOR)
  return sum ^ (sum >>> 15)
}
