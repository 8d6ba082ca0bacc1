/**
 * Who sent what, recovered once for all nodes. Each node waits as if its own verifier's thread had
 * done it, one signature after the other.
 */
import type { Address } from '../../crypto/address.ts'
import type { Hash } from '../../crypto/keccak.ts'
import { inlineVerifier, type Recovered } from '../../crypto/verifier.ts'
import { sleep, type Clock } from '../../lib/clock.ts'
import { Senders } from '../../tx/senders.ts'
import { recoverSender } from '../../tx/signature.ts'
import type { Tx } from '../../tx/tx.ts'
import { Core } from '../links/core.ts'

/** The senders that the process has recovered; `null` for a signature that nobody can have made. */
export type KnownSenders = Map<Hash, Address | null>

/** The senders as one node knows them. */
export class SimSenders extends Senders {
  readonly #all: KnownSenders
  readonly #clock: Clock
  readonly #costMs: number
  readonly #thread: Core
  /** What this node has paid for. */
  readonly #own = new Set<Hash>()

  /**
   * @param costMs what one recovery takes of the thread.
   * @param thread that of the process, where nodes share processes; a verifier's own unless given.
   */
  constructor(all: KnownSenders, clock: Clock, costMs: number, thread = new Core()) {
    super(inlineVerifier(), { maxKnownSenders: 1 })
    this.#all = all
    this.#clock = clock
    this.#costMs = costMs
    this.#thread = thread
  }

  override known(hash: Hash): Address | undefined {
    return this.#own.has(hash) ? (this.#all.get(hash) ?? undefined) : undefined
  }

  override recoverNow(tx: Tx): Address | undefined {
    return this.#address(tx) ?? undefined
  }

  override async recover(tx: Tx): Promise<Recovered> {
    const address = this.#address(tx)
    const queuedMs = this.#own.has(tx.hash) ? 0 : await this.#wait()
    if (address === null) return { failure: 'bad-signature', queuedMs }
    this.#own.add(tx.hash)
    return { address, queuedMs }
  }

  #address(tx: Tx): Address | null {
    const known = this.#all.get(tx.hash)
    if (known !== undefined) return known
    const address = recoverSender(tx) ?? null
    this.#all.set(tx.hash, address)
    return address
  }

  async #wait(): Promise<number> {
    if (this.#costMs === 0) return 0
    const sinceMs = this.#clock.monotonicMs()
    await sleep(this.#clock, this.#thread.use(this.#costMs, sinceMs) - sinceMs)
    return this.#clock.monotonicMs() - sinceMs
  }
}
