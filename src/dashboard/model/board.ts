/**
 * The model of the dashboard: polls and faults change it, pages read it. It is bounded, and the
 * same for all pages.
 */
import { isFollowed, type ItemKind } from '../../item/itemKinds.ts'
import type { Clock } from '../../lib/clock.ts'
import { describeFault, type Fault } from '../../scenario/fault.ts'
import type { PeerExit, PeerInfo } from '../../devnet/peerProcess.ts'
import { Items, type PeerCopy } from './items.ts'
import { Latencies } from './latency.ts'
import { ORIGIN_WINDOW_MS, SETTLING_MS } from '../../search/limits.ts'
import { placesOf } from '../server/layout.ts'
import { DASHBOARD_LIMITS, type DashboardLimits } from './limits.ts'
import { PeerTracker, type Reading } from './peerTracker.ts'
import type {
  EventLine,
  Hello,
  LatencyWindow,
  MembersView,
  NetworkViews,
  PairFigures,
  PeerDetail,
  PeerRow,
  Point,
  ScrapeTarget,
  Update,
  Wave,
} from './terms.ts'

/** What a board is made for. */
export interface BoardOptions {
  readonly clock: Clock
  /** Identifies the devnet, see {@link Hello}. */
  readonly run: string
  readonly chainId: number
  readonly periodS: number
  readonly limits?: DashboardLimits
}

/** A sighting as `gossip_sightings` answers it. */
export interface SeenCopy {
  readonly kind: ItemKind
  readonly hash: string
  readonly from: string
  readonly receivedMs: number
  readonly judgedMs: number
  readonly action: string
  readonly reason: string
}

/** Peers, items, latencies and events of one network. */
export class Board {
  readonly #options: BoardOptions
  readonly #limits: DashboardLimits
  readonly #items: Items
  readonly #latencies: Latencies
  readonly #peers: PeerTracker
  /** The row of each peer that was last sent, as text. */
  readonly #sentPeers = new Map<number, string>()
  /** Items that entered before have no latency: which peers were live then is not known. */
  readonly #sinceMs: number
  #events: EventLine[] = []
  #newEvents: EventLine[] = []
  #lastEvent = 0
  #unread = 0
  #places: readonly Point[] = []
  #placesChanged = false
  #placed = { count: 0, areAllConnected: false }
  #members: MembersView | undefined
  #membersChanged = false
  #network: NetworkViews | undefined
  #networkChanged = false
  #latency: LatencyWindow
  #sentLatency = ''

  constructor(options: BoardOptions) {
    this.#options = options
    this.#limits = options.limits ?? DASHBOARD_LIMITS
    this.#items = new Items(this.#limits)
    this.#latencies = new Latencies(this.#limits)
    this.#peers = new PeerTracker(this.#limits)
    this.#sinceMs = options.clock.monotonicMs()
    this.#latency = this.#latencies.window(this.#sinceMs)
  }

  /** A peer has started, for the first time or again. */
  peerStarted(info: PeerInfo): void {
    this.#peers.started(info)
    this.#place()
  }

  /** A restart of the peer begins or has ended. */
  peerStarting(index: number, isStarting: boolean): void {
    this.#peers.starting(index, isStarting)
  }

  /** A peer's process has ended. */
  peerExit({ index, code, signal }: PeerExit): void {
    this.#peers.gone(index)
    this.note(`peer ${index} ended (${signal ?? `exit code ${code}`})`)
  }

  /** A fault was applied. */
  fault(fault: Fault): void {
    this.#peers.fault(fault)
    this.note(describeFault(fault))
  }

  /** A line for the list of events. */
  note(text: string): void {
    const line = { number: ++this.#lastEvent, atMs: this.#options.clock.wallMs(), text }
    this.#events = [...this.#events, line].slice(-this.#limits.maxEvents)
    this.#newEvents = [...this.#newEvents, line].slice(-this.#limits.maxEvents)
  }

  /** A poll of the peer begins; {@link answered} ends it. */
  asked(index: number): void {
    this.#peers.asked(index, this.#nowMs)
  }

  /** A poll was answered, with what the peer says of itself if that was asked for. */
  answered(index: number, reading?: Reading): void {
    this.#peers.answered(index, reading)
    if (reading !== undefined) this.#place()
  }

  /** Takes in what a peer saw; `unread` sightings were skipped or lost before them. */
  saw(index: number, copies: readonly SeenCopy[], unread: number): void {
    this.#unread += unread
    if (unread > 0) this.#items.skipped(index, this.#nowMs)
    const live = this.#peers.live
    const followed = copies.filter(({ kind }) => isFollowed(kind))
    for (const copy of followed) {
      const from = this.#peers.indexOf(copy.from)
      this.#items.add({ ...copy, peer: index, from }, live)
    }
    const rows = followed.slice(-this.#limits.maxPeerSightings).map((copy) => ({
      kind: copy.kind,
      hash: copy.hash,
      from: String(this.#peers.indexOf(copy.from) ?? copy.from),
      atMs: Math.round(this.#originMs + copy.receivedMs),
      judgingMs: Math.round((copy.judgedMs - copy.receivedMs) * 1000) / 1000,
      action: copy.action,
      reason: copy.reason,
    }))
    this.#peers.saw(index, rows)
  }

  /** Takes in whom a peer holds for members. */
  members(view: MembersView): void {
    if (JSON.stringify(view) === JSON.stringify(this.#members)) return
    this.#members = view
    this.#membersChanged = true
  }

  /** Takes in what the network says of its own propagation. */
  network(views: NetworkViews): void {
    this.#network = views
    this.#networkChanged = true
  }

  /** What the sightings say of the same items as the network is asked about. */
  pairFigures(kind: ItemKind): PairFigures {
    const nowMs = this.#nowMs
    return this.#items.pairFigures(kind, nowMs - ORIGIN_WINDOW_MS, nowMs - SETTLING_MS)
  }

  /** Takes in first copies that peers were asked for, where sightings of them had been skipped. */
  correct(copies: readonly PeerCopy[]): void {
    this.#items.correct(copies)
  }

  /** All that a page shows, for a page that connects. */
  hello(): Hello {
    const { run, chainId, periodS } = this.#options
    return {
      run,
      chainId,
      periodS,
      peers: this.#peers.rows(this.#nowMs),
      places: this.#places,
      items: this.#items.newest(this.#limits.maxShownItems, this.#originMs),
      latency: this.#latency,
      events: this.#events,
      members: this.#members ?? null,
      network: this.#network ?? null,
      unread: this.#unread,
    }
  }

  /** What changed since the last call, for all pages. `undefined` if nothing did. */
  takeUpdate(): Update | undefined {
    const nowMs = this.#nowMs
    const finished = this.#items.settle(nowMs, this.#peers.live)
    this.#latencies.add(finished.filter(({ enteredMs }) => enteredMs >= this.#sinceMs))
    const latency = this.#newLatency(nowMs)
    const places = this.#placesChanged ? this.#places : undefined
    this.#placesChanged = false
    const members = this.#membersChanged ? this.#members : undefined
    this.#membersChanged = false
    const network = this.#networkChanged ? this.#network : undefined
    this.#networkChanged = false
    const update = {
      peers: this.#changedPeers(nowMs),
      items: this.#newestOf(this.#items.takeChanged(this.#originMs)),
      events: this.#newEvents,
      ...(places && { places }),
      ...(latency && { latency }),
      ...(members && { members }),
      ...(network && { network }),
      unread: this.#unread,
    }
    this.#newEvents = []
    const isEmpty = update.peers.length + update.items.length + update.events.length === 0
    const isSame = [places, latency, members, network].every((one) => one === undefined)
    return isEmpty && isSame ? undefined : update
  }

  /** How the item spread; `undefined` for one that is not remembered. */
  wave(hash: string): Wave | undefined {
    return this.#items.wave(hash, this.#originMs)
  }

  /** `undefined` where there is no such peer. */
  peer(index: number): PeerDetail | undefined {
    return this.#peers.detail(index, this.#nowMs)
  }

  /** Where Prometheus reads the metrics of each running peer. */
  targets(): ScrapeTarget[] {
    return this.#peers.targets()
  }

  /** Those that run and are not paused. */
  get live(): ReadonlySet<number> {
    return this.#peers.live
  }

  /** `undefined` for an id that is no peer's of this network. */
  indexOf(peerId: string): number | undefined {
    return this.#peers.indexOf(peerId)
  }

  /** Calendar time at monotonic zero. */
  get #originMs(): number {
    const { clock } = this.#options
    return clock.wallMs() - clock.monotonicMs()
  }

  get #nowMs(): number {
    return this.#options.clock.monotonicMs()
  }

  #changedPeers(nowMs: number): PeerRow[] {
    return this.#peers.rows(nowMs).filter((row) => {
      const text = JSON.stringify(row)
      if (this.#sentPeers.get(row.index) === text) return false
      this.#sentPeers.set(row.index, text)
      return true
    })
  }

  #newestOf(rows: Update['items'][number][]): Update['items'] {
    const newest = rows.toSorted((a, b) => b.atMs - a.atMs)
    return newest.slice(0, this.#limits.maxShownItems)
  }

  #newLatency(nowMs: number): LatencyWindow | undefined {
    this.#latency = this.#latencies.window(nowMs)
    const text = JSON.stringify(this.#latency)
    if (text === this.#sentLatency) return undefined
    this.#sentLatency = text
    return this.#latency
  }

  /**
   * Places stay where they are while links come and go: they are made anew for another number of
   * peers, and once more when all of these are connected.
   */
  #place(): void {
    const { count, areAllConnected } = this.#peers
    if (count === this.#placed.count && areAllConnected === this.#placed.areAllConnected) return
    if (count === this.#placed.count && this.#placed.areAllConnected) return
    this.#places = placesOf(count, this.#peers.links())
    this.#placesChanged = true
    this.#placed = { count, areAllConnected }
  }
}
