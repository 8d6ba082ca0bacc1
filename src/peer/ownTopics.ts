/**
 * Topics that the owner of a node adds by the library: joined beside those of the network, and
 * judged by the owner's code.
 */
import type { Hash } from '../crypto/keccak.ts'
import type { GossipMessage, Network, RouterAction } from '../gossip/network.ts'
import { networkId } from '../gossip/topics/topicNames.ts'
import { ITEM_KINDS, KINDS } from '../item/itemKinds.ts'
import { messageOf } from '../lib/assert.ts'
import type { Logger } from '../lib/log.ts'
import { UserError } from '../lib/userError.ts'
import type { TopicOptions } from '../p2p/router/topics.ts'

/**
 * A topic of one's own. All nodes that have it should judge alike, or honest peers punish each
 * other.
 */
export interface OwnTopic {
  /** Small letters, digits and dashes; on the wire `/grapevine/<network id>/<name>/1`. */
  readonly name: string
  /** Most bytes of a message, at most 1,048,576; a longer one is rejected. */
  readonly maxBytes: number
  /**
   * Whether a message is taken and forwarded. `ignore` drops it; `reject` also costs whoever sent
   * it score. A judge that throws counts as `ignore`, and the log says so. `from` is the peer that
   * sent it, `undefined` for our own.
   */
  readonly judge: (
    data: Uint8Array,
    from: string | undefined,
  ) => RouterAction | Promise<RouterAction>
  /** Is called with every message that was accepted, our own included. */
  readonly received?: (data: Uint8Array, from: string | undefined) => void
}

const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/
const MAX_OWN_MESSAGE_BYTES = 1_048_576
/** Kind bytes below are those of the network's own kinds. */
const FIRST_KIND_BYTE = 128
const MAX_OWN_TOPICS = 64
const IDONTWANT_MIN_BYTES = 1_024

/** Throws a UserError that names the topic that cannot be. */
export function checkOwnTopics(topics: readonly OwnTopic[]): void {
  const taken = new Set<string>(KINDS.map((kind) => ITEM_KINDS[kind].topic))
  if (topics.length > MAX_OWN_TOPICS)
    throw new UserError(`topics: at most ${MAX_OWN_TOPICS}, got ${topics.length}`)
  for (const { name, maxBytes } of topics) {
    if (!NAME.test(name))
      throw new UserError(
        `topic ${JSON.stringify(name)}: expected 1 to 32 small letters, digits and dashes`,
      )
    if (taken.has(name)) throw new UserError(`topic ${name}: there is one of this name already`)
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 1 || maxBytes > MAX_OWN_MESSAGE_BYTES)
      throw new UserError(
        `topic ${name}: maxBytes: expected 1 to ${MAX_OWN_MESSAGE_BYTES}, got ${maxBytes}`,
      )
    taken.add(name)
  }
}

/** What the router must know of them. */
export function ownTopicOptions(genesisHash: Hash, topics: readonly OwnTopic[]): TopicOptions[] {
  return topics.map(({ name }, index) => ({
    name: wireName(genesisHash, name),
    kindByte: FIRST_KIND_BYTE + index,
    label: name,
    scoring: 'members',
    floodPublish: true,
    idontwantMinBytes: IDONTWANT_MIN_BYTES,
    maxLingerMs: 0,
  }))
}

/** Publishes on one's own topics. */
export interface OwnTopics {
  /**
   * Judges the message as a stranger's and sends it. Throws a UserError where the judge does not
   * accept it.
   */
  publish(name: string, data: Uint8Array): Promise<void>
}

/** Joins the topics. */
export function joinOwnTopics(
  network: Pick<Network, 'subscribe' | 'publish'>,
  genesisHash: Hash,
  topics: readonly OwnTopic[],
  log: Logger,
): OwnTopics {
  const judged = async (
    topic: OwnTopic,
    data: Uint8Array,
    from?: string,
  ): Promise<RouterAction> => {
    if (data.length > topic.maxBytes) return 'reject'
    try {
      const action = await topic.judge(data, from)
      if (action === 'accept') topic.received?.(data, from)
      return action
    } catch (error) {
      log.error('the judge of a custom topic failed', {
        topic: topic.name,
        error: messageOf(error),
      })
      return 'ignore'
    }
  }
  for (const topic of topics)
    network.subscribe(wireName(genesisHash, topic.name), ({ data, from }: GossipMessage) =>
      judged(topic, data, from),
    )
  return {
    publish: async (name, data) => {
      const topic = topics.find((one) => one.name === name)
      if (topic === undefined)
        throw new UserError(`topic ${name}: this node was started without it`)
      const action = await judged(topic, data)
      if (action !== 'accept') throw new UserError(`topic ${name}: its judge says ${action}`)
      await network.publish(wireName(genesisHash, name), data)
    },
  }
}

function wireName(genesisHash: Hash, name: string): string {
  return `/grapevine/${networkId(genesisHash)}/${name}/1`
}
