/**
 * Transactions that peers have offered and this node wants: whom to ask for which.
 *
 * - A hash is asked for at one peer at a time, and once at each peer that offered it.
 * - When that peer does not deliver, the next that offered it is asked, so that nobody can keep a
 *   transaction from us by offering it and saying nothing.
 * - Bounded per peer: nobody's offers push out those of another.
 */
import type { Hash } from '../../crypto/keccak.ts'
import type { PeerId } from '../../gossip/network.ts'
import { assert } from '../../lib/assert.ts'
import { MAX_FETCHED_TXS, MAX_OFFERS_PER_PEER } from '../limits.ts'

/** Offers that were not asked for yet, by peer. */
export class OfferedTxs {
  /** By peer: offered and not asked for there. No set is empty. */
  readonly #offers = new Map<PeerId, Set<Hash>>()
  readonly #asked = new Set<Hash>()
  readonly #isKnown: (hash: Hash) => boolean

  /** `isKnown`: whether the transaction has come meanwhile, by whatever route. */
  constructor(isKnown: (hash: Hash) => boolean) {
    this.#isKnown = isKnown
  }

  /** Peers whose offers are not all asked for. */
  get peers(): readonly PeerId[] {
    return [...this.#offers.keys()]
  }

  /** Takes what is wanted and fits; answers how many of the hashes that is. */
  add(peer: PeerId, hashes: readonly Hash[]): number {
    const offers = this.#offers.get(peer) ?? new Set()
    const before = offers.size
    for (const hash of hashes)
      if (offers.size < MAX_OFFERS_PER_PEER && !this.#isKnown(hash)) offers.add(hash)
    if (offers.size > 0) this.#offers.set(peer, offers)
    return offers.size - before
  }

  /** What to ask the peer for now; from here on these count as asked there. */
  ask(peer: PeerId): readonly Hash[] {
    const batch: Hash[] = []
    for (const hash of this.#offers.get(peer) ?? []) {
      if (batch.length === MAX_FETCHED_TXS) break
      if (this.#isKnown(hash)) this.settle(hash)
      else if (!this.#asked.has(hash)) batch.push(hash)
    }
    for (const hash of batch) {
      this.#remove(peer, hash)
      this.#asked.add(hash)
    }
    return batch
  }

  /** The transaction is here, or not wanted any more: nobody is asked for it. */
  settle(hash: Hash): void {
    this.#asked.delete(hash)
    for (const peer of this.peers) this.#remove(peer, hash)
  }

  /** The peer did not deliver what it was asked for: others may be. */
  giveBack(hashes: readonly Hash[]): void {
    for (const hash of hashes) this.#asked.delete(hash)
  }

  /** Forgets what the peer offered and was not asked for. */
  forget(peer: PeerId): void {
    this.#offers.delete(peer)
  }

  assertInvariants(): void {
    for (const offers of this.#offers.values()) {
      assert(offers.size > 0, 'no set of offers is empty')
      assert(offers.size <= MAX_OFFERS_PER_PEER, 'the offers of a peer are bounded')
    }
  }

  #remove(peer: PeerId, hash: Hash): void {
    const offers = this.#offers.get(peer)
    offers?.delete(hash)
    if (offers?.size === 0) this.#offers.delete(peer)
  }
}
