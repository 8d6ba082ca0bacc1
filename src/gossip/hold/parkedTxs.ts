import type { Hash } from '../../crypto/keccak.ts'
import type { Unsubscribe } from '../../lib/emitter.ts'
import type { PoolEvent, PoolEventKind } from '../../mempool/events.ts'
import type { Mempool } from '../../mempool/mempool.ts'

/** What an event of the pool means to a transaction that is parked there. */
const OUTCOMES: Readonly<Partial<Record<PoolEventKind, 'ready' | 'gone'>>> = {
  released: 'ready',
  promoted: 'ready',
  replaced: 'gone',
  evicted: 'gone',
  expired: 'gone',
  dropped: 'gone',
  included: 'gone',
}

/**
 * Tells when a transaction that the pool keeps behind a nonce gap may be forwarded. Bounded by the
 * pool: every parked transaction leaves it, or its place, by one event.
 */
export class ParkedTxs {
  readonly #mempool: Pick<Mempool, 'get' | 'events'>
  readonly #waiting = new Map<Hash, (outcome: 'ready' | 'gone') => void>()
  readonly #unsubscribe: Unsubscribe

  constructor(mempool: Pick<Mempool, 'get' | 'events'>) {
    this.#mempool = mempool
    this.#unsubscribe = mempool.events.on((event) => this.#onEvent(event))
  }

  /** Transactions that wait. */
  get size(): number {
    return this.#waiting.size
  }

  /** `ready` when the gap before it is small enough to forward it; `gone` when it left the pool. */
  wait(hash: Hash): Promise<'ready' | 'gone'> {
    const place = this.#mempool.get(hash)?.place
    if (place !== 'parked') return Promise.resolve(place === undefined ? 'gone' : 'ready')
    return new Promise((resolve) => this.#waiting.set(hash, resolve))
  }

  close(): void {
    this.#unsubscribe()
    for (const resolve of this.#waiting.values()) resolve('gone')
    this.#waiting.clear()
  }

  #onEvent({ kind, pooled }: PoolEvent): void {
    const outcome = OUTCOMES[kind]
    if (outcome === undefined || this.#waiting.size === 0) return
    const resolve = this.#waiting.get(pooled.tx.hash)
    this.#waiting.delete(pooled.tx.hash)
    resolve?.(outcome)
  }
}
