import type { HeadChange } from '../chain/importOutcome.ts'
import type { Cancel } from '../lib/clock.ts'
import type { Unsubscribe } from '../lib/emitter.ts'
import { assert } from '../lib/assert.ts'
import { BoundedMap } from '../lib/boundedMap.ts'
import type { Random } from '../lib/random.ts'
import type { PoolEvent } from '../mempool/events.ts'
import type { PooledTx } from '../mempool/entry.ts'
import type { RpcContext } from './context.ts'
import { encodeTxJson } from './encode/encodeTx.ts'
import { newRpcId } from './server/id.ts'
import type { Json } from './server/json.ts'
import type { RpcLimits } from './limits.ts'
import { changedLogs, type LogFilter } from './logFilter.ts'

/** What a filter collects between two polls. */
export type FilterTopic =
  | { readonly kind: 'blocks' }
  | { readonly kind: 'transactions'; readonly full: boolean }
  | { readonly kind: 'logs'; readonly filter: LogFilter }

interface Filter {
  readonly topic: FilterTopic
  /** Kept as they are and written as JSON when asked for: most are never asked for. */
  items: (() => Json)[]
  polledMs: number
}

/**
 * The filters of eth_newFilter and its kin: they collect until they are polled. Bounded in number
 * and each in length; one that nobody polls is removed, and so is one that overflows, since a list
 * with a hole would be a lie.
 */
export class Filters {
  readonly #context: RpcContext
  readonly #limits: RpcLimits
  readonly #random: Random
  /** In the order of their last polls. */
  readonly #byId: BoundedMap<string, Filter>
  readonly #stop: readonly (Unsubscribe | Cancel)[]

  constructor(context: RpcContext, limits: RpcLimits, random: Random) {
    this.#context = context
    this.#limits = limits
    this.#random = random
    this.#byId = new BoundedMap(limits.maxFilters)
    this.#stop = [
      context.chain.heads.on((change) => this.#headChanged(change)),
      context.mempool.events.on((event) => this.#poolChanged(event)),
      context.clock.every(limits.filterSweepMs, () => this.#sweep()),
    ]
  }

  get size(): number {
    return this.#byId.size
  }

  add(topic: FilterTopic): string {
    const id = newRpcId(this.#random)
    this.#byId.set(id, { topic, items: [], polledMs: this.#nowMs() })
    return id
  }

  remove(id: string): boolean {
    return this.#byId.delete(id)
  }

  /** What came since the last poll; `undefined` if there is no such filter. */
  changes(id: string): Json[] | undefined {
    const filter = this.#live(id)
    if (filter === undefined) return undefined
    const { items } = filter
    filter.items = []
    return items.map((encode) => encode())
  }

  topic(id: string): FilterTopic | undefined {
    return this.#live(id)?.topic
  }

  close(): void {
    for (const stop of this.#stop) stop()
    for (const id of this.#byId.keys()) this.#byId.delete(id)
  }

  assertInvariants(): void {
    assert(this.#byId.size <= this.#limits.maxFilters, 'no more filters than allowed')
    for (const { items } of this.#byId.values())
      assert(items.length <= this.#limits.maxFilterItems, 'no filter longer than allowed')
  }

  /** The filter, unless it is gone or has outlived its last poll; asking for it is a poll. */
  #live(id: string): Filter | undefined {
    this.#sweep()
    const filter = this.#byId.get(id)
    if (filter !== undefined) filter.polledMs = this.#nowMs()
    return filter
  }

  #sweep(): void {
    const bornMs = this.#nowMs() - this.#limits.filterLifeMs
    for (const [id, filter] of this.#byId.entries())
      if (filter.polledMs < bornMs) this.#byId.delete(id)
  }

  #headChanged(change: HeadChange): void {
    const { chain } = this.#context
    const { added } = change
    for (const [id, { topic }] of this.#byId.entries()) {
      if (topic.kind === 'blocks')
        this.#collect(
          id,
          added.map(
            ({ hash }) =>
              () =>
                hash,
          ),
        )
      if (topic.kind !== 'logs') continue
      const logs = changedLogs(chain, change, topic.filter)
      this.#collect(
        id,
        logs.map((log) => () => log),
      )
    }
  }

  #poolChanged(event: PoolEvent): void {
    if (!isNewlyPending(event)) return
    for (const [id, { topic }] of this.#byId.entries())
      if (topic.kind === 'transactions') this.#collect(id, [pendingItem(event.pooled, topic.full)])
  }

  #collect(id: string, items: readonly (() => Json)[]): void {
    const filter = this.#byId.peek(id)
    if (filter === undefined) return
    for (const item of items) filter.items.push(item)
    if (filter.items.length > this.#limits.maxFilterItems) this.#byId.delete(id)
  }

  #nowMs(): number {
    return this.#context.clock.monotonicMs()
  }
}

/**
 * Whether a transaction has just become executable: what newPendingTransactions tells of. One that
 * a reorganisation gives back to the pool is told of again, as by geth: it is pending once more.
 */
export function isNewlyPending(event: PoolEvent): boolean {
  if (event.kind === 'returned') return event.pooled.place === 'pending'
  return event.kind === 'pending' || event.kind === 'promoted'
}

/** A transaction of the pool as its hash or in full. */
export function pendingItem({ tx, sender }: PooledTx, full: boolean): () => Json {
  return () => (full ? encodeTxJson(tx, sender) : tx.hash)
}
