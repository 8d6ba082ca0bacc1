/**
 * What the router remembers of messages, bounded in number. Its own caches are bounded by time
 * alone: whoever sends messages that are ignored without penalty, each another, filled 1.9 GB of
 * them at 5,800/s. Beyond the bounds the oldest leaves for each that comes. A message whose id was
 * forgotten is judged again, and is then known to the pool or the chain; a delivery that was
 * forgotten costs or earns nobody a point.
 */
import type { Clock } from '../../lib/clock.ts'
import { AgingMap, type AgingBounds } from '../../lib/agingMap.ts'
import type { LimitValues } from '../limits.ts'
import type { RouterInternals, RouterDelivery } from './routerInternals.ts'

/** How long the router's score keeps a delivery, ms (gossipsub 17.1.1, TimeCacheDuration). */
const DELIVERY_LIFE_MS = 120_000

/** What the router takes for a message whose verdict is out. */
const UNKNOWN = 0

/** What bounds the router's memory. */
export interface MemoryParts {
  readonly limits: Pick<LimitValues, 'gossipSeenIds' | 'gossipDeliveryRecords'>
  readonly clock: Clock
  /** How long an id is remembered where there is room, ms. */
  readonly seenMs: number
}

/** Puts bounded memories in the place of the router's own, which must be empty still. */
export function boundMemory(router: RouterInternals, { limits, clock, seenMs }: MemoryParts): void {
  const ids = { maxEntries: limits.gossipSeenIds, maxAgeMs: seenMs }
  router.seenCache = new SeenIds(ids, clock)
  router.publishedMessageIds = new SeenIds(ids, clock)
  const deliveries = { maxEntries: limits.gossipDeliveryRecords, maxAgeMs: DELIVERY_LIFE_MS }
  router.score.deliveryRecords = new DeliveryRecords(deliveries, clock)
}

/** Ids that were seen, by the members that the router uses of its own cache. */
export class SeenIds {
  readonly #ids: AgingMap<true>
  readonly #clock: Clock

  constructor(bounds: AgingBounds, clock: Clock) {
    this.#ids = new AgingMap(bounds)
    this.#clock = clock
  }

  get size(): number {
    return this.#ids.size
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  /** Answers whether the id was there already, with the age it had. */
  put(id: string): boolean {
    return !this.#ids.set(id, true, this.#clock.monotonicMs())
  }

  /** The id counts as never seen. */
  delete(id: string): boolean {
    return this.#ids.delete(id)
  }

  prune(): void {
    this.#ids.prune(this.#clock.monotonicMs())
  }

  clear(): void {
    this.#ids.clear()
  }
}

/**
 * Who delivered what and what became of it, by the members that the router's score uses of its own
 * records.
 */
export class DeliveryRecords {
  readonly #records: AgingMap<RouterDelivery>
  readonly #clock: Clock

  constructor(bounds: AgingBounds, clock: Clock) {
    this.#records = new AgingMap(bounds)
    this.#clock = clock
  }

  get size(): number {
    return this.#records.size
  }

  getRecord(id: string): RouterDelivery | undefined {
    return this.#records.get(id)
  }

  ensureRecord(id: string): RouterDelivery {
    const known = this.#records.get(id)
    if (known !== undefined) return known
    const firstSeenTsMs = this.#clock.wallMs()
    const record = { status: UNKNOWN, firstSeenTsMs, validated: 0, peers: new FewNames() }
    this.#records.set(id, record, this.#clock.monotonicMs())
    return record
  }

  gc(): void {
    this.#records.prune(this.#clock.monotonicMs())
  }

  clear(): void {
    this.#records.clear()
  }
}

/** Names up to this number are looked through: a set of so few takes more room and time. */
const FEW = 12

/**
 * A set of names that costs nothing while it is empty, and little while it is small, as it is for
 * most messages.
 */
class FewNames {
  #names: string[] | Set<string> | undefined

  has(name: string): boolean {
    const names = this.#names
    return names instanceof Set ? names.has(name) : names?.includes(name) === true
  }

  add(name: string): void {
    const names = this.#names
    if (names === undefined) this.#names = [name]
    else if (names instanceof Set) names.add(name)
    else if (names.includes(name)) return
    else if (names.length < FEW) names.push(name)
    else this.#names = new Set([...names, name])
  }

  forEach(visit: (name: string) => void): void {
    this.#names?.forEach((name) => visit(name))
  }

  clear(): void {
    this.#names = undefined
  }
}
