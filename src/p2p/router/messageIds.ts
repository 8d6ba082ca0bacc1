/**
 * Message ids: one byte for the kind of topic, then keccak256 of the data. The kind byte matters: without it a
 * transaction's bytes sent on the block topic would enter the seen cache and keep the transaction out. For a
 * transaction the rest is its hash, so the router deduplicates by transaction hash.
 */
import { keccak256 } from '../../crypto/keccak.ts'
import { messageId } from '../../gossip/topicNames.ts'
import { RecentBytes } from '../../lib/recentBytes.ts'
import type { TopicOptions } from './topics.ts'

/** 33 bytes. */
export type MessageId = Uint8Array

/** Copies of a message come within seconds, from every mesh peer; each topic remembers this much of what came last. */
const REMEMBERED = { maxEntries: 4_096, maxBytes: 16 * 1024 * 1024 } as const

interface Kind {
  readonly byte: number
  /** Ids of what came last: a copy is recognised by its bytes, without hashing them again. */
  readonly recent: RecentBytes<MessageId>
}

export class MessageIds {
  readonly #kinds: ReadonlyMap<string, Kind>

  constructor(topics: readonly TopicOptions[]) {
    this.#kinds = new Map(
      topics.map(({ name, kindByte }) => [
        name,
        { byte: kindByte, recent: new RecentBytes(REMEMBERED) },
      ]),
    )
  }

  /** The id of `data` on `topic`; throws for a topic that is not ours, which the router never lets through. */
  of(topic: string, data: Uint8Array): MessageId {
    const kind = this.#kinds.get(topic)
    if (kind === undefined) throw new Error(`no such topic: ${topic}`)
    const known = kind.recent.get(data)
    if (known !== undefined) return known
    const id = messageId(kind.byte, keccak256(data))
    kind.recent.set(data, id)
    return id
  }
}

/** The 32 bytes of digest inside an id. */
export function digestOf(id: MessageId): Uint8Array {
  return id.subarray(1)
}

/** The id as the router keeps it in its maps. */
export function idText(id: MessageId): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('hex')
}

/** The 32 bytes of digest inside an id as the router keeps it. */
export function digestOfText(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'))
}
