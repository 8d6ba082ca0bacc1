/**
 * Message ids: one byte for the kind of topic, then keccak256 of the data. The kind byte matters:
 * without it a transaction's bytes sent on the block topic would enter the seen cache and keep the
 * transaction out. For a transaction the rest is its hash, so the router deduplicates by
 * transaction hash.
 */
import { asHash, keccak256, type Hash } from '../../crypto/keccak.ts'
import { messageId } from '../../gossip/topics/topicNames.ts'
import { bytesToHex } from '../../lib/bytes.ts'
import { RecentBytes } from './recentBytes.ts'
import type { RPC } from './routerInternals.ts'
import type { TopicOptions } from './topics.ts'

/** An id, and what it is as text: made once for all copies of a message. */
export class MessageId extends Uint8Array {
  /** Parts and copies of an id are plain bytes. */
  static get [Symbol.species](): Uint8ArrayConstructor {
    return Uint8Array
  }

  /** What it names the message by: the hash of a transaction. */
  readonly hash: Hash
  /** As the router keeps it. */
  readonly text: string
  /** Of the data that it names. */
  readonly dataBytes: number

  constructor(id: Uint8Array, hash: Hash, text: string, dataBytes: number) {
    super(id)
    this.hash = hash
    this.text = text
    this.dataBytes = dataBytes
  }
}

/**
 * Copies of a message come within seconds, from every mesh peer; each topic remembers this much of
 * what came last.
 */
const REMEMBERED = { maxEntries: 4_096, maxBytes: 16 * 1024 * 1024 } as const

interface Kind {
  readonly byte: number
  /** Ids of what came last: a copy is recognised by its bytes, without hashing them again. */
  readonly recent: RecentBytes<MessageId>
}

/** Makes the id of each message, once for all copies of it. */
export class MessageIds {
  readonly #kinds: ReadonlyMap<string, Kind>
  readonly #hashes = new WeakMap<object, Hash>()

  constructor(topics: readonly TopicOptions[]) {
    this.#kinds = new Map(
      topics.map(({ name, kindByte }) => [
        name,
        { byte: kindByte, recent: new RecentBytes(REMEMBERED) },
      ]),
    )
  }

  of(topic: string, data: Uint8Array): MessageId {
    const kind = this.#kinds.get(topic)
    if (kind === undefined) throw new Error(`no such topic: ${topic}`)
    const known = kind.recent.get(data)
    if (known !== undefined) return known
    const digest = keccak256(data)
    const hash = asHash(digest)
    const id = new MessageId(
      messageId(kind.byte, digest),
      hash,
      textOf(hash, kind.byte),
      data.length,
    )
    kind.recent.set(data, id)
    return id
  }

  /** The digest in an id as the router keeps it. */
  hashOf(text: string): Hash {
    return hashOfText(text)
  }

  /** Notes the digest of a message that is under way, so that it is found without its bytes. */
  note(message: RPC.Message, hash: Hash): void {
    this.#hashes.set(message, hash)
  }

  /** The digest of a message, made here once where it was not noted. */
  hashOfMessage(message: RPC.Message): Hash {
    const known = this.#hashes.get(message)
    if (known !== undefined) return known
    const { hash } = this.of(message.topic, message.data ?? NO_DATA)
    this.#hashes.set(message, hash)
    return hash
  }
}

const NO_DATA = new Uint8Array(0)

/** An id as the router keeps it in its maps; those of peers may have any length. */
export function idText(id: Uint8Array): string {
  return id instanceof MessageId ? id.text : textOf(bytesToHex(id.subarray(1)), id[0] ?? 0)
}

/** The digest in an id as the router keeps it. */
export function hashOfText(text: string): Hash {
  return text.slice(0, HASH_CHARACTERS) as Hash
}

/** `0x` and 64 digits. */
const HASH_CHARACTERS = 66

/**
 * The text of an id from its parts. The digest first, so that it is a part of the text and needs no
 * text of its own.
 */
export function textOf(digest: string, kindByte: number): string {
  return `${digest}${kindByte.toString(16).padStart(2, '0')}`
}
