/**
 * The two ways in which a signer contradicts itself (Buterin and Griffith 2017, section 2.2).
 * Nobody is punished here: a devnet has no stake. The pair of votes is the proof, and anybody can
 * check it.
 */
import type { Address } from '../crypto/address.ts'
import { MAX_EVIDENCE, MAX_EVIDENCE_PER_SIGNER } from './limits.ts'
import { isSameLink, type VoteLink, type Vote } from './vote.ts'

/** The names of the two. */
export const CONTRADICTIONS = ['double-vote', 'surround-vote'] as const
/** One of {@link CONTRADICTIONS}. */
export type Contradiction = (typeof CONTRADICTIONS)[number]

/** Two votes of one signer that no honest one signs both of. */
export interface Evidence {
  readonly kind: Contradiction
  readonly signer: Address
  readonly first: Vote
  readonly second: Vote
}

/**
 * How two votes of one signer contradict each other: two votes for one height, or one whose span
 * lies strictly within that of the other. `undefined` where they do not.
 */
export function contradiction(a: VoteLink, b: VoteLink): Contradiction | undefined {
  if (isSameLink(a, b)) return undefined
  if (a.target.number === b.target.number) return 'double-vote'
  return surrounds(a, b) || surrounds(b, a) ? 'surround-vote' : undefined
}

function surrounds(outer: VoteLink, inner: VoteLink): boolean {
  return outer.source.number < inner.source.number && inner.target.number < outer.target.number
}

/** The proofs that this node has, bounded: so many of each signer, the first ones. */
export class EvidenceBook {
  readonly #bySigner = new Map<Address, Evidence[]>()
  #count = 0

  get count(): number {
    return this.#count
  }

  /** In the order in which they were found, by signer. */
  all(): readonly Evidence[] {
    return [...this.#bySigner.values()].flat()
  }

  isConvicted(signer: Address): boolean {
    return this.#bySigner.has(signer)
  }

  /** Who is convicted, in 8 hex digits: two books that name the same signers say the same. */
  get summary(): string {
    let sum = 0
    for (const signer of this.#bySigner.keys()) sum ^= Number.parseInt(signer.slice(2, 10), 16)
    return (sum >>> 0).toString(16).padStart(8, '0')
  }

  /** The first proof of each signer that has one. */
  firstOfEach(): readonly Evidence[] {
    return [...this.#bySigner.values()].flatMap((all) => all.slice(0, 1))
  }

  /** Whether it is new and there is room. */
  add(evidence: Evidence): boolean {
    const known = this.#bySigner.get(evidence.signer) ?? []
    const isFull = known.length >= MAX_EVIDENCE_PER_SIGNER || this.#count >= MAX_EVIDENCE
    if (isFull || known.some((one) => isSamePair(one, evidence))) return false
    this.#bySigner.set(evidence.signer, [...known, evidence])
    this.#count++
    return true
  }
}

function isSamePair(a: Evidence, b: Evidence): boolean {
  return (
    (isSameLink(a.first, b.first) && isSameLink(a.second, b.second)) ||
    (isSameLink(a.first, b.second) && isSameLink(a.second, b.first))
  )
}
