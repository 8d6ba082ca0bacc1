/**
 * Message ids: one byte for the kind of topic, then keccak256 of the data. The kind byte matters: without it a
 * transaction's bytes sent on the block topic would enter the seen cache and keep the transaction out. For a
 * transaction the rest is its hash, so the router deduplicates by transaction hash.
 */
import { keccak256 } from '../crypto/keccak.ts'
import { messageId } from '../gossip/topicNames.ts'
import type { TopicOptions } from './topics.ts'

/** 33 bytes. */
export type MessageId = Uint8Array

export class MessageIds {
  readonly #kinds: ReadonlyMap<string, number>

  constructor(topics: readonly TopicOptions[]) {
    this.#kinds = new Map(topics.map((topic) => [topic.name, topic.kindByte]))
  }

  /** The id of `data` on `topic`; throws for a topic that is not ours, which the router never lets through. */
  of(topic: string, data: Uint8Array): MessageId {
    const kind = this.#kinds.get(topic)
    if (kind === undefined) throw new Error(`no such topic: ${topic}`)
    return messageId(kind, keccak256(data))
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
