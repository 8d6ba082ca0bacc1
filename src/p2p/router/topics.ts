import type { ItemKindRow, Scoring } from '../../item/itemKinds.ts'

/** What the router must know of a topic; the meaning of its messages is `gossip/`'s alone. */
export interface TopicOptions {
  /** The full name, such as `/grapevine/<network id>/tx/1`. */
  readonly name: string
  /** First byte of the message ids of this topic. */
  readonly kindByte: number
  /** Short name for metrics. */
  readonly label: string
  /** Which set of score parameters applies; see `scoring.ts`. */
  readonly scoring: Scoring
  /** Whether own messages go to every subscriber or to the mesh alone. */
  readonly floodPublish: boolean
  /** From this size up mesh peers are told not to send us their copy (IDONTWANT). */
  readonly idontwantMinBytes: number
  /** The longest time for which what was accepted waits to be forwarded, ms; none for 0. */
  readonly maxLingerMs: number
}

/** What an operator may set otherwise than the table of kinds has it. */
export type TopicSettings = Partial<Pick<TopicOptions, 'floodPublish' | 'idontwantMinBytes'>>

/**
 * What the router must know of the topic `name` of one kind; `settings` take the place of what the
 * row says.
 */
export function topicOptions(
  name: string,
  { byte, metricsLabel, scoring, floodPublish, idontwantMinBytes, maxLingerMs }: ItemKindRow,
  settings: TopicSettings = {},
): TopicOptions {
  return {
    name,
    kindByte: byte,
    label: metricsLabel,
    scoring,
    floodPublish,
    idontwantMinBytes,
    maxLingerMs,
    ...settings,
  }
}

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
