import type { Unsubscribe } from '../lib/emitter.ts'
import type { Hex } from '../lib/bytes.ts'
import { refused } from './errors.ts'
import type { Json } from './server/json.ts'

/** Begins to hand events to `notify`; the answer ends it. */
export type Feed = (notify: (result: Json) => void) => Unsubscribe

interface Subscription {
  readonly feed: Feed
  stop: Unsubscribe | undefined
}

/** What the subscriptions of one connection work with. */
export interface SubscriptionsOptions {
  readonly maxSubscriptions: number
  readonly newId: () => Hex
  /** Sends one notification to the client. */
  readonly send: (text: string) => void
}

/**
 * The subscriptions of one connection. A new one is silent until {@link activate}, which the
 * transport calls when the answer with its id is on its way: no client gets an event of a
 * subscription it has not heard of.
 */
export class Subscriptions {
  readonly #options: SubscriptionsOptions
  readonly #byId = new Map<Hex, Subscription>()

  constructor(options: SubscriptionsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#byId.size
  }

  add(feed: Feed): Hex {
    const { maxSubscriptions, newId } = this.#options
    if (this.#byId.size >= maxSubscriptions)
      throw refused(
        'too-many-subscriptions',
        `too many subscriptions: at most ${maxSubscriptions} on one connection`,
      )
    const id = newId()
    this.#byId.set(id, { feed, stop: undefined })
    return id
  }

  activate(): void {
    for (const [id, subscription] of this.#byId)
      subscription.stop ??= subscription.feed((result) => this.#notify(id, result))
  }

  remove(id: string): boolean {
    const key = id as Hex
    this.#byId.get(key)?.stop?.()
    return this.#byId.delete(key)
  }

  close(): void {
    for (const id of this.#byId.keys()) this.remove(id)
  }

  #notify(subscription: Hex, result: Json): void {
    if (!this.#byId.has(subscription)) return
    const params = { subscription, result }
    this.#options.send(JSON.stringify({ jsonrpc: '2.0', method: 'eth_subscription', params }))
  }
}
