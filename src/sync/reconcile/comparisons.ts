import type { Hash } from '../../crypto/keccak.ts'
import type { PeerId } from '../../gossip/network.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import { MAX_REMEMBERED_PEERS, MAX_SAMPLE_HASHES } from './reconcileLimits.ts'

/** What a comparison cost, without what was fetched for it. */
export interface ComparisonCost {
  sentBytes: number
  receivedBytes: number
  roundTrips: number
}

/**
 * How this node's set and a peer's differed when they were last compared; what was missing has been
 * sent since.
 */
export interface SetComparison extends Readonly<ComparisonCost> {
  readonly peer: PeerId
  /** Which side asked. */
  readonly led: 'here' | 'there'
  /** Wall clock, ms since 1970. */
  readonly atMs: number
  /** Elements that were compared. */
  readonly membersHere: number
  readonly membersThere: number
  readonly missingHere: number
  readonly missingThere: number
  /**
   * Some of the missing ones. Where the peer asked, those that are missing here are known once it
   * has given them.
   */
  readonly samplesHere: readonly Hash[]
  readonly samplesThere: readonly Hash[]
}

/** All comparisons since the start. */
export interface ReconciliationCounts extends Readonly<ComparisonCost> {
  /** SetComparisons that came to their end, by which side asked. */
  readonly ledHere: number
  readonly ledThere: number
  /** What was missing here and fetched, and that were missing there and named to the peer. */
  readonly taken: number
  readonly given: number
}

/** The last comparison with each connected peer, and what all of them came to. */
export class SetComparisons {
  readonly #last = new BoundedMap<PeerId, SetComparison>(MAX_REMEMBERED_PEERS)
  readonly #counts = {
    ledHere: 0,
    ledThere: 0,
    taken: 0,
    given: 0,
    sentBytes: 0,
    receivedBytes: 0,
    roundTrips: 0,
  }

  get counts(): ReconciliationCounts {
    return { ...this.#counts }
  }

  /** A comparison came to its end. */
  record(comparison: SetComparison): void {
    const counts = this.#counts
    if (comparison.led === 'here') counts.ledHere++
    else counts.ledThere++
    counts.given += comparison.missingThere
    counts.sentBytes += comparison.sentBytes
    counts.receivedBytes += comparison.receivedBytes
    counts.roundTrips += comparison.roundTrips
    this.#remember(comparison)
  }

  /** So much that was missing here is fetched. */
  took(count: number): void {
    this.#counts.taken += count
  }

  #remember(comparison: SetComparison): void {
    const { samplesHere, samplesThere } = comparison
    this.#last.set(comparison.peer, {
      ...comparison,
      samplesHere: samplesHere.slice(0, MAX_SAMPLE_HASHES),
      samplesThere: samplesThere.slice(0, MAX_SAMPLE_HASHES),
    })
  }

  /**
   * The peer has named what it says is missing here.
   *
   * @param known how many of it are not missing: a block has them, or they came meanwhile.
   */
  name(peer: PeerId, hashes: readonly Hash[], known: number): void {
    const last = this.#last.get(peer)
    if (last === undefined) return
    const samplesHere = [...last.samplesHere, ...hashes]
    this.#remember({ ...last, samplesHere, missingHere: Math.max(0, last.missingHere - known) })
  }

  forget(peer: PeerId): void {
    this.#last.delete(peer)
  }

  all(): readonly SetComparison[] {
    return [...this.#last.values()]
  }
}
