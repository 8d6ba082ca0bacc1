/**
 * What the dashboard's server tells its pages, as JSON. Peers are named by index, durations are in
 * ms, `atMs` is a time of the calendar (ms since 1970). This file imports types alone, because the
 * pages' script is typed by it too.
 */
import type { FollowedKind, ItemKind } from '../../item/itemKinds.ts'

/** `silent`: it runs and has not answered for a while. `cut`: it runs, parted from others. */
export type PeerState = 'running' | 'starting' | 'paused' | 'cut' | 'silent' | 'gone'

/** One peer: its state, and what it last said of itself. */
export interface PeerRow {
  readonly index: number
  readonly peerId: string
  readonly pid: number
  readonly rpcUrl: string
  readonly state: PeerState
  /** Number of its head; `null` as long as it has not said. */
  readonly head: number | null
  readonly headHash: string | null
  readonly pending: number | null
  readonly queued: number | null
  /**
   * Numbers of its highest justified and final block, and its proofs that a signer contradicts
   * itself.
   */
  readonly justified: number | null
  readonly finalized: number | null
  readonly evidence: number | null
  /** Its mesh in each topic, and every peer that it is connected to. */
  readonly txMesh: readonly number[]
  readonly blockMesh: readonly number[]
  readonly connected: readonly number[]
  /** The lowest and the mean of the scores that the others give it. */
  readonly lowestScore: number | null
  readonly meanScore: number | null
}

/** A member of the network, as the peer that was asked holds it. */
export interface MemberRow {
  /** `null` for one that is none of this devnet. */
  readonly peer: number | null
  readonly peerId: string
  readonly state: 'alive' | 'suspect' | 'dead' | 'left'
  /** Since when it is in this state there, ms since 1970. */
  readonly sinceMs: number
  /** Who told that peer: `peer 3`, or `itself` for the member. */
  readonly toldBy: string
  readonly role: 'signer' | 'relay'
  readonly incarnation: number
}

/** The members, as one peer holds them. */
export interface MembersView {
  /** That peer. */
  readonly by: number
  /** How many it knows; rows beyond the bound are left out, those of alive members first. */
  readonly total: number
  readonly rows: readonly MemberRow[]
}

/**
 * Latency in ms over pairs of an item and a peer, and the share of those that arrived; `null` where
 * there was none.
 */
export interface PairFigures {
  readonly p50: number | null
  readonly p99: number | null
  readonly coverage: number | null
}

/**
 * What the network itself says of one kind of item of the last minute, beside what the collector
 * saw.
 */
export interface NetworkView {
  /** The peer that was asked. */
  readonly by: number
  /** How many peers took part. */
  readonly nodes: number | null
  readonly network: PairFigures
  readonly collector: PairFigures
}

/** By kind of item. */
export type NetworkViews = Readonly<Record<FollowedKind, NetworkView>>

/** One transaction or block and how far it has come. */
export interface ItemRow {
  readonly kind: ItemKind
  readonly hash: string
  readonly origin: number
  readonly atMs: number
  /** Peers that accepted it, the origin included, of those that were live when it entered. */
  readonly reached: number
  readonly live: number
  readonly duplicates: number
  /**
   * From entry until half of the other live peers, and all of them, had accepted it; `null` if not
   * (yet).
   */
  readonly halfMs: number | null
  readonly allMs: number | null
  /** All live peers have it, or some did not get it in time. A late copy still changes the row. */
  readonly isDone: boolean
  /**
   * Done, not seen at every peer, and the sightings that would tell were skipped: `reached` is a
   * lower bound.
   */
  readonly isUnsure: boolean
}

/** First copies of one item: what a wave is drawn from. */
export interface Wave extends ItemRow {
  /** The origin first, then by arrival. */
  readonly arrivals: readonly Arrival[]
}

/** The first copy of an item at one peer. Times in ms after the item entered. */
export interface Arrival {
  readonly peer: number
  /** The sender; `null` at the origin or where the sender is unknown. */
  readonly from: number | null
  readonly receivedMs: number
  readonly judgedMs: number
}

/**
 * Percentiles over all items, in ms: `never` where the percentile lies among items that did not get
 * there, `null` where there was no item.
 */
export interface WindowPercentiles {
  readonly p50: number | 'never' | null
  readonly p90: number | 'never' | null
  readonly p99: number | 'never' | null
}

/** One kind of item over the last minute. */
export interface KindWindow {
  readonly items: number
  /** Of them, those that some live peer did not get. */
  readonly incomplete: number
  /**
   * Left out of `items`: the sightings that would tell were skipped, or came too fast to be kept.
   */
  readonly unsure: number
  readonly half: WindowPercentiles
  readonly all: WindowPercentiles
  /** Median time to all peers of each second, the oldest first; `null` where it has no value. */
  readonly seconds: readonly (number | null)[]
}

/** The last minute of each kind. */
export type LatencyWindow = Readonly<Record<ItemKind, KindWindow>>

/** A line of the list of events. */
export interface EventLine {
  readonly number: number
  readonly atMs: number
  readonly text: string
}

/** A place in the unit square. */
export type Point = readonly [x: number, y: number]

/** The first message of a stream: all that a page shows. */
export interface Hello {
  /** Identifies the devnet: a page that finds another one loads itself again. */
  readonly run: string
  readonly chainId: number
  readonly periodS: number
  readonly peers: readonly PeerRow[]
  readonly places: readonly Point[]
  readonly items: readonly ItemRow[]
  readonly latency: LatencyWindow
  readonly events: readonly EventLine[]
  /** `null` before a peer has told. */
  readonly members: MembersView | null
  /** `null` before the network has answered. */
  readonly network: NetworkViews | null
  readonly unread: number
}

/** What changed since the last message. */
export interface Update {
  readonly peers: readonly PeerRow[]
  readonly items: readonly ItemRow[]
  readonly events: readonly EventLine[]
  readonly places?: readonly Point[]
  readonly latency?: LatencyWindow
  readonly members?: MembersView
  readonly network?: NetworkViews
  /** Sightings that were left unread or overwritten before they were read, in all. */
  readonly unread: number
}

/** A connection of a peer, and the scores that the two give each other. */
export interface ConnectionRow {
  readonly peer: number | null
  readonly peerId: string
  readonly direction: string
  readonly score: number | null
  /** What the other gives this one. */
  readonly scoreBack: number | null
  readonly roundTripMs: number | null
  readonly client: string
}

/** One copy of an item at a peer. */
export interface SightingRow {
  readonly kind: ItemKind
  readonly hash: string
  /** The index of the sender, or the name of a local source: rpc, sealer. */
  readonly from: string
  readonly atMs: number
  readonly judgingMs: number
  readonly action: string
  readonly reason: string
}

/** All that the page shows of the chosen peer. */
export interface PeerDetail {
  readonly row: PeerRow
  readonly connections: readonly ConnectionRow[]
  /** The newest first. */
  readonly sightings: readonly SightingRow[]
}

/** One event of an item at one peer, in ms after its entry. */
export interface TimelineEvent {
  readonly atMs: number
  readonly peer: number
  readonly kind: 'first' | 'verdict' | 'duplicate' | 'forwarded' | 'fate'
  readonly text: string
}

/** The timelines of an item at all peers, merged into one. */
export interface MergedTimeline {
  readonly hash: string
  readonly kind: ItemKind
  /** Calendar time of the first sighting. */
  readonly atMs: number
  /** Peers that know it, and peers that answered. */
  readonly knownTo: readonly number[]
  readonly answered: number
  readonly events: readonly TimelineEvent[]
  /** Events beyond the bound, left out. */
  readonly omitted: number
}

/** One entry of what Prometheus' HTTP service discovery reads. */
export interface ScrapeTarget {
  readonly targets: readonly [hostAndPort: string]
  readonly labels: { readonly peer: string }
}

/** What can be done to marked peers. `cut` parts them from all others. */
export type PeerAction = 'kill' | 'restart' | 'pause' | 'resume' | 'cut'

/** What a button asks for. */
export type PageAction =
  | { readonly act: PeerAction; readonly peers: readonly number[] }
  | { readonly act: 'heal' }
  | { readonly act: 'submit'; readonly peer: number; readonly count: number }

/** What an action came to; `hashes` of what was submitted and accepted. */
export interface ActionResult {
  readonly text: string
  readonly hashes?: readonly string[]
}
