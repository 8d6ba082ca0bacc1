/**
 * What travels by gossip: one row a kind of item.
 *
 * Everything that differs between kinds and is a plain fact stands here: the name on the wire, the
 * message id, how the router treats it, how figures and pages call it. What differs in behaviour
 * (codec, rules, judge) is keyed by {@link ItemKind} too, so that a kind that lacks a part does not
 * compile.
 */

/** Which set of score parameters applies to a topic; see `p2p/router/scoring.ts`. */
export type Scoring = 'transactions' | 'blocks' | 'members' | 'votes'

/** The facts about one kind of item. */
export interface ItemKindRow {
  /**
   * The part of the topic's name that tells the kinds apart:
   * `/grapevine/<network id>/<topic>/<version>`.
   */
  readonly topic: string
  /** Version of the wire format. */
  readonly version: number
  /**
   * First byte of a message id, unique. Without it the bytes of a transaction sent on the block
   * topic would mark the transaction as seen, and its real message would be dropped.
   */
  readonly byte: number
  /** Most bytes of one message. */
  readonly maxBytes: number
  readonly scoring: Scoring
  /** Whether own messages go to every subscriber or to the mesh alone. */
  readonly floodPublish: boolean
  /** Mesh peers are told not to send their copy from this size up (IDONTWANT), bytes. */
  readonly idontwantMinBytes: number
  /**
   * A message that was accepted is forwarded after a random time up to this, ms, in one frame with
   * what else was. Whose copy comes meanwhile needs none.
   */
  readonly maxLingerMs: number
  /** The value of the label `topic` in metrics. */
  readonly metricsLabel: string
  /** One item, as a person calls it. */
  readonly singular: string
  /** Many of them; also their section in a report. */
  readonly reportLabel: string
  /**
   * Whether reports and the dashboard follow each of them. What serves the network alone is counted
   * and not followed.
   */
  readonly isFollowed: boolean
}

/** A table of kinds: the project's own, or one with further kinds. */
export type ItemKindTable<Kind extends string> = Readonly<Record<Kind, ItemKindRow>>

/** Every kind of item that this network relays. */
export const ITEM_KINDS = {
  tx: {
    topic: 'tx',
    version: 1,
    byte: 1,
    maxBytes: 131_072,
    scoring: 'transactions',
    floodPublish: true,
    // IDONTWANT must cost less than the copies it saves: 1 KiB is far above twelve times an id of
    // 33 bytes.
    idontwantMinBytes: 1024,
    maxLingerMs: 0,
    metricsLabel: 'tx',
    singular: 'transaction',
    reportLabel: 'transactions',
    isFollowed: true,
  },
  block: {
    topic: 'block',
    version: 1,
    byte: 2,
    maxBytes: 8_388_608,
    scoring: 'blocks',
    // Blocks are large: flooding them delays the first copies, and the mesh alone reaches everyone.
    floodPublish: false,
    idontwantMinBytes: 16 * 1024,
    maxLingerMs: 0,
    metricsLabel: 'block',
    singular: 'block',
    reportLabel: 'blocks',
    isFollowed: true,
  },
  member: {
    topic: 'member',
    version: 1,
    byte: 3,
    maxBytes: 1024,
    scoring: 'members',
    floodPublish: true,
    // No message is this long: an announcement of 33 bytes to a dozen peers costs more than the
    // copies it saves.
    idontwantMinBytes: 2048,
    maxLingerMs: 0,
    metricsLabel: 'member',
    singular: 'statement about a member',
    reportLabel: 'members',
    isFollowed: false,
  },
  vote: {
    topic: 'vote',
    version: 1,
    byte: 4,
    maxBytes: 160,
    scoring: 'votes',
    // Small, and a checkpoint waits for them.
    floodPublish: true,
    idontwantMinBytes: 1024,
    // Votes of all signers come together, and a checkpoint is seconds of blocks away.
    maxLingerMs: 200,
    metricsLabel: 'vote',
    singular: 'vote',
    reportLabel: 'votes',
    isFollowed: false,
  },
} as const satisfies Record<string, ItemKindRow>

/** A kind of item. */
export type ItemKind = keyof typeof ITEM_KINDS

/** A kind whose items reports and the dashboard follow one by one. */
export type FollowedKind = {
  [Kind in ItemKind]: (typeof ITEM_KINDS)[Kind]['isFollowed'] extends true ? Kind : never
}[ItemKind]

/** What a section of a report is called. */
export type ReportLabel = (typeof ITEM_KINDS)[ItemKind]['reportLabel']

/** The kinds of a table, in its order. */
export function kindsOf<Kind extends string>(table: ItemKindTable<Kind>): readonly Kind[] {
  return Object.keys(table) as Kind[]
}

/** Every kind, in the order of the table. */
export const KINDS: readonly ItemKind[] = kindsOf(ITEM_KINDS)

/** Whether reports and the dashboard follow the items of this kind. */
export function isFollowed(kind: ItemKind): kind is FollowedKind {
  return ITEM_KINDS[kind].isFollowed
}

/** Every {@link FollowedKind}, in the order of the table. */
export const FOLLOWED_KINDS: readonly FollowedKind[] = KINDS.filter(isFollowed)

/** Whether a value from outside names a kind. */
export function isItemKind(value: unknown): value is ItemKind {
  return typeof value === 'string' && Object.hasOwn(ITEM_KINDS, value)
}

/** One value a kind, made by `make`. */
export function forEachKind<Value, Kind extends string = ItemKind>(
  make: (kind: Kind) => Value,
  kinds: readonly Kind[],
): Record<Kind, Value> {
  return Object.fromEntries(kinds.map((kind) => [kind, make(kind)])) as Record<Kind, Value>
}
