/**
 * The votes that this node has, by height of their target.
 *
 * - Of one signer two votes for a height are kept whatever they say. A further one is kept where more than a third of
 *   the signers is behind its link: then an honest one is, and it may be what makes the link count. Honest signers vote
 *   once for a height, so that there are no more such links than signers.
 * - The newest heights are kept, a bounded number of them.
 * - An equivocator's votes all count. Else two nodes that saw them in another order would count differently.
 */
import type { Address } from '../crypto/address.ts'
import type { Hash } from '../crypto/keccak.ts'
import { MAX_VOTED_HEIGHTS, MAX_VOTES_PER_HEIGHT } from './limits.ts'
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

/** What the store says of a vote: it lacks it, has it, has enough of its signer, or keeps no such height any more. */
export type VoteNovelty = 'new' | 'known' | 'enough' | 'old'

/** Odd, and far from a power of two: 2 to the 32nd over the golden ratio (Knuth, volume 3, section 6.4). */
const SUMMARY_FACTOR = 0x9e3779b1

/** Votes by height and link, bounded. */
export class VoteStore {
  readonly #signerCount: number
  /** The links of each height. */
  readonly #heights = new Map<bigint, OpenLink[]>()
  /** Of the bytes of every vote. */
  readonly #hashes = new Set<Hash>()
  /** Below it nothing is kept. */
  #lowest = 1n

  constructor(signerCount: number) {
    this.#signerCount = signerCount
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

  /** Adds a vote that is new; answers what it proves of its signer. */
  add(vote: Vote): readonly Evidence[] {
    const evidence = this.votesOf(vote.signer).flatMap((other) => evidenceOf(other, vote))
    const links = this.#heights.get(vote.target.number) ?? []
    const link = links.find((one) => isSameLink(one, vote))
    if (link === undefined) {
      const { source, target } = vote
      links.push({ source, target, voters: new Map([[vote.signer, vote]]) })
    } else link.voters.set(vote.signer, vote)
    this.#heights.set(vote.target.number, links)
    this.#hashes.add(vote.hash)
    this.#bound()
    return evidence
  }

  /** Every vote that is kept of a signer. */
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
    let sum = 0
    for (const vote of this.votesAt(height)) sum ^= summaryOf(vote)
    return (sum >>> 0).toString(16).padStart(8, '0')
  }

  #bound(): void {
    if (this.#heights.size <= MAX_VOTED_HEIGHTS) return
    const second = this.heights()[1]
    if (second !== undefined) this.dropBelow(second)
  }

  #drop(height: bigint): void {
    for (const { hash } of this.votesAt(height)) this.#hashes.delete(hash)
    this.#heights.delete(height)
  }
}

function evidenceOf(first: Vote, second: Vote): Evidence[] {
  const kind = contradiction(first, second)
  return kind === undefined ? [] : [{ kind, signer: second.signer, first, second }]
}

/** Of what a vote says and whose it is, not of its bytes: a signer can sign one vote in many ways. */
function summaryOf({ signer, source, target }: Vote): number {
  let sum = 0
  for (const text of [signer, source.hash, target.hash])
    sum = Math.imul(sum ^ Number.parseInt(text.slice(2, 10), 16), SUMMARY_FACTOR)
  return sum ^ (sum >>> 15)
}
