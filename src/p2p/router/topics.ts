import { KIND_BYTES } from '../../gossip/topicNames.ts'

/** What the router must know of a topic; the meaning of its messages is `gossip/`'s alone. */
export interface TopicOptions {
  /** The full name, such as `/grapevine/<network id>/tx/1`. */
  readonly name: string
  /** First byte of the message ids of this topic (design: 01 transactions, 02 blocks). */
  readonly kindByte: number
  /** Short name for metrics. */
  readonly label: string
  /** Which set of score parameters applies; see `scoring.ts`. */
  readonly scoring: 'transactions' | 'blocks'
  /** Whether own messages go to every subscriber or to the mesh alone. */
  readonly floodPublish: boolean
  /** From this size up mesh peers are told not to send us their copy (IDONTWANT). */
  readonly idontwantMinBytes: number
}

/** IDONTWANT must cost less than the copies it saves: 1 KiB is far above twelve times an id of 33 bytes. */
export const TRANSACTION_TOPIC = {
  kindByte: KIND_BYTES.tx,
  label: 'tx',
  scoring: 'transactions',
  floodPublish: true,
  idontwantMinBytes: 1024,
} as const satisfies Omit<TopicOptions, 'name'>

/** Blocks are large: flooding them delays the first copies, and the mesh alone reaches everyone. */
export const BLOCK_TOPIC = {
  kindByte: KIND_BYTES.block,
  label: 'block',
  scoring: 'blocks',
  floodPublish: false,
  idontwantMinBytes: 16 * 1024,
} as const satisfies Omit<TopicOptions, 'name'>

/** Throws one clear Error for a set of topics that cannot work together. */
export function checkTopics(topics: readonly TopicOptions[]): void {
  const names = new Set(topics.map((topic) => topic.name))
  const kinds = new Set(topics.map((topic) => topic.kindByte))
  if (topics.length === 0) throw new Error('no topics: a node needs at least one topic to join')
  if (names.size !== topics.length) throw new Error('two topics have the same name')
  if (kinds.size !== topics.length)
    throw new Error(
      'two topics have the same kind byte: one would poison the seen cache of the other',
    )
  for (const { kindByte, name } of topics)
    if (!Number.isInteger(kindByte) || kindByte < 0 || kindByte > 255)
      throw new Error(`topic ${name}: the kind must be one byte, got ${kindByte}`)
}
