/**
 * Gossip frames as numbers, from one thread to another. Messages, ids and topics have numbers, too:
 * each goes over once, and from then on its number stands for it, so that all who receive a message
 * in the other thread share one object as those of this thread do.
 *
 *     frame     messages n, n x message, has control
 *               subscriptions n, n x (topic, 0 not, 1 subscribed, 2 not said)
 *     control   ihave n, n x (topic, ids); iwant n, n x ids; graft n, n x topic
 *               prune n, n x (topic, backoff or -1, peers or -1); idontwant n, n x ids
 *     ids       n, n x id
 */
import { hashOfText, idText, MessageId } from '../../p2p/router/messageIds.ts'
import type { RPC } from '../../p2p/router/routerInternals.ts'

/** Something that gets a number. */
export type Numbered = string | Uint8Array | NamedId | RPC.Message | RPC.ControlPrune['peers']

/** A {@link MessageId}, of which only the bytes go from thread to thread. */
interface NamedId {
  readonly id: Uint8Array
  readonly dataBytes: number
}

/** No such thing: a topic or a list of peers that a frame does not have. */
const NONE = -1

/** Writes frames for one reader, in the order in which it reads them. */
export class FrameEncoder {
  /** What the reader does not know yet, in the order of its numbers. */
  fresh: Numbered[] = []
  readonly #out: { push(value: number): unknown }
  #numbers = new WeakMap<object, number>()
  #topics = new Map<string, number>()
  #next = 0

  constructor(out: { push(value: number): unknown }) {
    this.#out = out
  }

  /** Numbers begin anew; the reader must do the same. */
  forget(): void {
    this.#numbers = new WeakMap()
    this.#topics = new Map()
    this.#next = 0
  }

  write({ messages, subscriptions, control }: RPC): void {
    this.#list(messages, (message) => this.#object(message))
    this.#out.push(control === undefined ? 0 : 1)
    this.#list(subscriptions, ({ topic, subscribe }) => {
      this.#topic(topic)
      this.#out.push(subscribe === undefined ? 2 : Number(subscribe))
    })
    if (control !== undefined) this.#control(control)
  }

  #control({ ihave, iwant, graft, prune, idontwant }: RPC.ControlMessage): void {
    this.#list(ihave, ({ topicID, messageIDs }) => {
      this.#topic(topicID)
      this.#ids(messageIDs)
    })
    this.#list(iwant, ({ messageIDs }) => this.#ids(messageIDs))
    this.#list(graft, ({ topicID }) => this.#topic(topicID))
    this.#list(prune, ({ topicID, backoff, peers }) => {
      this.#topic(topicID)
      this.#out.push(backoff ?? NONE)
      if (peers.length === 0) this.#out.push(NONE)
      else this.#object(peers)
    })
    this.#list(idontwant, ({ messageIDs }) => this.#ids(messageIDs))
  }

  #ids(ids: readonly Uint8Array[]): void {
    this.#list(ids, (id) => this.#object(id))
  }

  #list<Item>(items: readonly Item[], write: (item: Item) => void): void {
    this.#out.push(items.length)
    for (const item of items) write(item)
  }

  #object(object: Exclude<Numbered, string | NamedId>): void {
    let number = this.#numbers.get(object)
    if (number === undefined) {
      number = this.#number(object)
      this.#numbers.set(object, number)
    }
    this.#out.push(number)
  }

  #topic(topic: string | undefined): void {
    let number = topic === undefined ? NONE : this.#topics.get(topic)
    if (number === undefined && topic !== undefined) {
      number = this.#number(topic)
      this.#topics.set(topic, number)
    }
    this.#out.push(number ?? NONE)
  }

  #number(object: Numbered): number {
    const isNamed = object instanceof MessageId
    this.fresh.push(isNamed ? { id: object, dataBytes: object.dataBytes } : object)
    return this.#next++
  }
}

/** Reads what one {@link FrameEncoder} wrote. */
export class FrameDecoder {
  readonly #known: Exclude<Numbered, NamedId>[] = []
  /** Frames that carry one message alone, by the number of the message. */
  #plain: (RPC | undefined)[] = []

  /** Takes in what the writer numbered, in its order. */
  learn(fresh: readonly Numbered[]): void {
    for (const one of fresh) this.#known.push(isNamedId(one) ? idOf(one) : one)
  }

  forget(): void {
    this.#known.length = 0
    this.#plain = []
  }

  /** The frame that begins where `next` stands. */
  read(next: () => number): RPC {
    const count = next()
    const first = count === 0 ? NONE : next()
    const more = list(count - 1, () => this.#message(next()))
    const hasControl = next() === 1
    const subscriptions = list(next(), () => this.#subscription(next))
    if (count === 1 && !hasControl && subscriptions.length === 0) return this.#plainFrame(first)
    const messages = count === 0 ? [] : [this.#message(first), ...more]
    if (!hasControl) return { subscriptions, messages }
    return { subscriptions, messages, control: this.#control(next) }
  }

  #plainFrame(message: number): RPC {
    return (this.#plain[message] ??= { subscriptions: [], messages: [this.#message(message)] })
  }

  #subscription(next: () => number): RPC.SubOpts {
    const topic = this.#topic(next())
    const subscribe = next()
    return {
      ...(topic !== undefined && { topic }),
      ...(subscribe !== 2 && { subscribe: subscribe === 1 }),
    }
  }

  #control(next: () => number): RPC.ControlMessage {
    const ids = (): Uint8Array[] => list(next(), () => this.#id(next()))
    const topic = (): { topicID?: string } => {
      const topicID = this.#topic(next())
      return topicID === undefined ? {} : { topicID }
    }
    return {
      ihave: list(next(), () => ({ ...topic(), messageIDs: ids() })),
      iwant: list(next(), () => ({ messageIDs: ids() })),
      graft: list(next(), topic),
      prune: list(next(), () => {
        const one = topic()
        const backoff = next()
        const peers = this.#peers(next())
        return { ...one, ...(backoff !== NONE && { backoff }), peers }
      }),
      idontwant: list(next(), () => ({ messageIDs: ids() })),
    }
  }

  #message(number: number): RPC.Message {
    const known = this.#known[number]
    if (typeof known !== 'object' || !('topic' in known)) throw unknown(number)
    return known
  }

  #id(number: number): Uint8Array {
    const known = this.#known[number]
    if (!(known instanceof Uint8Array)) throw unknown(number)
    return known
  }

  #peers(number: number): RPC.ControlPrune['peers'] {
    if (number === NONE) return []
    const known = this.#known[number]
    if (!Array.isArray(known)) throw unknown(number)
    return known
  }

  #topic(number: number): string | undefined {
    if (number === NONE) return undefined
    const known = this.#known[number]
    if (typeof known !== 'string') throw unknown(number)
    return known
  }
}

function isNamedId(one: Numbered): one is NamedId {
  return typeof one === 'object' && 'dataBytes' in one
}

/** An id knows its own text, as those of this thread do. */
function idOf({ id, dataBytes }: NamedId): MessageId {
  const text = idText(id)
  return new MessageId(id, hashOfText(text), text, dataBytes)
}

function list<Item>(count: number, read: () => Item): Item[] {
  const items: Item[] = []
  for (let at = 0; at < count; at++) items.push(read())
  return items
}

function unknown(number: number): Error {
  return new Error(`a frame of another thread names ${number}, which it has not sent`)
}
