/** Message ids of a whole simulated network: each message is hashed once, whoever receives it. */
import { MessageIds, type MessageId } from '../../p2p/router/messageIds.ts'

/** Looks an id up by the very bytes first, which all receivers share. */
export class SharedIds extends MessageIds {
  readonly #byTopic = new Map<string, WeakMap<Uint8Array, MessageId>>()

  override of(topic: string, data: Uint8Array): MessageId {
    const ids = this.#idsOf(topic)
    const known = ids.get(data)
    if (known !== undefined) return known
    const id = super.of(topic, data)
    ids.set(data, id)
    return id
  }

  #idsOf(topic: string): WeakMap<Uint8Array, MessageId> {
    const known = this.#byTopic.get(topic)
    if (known !== undefined) return known
    const made = new WeakMap<Uint8Array, MessageId>()
    this.#byTopic.set(topic, made)
    return made
  }
}
