/** Message ids of a whole simulated network: each message is hashed once, whoever receives it. */
import type { Hash } from '../../crypto/keccak.ts'
import { hashOfText, MessageIds, type MessageId } from '../../p2p/router/messageIds.ts'

/** Copies of a message come close together. */
const MAX_HASHES = 65_536

/** Looks an id up by the very bytes first, which all receivers share. */
export class SharedIds extends MessageIds {
  readonly #hashes = new Map<string, Hash>()
  readonly #byTopic = new Map<string, WeakMap<Uint8Array, MessageId>>()

  override of(topic: string, data: Uint8Array): MessageId {
    const ids = this.#idsOf(topic)
    const known = ids.get(data)
    if (known !== undefined) return known
    const id = super.of(topic, data)
    ids.set(data, id)
    return id
  }

  /** One text for all nodes, so that it is hashed and stored once. */
  override hashOf(text: string): Hash {
    const known = this.#hashes.get(text)
    if (known !== undefined) return known
    if (this.#hashes.size >= MAX_HASHES) this.#hashes.clear()
    const hash = hashOfText(text)
    this.#hashes.set(text, hash)
    return hash
  }

  #idsOf(topic: string): WeakMap<Uint8Array, MessageId> {
    const known = this.#byTopic.get(topic)
    if (known !== undefined) return known
    const made = new WeakMap<Uint8Array, MessageId>()
    this.#byTopic.set(topic, made)
    return made
  }
}
