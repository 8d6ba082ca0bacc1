/**
 * What the dashboard's server tells its pages, as JSON. Peers are named by index, durations are in ms, `atMs` is a
 * time of the calendar (ms since 1970). This file imports nothing, because the pages' script is typed by it too.
 */

/** `silent`: it runs and has not answered for a while. `cut`: it runs, parted from others. */
export type PeerState = 'running' | 'starting' | 'paused' | 'cut' | 'silent' | 'gone'

export type ItemKind = 'tx' | 'block'

export interface PeerRow {
  readonly index: number
  readonly peerId: string
  readonly pid: number
  readonly rpcUrl: string
  readonly state: PeerState
  /** `null` where it has not said so yet. */
  readonly head: number | null
  readonly headHash: string | null
  readonly pending: number | null
  readonly queued: number | null
  /** To whom it pushes, by topic, and whom else it is connected to. */
  readonly txMesh: readonly number[]
  readonly blockMesh: readonly number[]
  readonly connected: readonly number[]
  /** The lowest and the mean of the scores that the others give it. */
  readonly lowestScore: number | null
  readonly meanScore: number | null
}

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
  /** From entry until half of the other live peers, and all of them, had accepted it; `null` if not (yet). */
  readonly halfMs: number | null
  readonly allMs: number | null
  /** All have it, or it was given up waiting. */
  readonly isDone: boolean
}

/** First copies of one item: what a wave is drawn from. */
export interface Wave extends ItemRow {
  /** The origin first, then by arrival. */
  readonly arrivals: readonly Arrival[]
}

export interface Arrival {
  readonly peer: number
  /** Who told it; `null` at the origin or where the teller is unknown. */
  readonly from: number | null
  /** After entry. */
  readonly receivedMs: number
  readonly judgedMs: number
}

export interface Percentiles {
  readonly p50: number | null
  readonly p90: number | null
  readonly p99: number | null
}

/** One kind of item over the last minute. */
export interface KindWindow {
  readonly items: number
  /** Of them, those that some live peer did not get. */
  readonly incomplete: number
  readonly half: Percentiles
  readonly all: Percentiles
  /** Median time to all peers of each second, the oldest first; `null` where there was no item. */
  readonly seconds: readonly (number | null)[]
}

export type LatencyWindow = Readonly<Record<ItemKind, KindWindow>>

export interface EventLine {
  readonly number: number
  readonly atMs: number
  readonly text: string
}

/** A place in the unit square. */
export type Place = readonly [x: number, y: number]

/** The first thing a page hears, and again whenever it comes back. */
export interface Hello {
  /** Another one is another devnet: the page starts over. */
  readonly run: string
  readonly chainId: number
  readonly periodS: number
  readonly peers: readonly PeerRow[]
  readonly places: readonly Place[]
  readonly items: readonly ItemRow[]
  readonly latency: LatencyWindow
  readonly events: readonly EventLine[]
  readonly unread: number
}

/** What changed since the last one. */
export interface Update {
  readonly peers: readonly PeerRow[]
  readonly items: readonly ItemRow[]
  readonly events: readonly EventLine[]
  readonly places?: readonly Place[]
  readonly latency?: LatencyWindow
  /** Sightings that were left unread or overwritten before they were read, in all. */
  readonly unread: number
}

/** What one peer thinks of another that it is connected to. */
export interface ConnectionRow {
  readonly peer: number | null
  readonly peerId: string
  readonly direction: string
  readonly score: number | null
  /** What the other thinks of this one. */
  readonly scoreBack: number | null
  readonly roundTripMs: number | null
  readonly client: string
}

export interface SightingRow {
  readonly kind: ItemKind
  readonly hash: string
  /** A peer's index, or the name of a road: rpc, sealer. */
  readonly from: string
  readonly atMs: number
  readonly judgingMs: number
  readonly action: string
  readonly reason: string
}

export interface PeerDetail {
  readonly row: PeerRow
  readonly connections: readonly ConnectionRow[]
  /** The newest first. */
  readonly sightings: readonly SightingRow[]
}

/** One thing that happened to an item at one peer, ms after its entry. */
export interface Happening {
  readonly atMs: number
  readonly peer: number
  readonly kind: 'first' | 'verdict' | 'duplicate' | 'forwarded' | 'fate'
  readonly text: string
}

/** The stories of all peers in one order. */
export interface MergedTimeline {
  readonly hash: string
  readonly kind: ItemKind
  /** Calendar time of the first sighting. */
  readonly atMs: number
  /** Peers that know it, and peers that answered. */
  readonly knownTo: readonly number[]
  readonly answered: number
  readonly happenings: readonly Happening[]
  /** Happenings beyond the bound, left out. */
  readonly left: number
}

/** One entry of what Prometheus' HTTP service discovery reads. */
export interface ScrapeTarget {
  readonly targets: readonly [hostAndPort: string]
  readonly labels: { readonly peer: string }
}

export type PeerAction = 'kill' | 'restart' | 'pause' | 'resume' | 'cut'

export type Action =
  | { readonly act: PeerAction; readonly peers: readonly number[] }
  | { readonly act: 'heal' }
  | { readonly act: 'submit'; readonly peer: number; readonly count: number }

/** What an action came to; `hashes` of what was submitted and accepted. */
export interface ActionResult {
  readonly text: string
  readonly hashes?: readonly string[]
}
