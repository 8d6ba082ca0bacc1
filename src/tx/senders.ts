/**
 * Who sent what, recovered at most once: recovery is the costliest part of judging a transaction,
 * and a block's transactions have mostly been seen in gossip before.
 */
import type { Address } from '../crypto/address.ts'
import type { Hash } from '../crypto/keccak.ts'
import type { Lane, Recovered, Verifier } from '../crypto/verifier.ts'
import { BoundedMap } from '../lib/boundedMap.ts'
import { txLimits, type TxLimits } from './limits.ts'
import { recoverSender, signatureBytes, signingDigest } from './signature.ts'
import type { Tx } from './tx.ts'

/** Recovers the senders of transactions, each once while it is remembered. */
export class Senders {
  readonly #verifier: Verifier
  readonly #known: BoundedMap<Hash, Address>
  /**
   * Recoveries under way, so that two who ask for one hash share one; bounded by the verifier's own
   * queues.
   */
  readonly #underWay = new Map<Hash, Promise<Recovered>>()

  constructor(verifier: Verifier, options: Pick<TxLimits, 'maxKnownSenders'> = txLimits) {
    this.#verifier = verifier
    this.#known = new BoundedMap(options.maxKnownSenders)
  }

  /** The sender of a transaction that was recovered before and not yet forgotten. */
  known(hash: Hash): Address | undefined {
    return this.#known.get(hash)
  }

  /**
   * The sender of `tx`, recovered on the calling thread where it is not known; `undefined` where
   * nobody can have signed. For answers about what was judged long ago, one at a time.
   */
  recoverNow(tx: Tx): Address | undefined {
    const known = this.#known.get(tx.hash)
    if (known !== undefined) return known
    const address = recoverSender(tx)
    if (address !== undefined) this.#known.set(tx.hash, address)
    return address
  }

  /**
   * The sender of `tx`. A failure is not kept: whoever asks again causes a new try. A block that
   * shared a transaction's recovery does so by itself, in its own lane, when that failed for lack
   * of time or room.
   */
  async recover(tx: Tx, lane: Lane): Promise<Recovered> {
    const address = this.#known.get(tx.hash)
    if (address !== undefined) return { address, queuedMs: 0 }
    const shared = this.#underWay.get(tx.hash)
    if (shared === undefined) return this.#start(tx, lane)
    const recovered = await shared
    const tryAgain = lane === 'block' && isOurFailure(recovered)
    return tryAgain ? (this.#underWay.get(tx.hash) ?? this.#start(tx, lane)) : recovered
  }

  #start(tx: Tx, lane: Lane): Promise<Recovered> {
    const recovery = this.#run(tx, lane)
    this.#underWay.set(tx.hash, recovery)
    return recovery
  }

  async #run(tx: Tx, lane: Lane): Promise<Recovered> {
    const { yParity } = tx.signature
    try {
      const digest = signingDigest(tx)
      const recovered = await this.#verifier.recover(digest, signatureBytes(tx), yParity, lane)
      if ('address' in recovered) this.#known.set(tx.hash, recovered.address)
      return recovered
    } finally {
      this.#underWay.delete(tx.hash)
    }
  }
}

function isOurFailure(recovered: Recovered): boolean {
  return 'failure' in recovered && recovered.failure !== 'bad-signature'
}
