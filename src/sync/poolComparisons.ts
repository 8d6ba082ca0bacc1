import type { Hash } from '../crypto/keccak.ts'
import type { PeerId } from '../gossip/network.ts'
import { BoundedMap } from '../lib/boundedMap.ts'
import { MAX_REMEMBERED_PEERS, MAX_SAMPLE_HASHES } from './reconcileLimits.ts'

/** What a comparison cost, without the transactions that were fetched for it. */
export interface ComparisonCost {
  sentBytes: number
  receivedBytes: number
  roundTrips: number
}

/** How this node's pool and a peer's differed when they were last compared; what was missing has been sent since. */
export interface PoolComparison extends Readonly<ComparisonCost> {
  readonly peer: PeerId
  /** Which side asked. */
  readonly led: 'here' | 'there'
  /** Wall clock, ms since 1970. */
  readonly atMs: number
  /** Transactions that were compared: those old enough and fit to be forwarded. */
  readonly membersHere: number
  readonly membersThere: number
  readonly missingHere: number
  readonly missingThere: number
  /** Some of the missing ones. Where the peer asked, those that are missing here are known once it has given them. */
  readonly samplesHere: readonly Hash[]
  readonly samplesThere: readonly Hash[]
}

/** The last comparison with each connected peer. */
export class PoolComparisons {
  readonly #last = new BoundedMap<PeerId, PoolComparison>(MAX_REMEMBERED_PEERS)

  record(comparison: PoolComparison): void {
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
    this.record({ ...last, samplesHere, missingHere: Math.max(0, last.missingHere - known) })
  }

  forget(peer: PeerId): void {
    this.#last.delete(peer)
  }

  all(): readonly PoolComparison[] {
    return [...this.#last.values()]
  }
}
