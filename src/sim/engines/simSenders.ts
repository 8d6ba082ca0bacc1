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
import { CORE_COSTS, type Core } from '../links/core.ts'

/** The senders that the process has recovered; `null` for a signature that nobody can have made. */
export type KnownSenders = Map<Hash, Address | null>

/** The senders as one node knows them. */
export class SimSenders extends Senders {
  readonly #all: KnownSenders
  readonly #clock: Clock
  readonly #recoveryMs: number
  readonly #core: Core | undefined
  /** What this node has paid for. */
  readonly #own = new Set<Hash>()
  /** When its verifier is free. */
  #freeMs = 0

  /** @param core that of the process of the node, where nodes share processes. */
  constructor(all: KnownSenders, clock: Clock, recoveryMs: number, core?: Core) {
    super(inlineVerifier(), { maxKnownSenders: 1 })
    this.#all = all
    this.#clock = clock
    this.#recoveryMs = recoveryMs
    this.#core = core
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
    const sinceMs = this.#clock.monotonicMs()
    const untilMs = this.#judgedMs(sinceMs)
    if (untilMs === sinceMs) return 0
    await sleep(this.#clock, untilMs - sinceMs)
    return this.#clock.monotonicMs() - sinceMs
  }

  /** When what came at `sinceMs` has been recovered: by its process, or by a thread of its own. */
  #judgedMs(sinceMs: number): number {
    if (this.#core !== undefined) return this.#core.use(CORE_COSTS.txMs, sinceMs)
    if (this.#recoveryMs === 0) return sinceMs
    this.#freeMs = Math.max(this.#freeMs, sinceMs) + this.#recoveryMs
    return this.#freeMs
  }
}
