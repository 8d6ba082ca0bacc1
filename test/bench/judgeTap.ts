import type {
  GossipMessage,
  Network,
  PeerId,
  RouterAction,
  RouterEvent,
} from '../../src/gossip/network.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { Emitter, type Unsubscribe } from '../../src/lib/emitter.ts'
import { MessageIds } from '../../src/p2p/router/messageIds.ts'
import { ITEM_KINDS } from '../../src/item/itemKinds.ts'
import { topicOptions } from '../../src/p2p/router/topics.ts'

const FROM = '12D3KooWBenchmarkPeerBenchmarkPeerBenchmarkPeerBench1' as PeerId

/**
 * A router that does nothing but hand messages to the judge of the transaction topic, as p2p/ does.
 */
export class JudgeTap implements Pick<Network, 'subscribe' | 'publish' | 'onRouter'> {
  readonly #events = new Emitter<RouterEvent>()
  #topic = ''
  #ids = new MessageIds([])
  #judge: (message: GossipMessage) => Promise<RouterAction> = () => Promise.resolve('ignore')

  subscribe(topic: string, judge: (message: GossipMessage) => Promise<RouterAction>): void {
    if (!topic.includes('/tx/')) return
    this.#topic = topic
    this.#ids = new MessageIds([topicOptions(topic, ITEM_KINDS.tx)])
    this.#judge = judge
  }

  publish(): Promise<never> {
    return Promise.reject(new Error('a tap publishes nothing'))
  }

  onRouter(listener: (event: RouterEvent) => void): Unsubscribe {
    return this.#events.on(listener)
  }

  /** A copy arrives: its digest is made here, as the router makes it for the message id. */
  receive(data: Uint8Array): Promise<RouterAction> {
    const digest = this.#ids.of(this.#topic, data).hash
    const receivedMs = systemClock.monotonicMs()
    return this.#judge({ topic: this.#topic, data, from: FROM, digest, receivedMs })
  }

  /** The router recognised a copy by itself. */
  duplicate(data: Uint8Array): void {
    this.#emit('duplicate', data)
  }

  /** The router sent a copy on. */
  forwarded(data: Uint8Array): void {
    this.#emit('forwarded', data)
  }

  #emit(kind: 'duplicate' | 'forwarded', data: Uint8Array): void {
    const digest = this.#ids.of(this.#topic, data).hash
    const peer = kind === 'duplicate' ? { kind, from: FROM } : { kind, to: FROM }
    const atMs = systemClock.monotonicMs()
    this.#events.emit({ ...peer, topic: this.#topic, digest, atMs, bytes: data.length })
  }
}
