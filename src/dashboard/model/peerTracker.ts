/** What is known of every peer: whether it lives, what it last said of itself, what it saw last. */
import { maxOf, minOf } from '../../lib/extremes.ts'
import type { Fault } from '../../scenario/fault.ts'
import type { PeerInfo } from '../../devnet/peerProcess.ts'
import type {
  ConnectionRow,
  PeerDetail,
  PeerRow,
  PeerState,
  ScrapeTarget,
  SightingRow,
} from './terms.ts'

/** What one poll of a peer brings. Peers are named by id here, as they name each other. */
export interface Reading {
  readonly head: number | null
  readonly headHash: string | null
  readonly pending: number | null
  readonly queued: number | null
  readonly justified: number | null
  readonly finalized: number | null
  readonly evidence: number | null
  readonly txMesh: readonly string[]
  readonly blockMesh: readonly string[]
  readonly connections: readonly Connection[]
}

/** A connection as the peer reports it. */
export interface Connection {
  readonly peerId: string
  readonly direction: string
  readonly score: number | null
  readonly roundTripMs: number | null
  readonly client: string
}

interface Entry {
  info: PeerInfo
  isGone: boolean
  isStarting: boolean
  isPaused: boolean
  /** Since when a poll has been without an answer. */
  askedMs: number | undefined
  reading: Reading
  sightings: SightingRow[]
}

/** The bounds of a {@link PeerTracker}. */
export interface PeerBounds {
  readonly silentMs: number
  readonly maxPeerSightings: number
}

const NO_READING: Reading = {
  head: null,
  headHash: null,
  pending: null,
  queued: null,
  justified: null,
  finalized: null,
  evidence: null,
  txMesh: [],
  blockMesh: [],
  connections: [],
}

/** Cuts outlive the peers that forget them: the others still refuse a peer that came back. */
export class PeerTracker {
  readonly #bounds: PeerBounds
  readonly #entries = new Map<number, Entry>()
  readonly #indexes = new Map<string, number>()
  readonly #cut = new Set<number>()
  #live: ReadonlySet<number> = new Set()

  constructor(bounds: PeerBounds) {
    this.#bounds = bounds
  }

  /** One more than the highest index. */
  get count(): number {
    return Math.max(-1, maxOf(this.#entries.keys())) + 1
  }

  /** Whether every peer that lives has said that it is connected to some other. */
  get areAllConnected(): boolean {
    return [...this.#live].every(
      (index) => (this.#entries.get(index)?.reading.connections.length ?? 0) > 0,
    )
  }

  /** Those that run and are not paused; the same set as long as nothing changes. */
  get live(): ReadonlySet<number> {
    return this.#live
  }

  /** `undefined` for an id that is no peer's of this network. */
  indexOf(peerId: string): number | undefined {
    return this.#indexes.get(peerId)
  }

  /** A peer came, or came back. */
  started(info: PeerInfo): void {
    this.#indexes.set(info.peerId, info.index)
    this.#entries.set(info.index, {
      info,
      isGone: false,
      isStarting: false,
      isPaused: false,
      askedMs: undefined,
      reading: NO_READING,
      sightings: this.#entries.get(info.index)?.sightings ?? [],
    })
    this.#countLive()
  }

  starting(index: number, isStarting: boolean): void {
    const entry = this.#entries.get(index)
    if (entry !== undefined) entry.isStarting = isStarting
  }

  gone(index: number): void {
    const entry = this.#entries.get(index)
    if (entry === undefined) return
    entry.isGone = true
    entry.isPaused = false
    entry.reading = NO_READING
    this.#countLive()
  }

  fault(fault: Fault): void {
    if (fault.kind === 'heal') this.#cut.clear()
    if (fault.kind === 'partition')
      for (const index of partedFrom(fault.groups)) this.#cut.add(index)
    if (fault.kind === 'one-way') for (const index of fault.from) this.#cut.add(index)
    if (fault.kind === 'pause' || fault.kind === 'resume') {
      for (const index of fault.peers) {
        const entry = this.#entries.get(index)
        if (entry !== undefined) entry.isPaused = fault.kind === 'pause'
      }
      this.#countLive()
    }
  }

  asked(index: number, nowMs: number): void {
    const entry = this.#entries.get(index)
    if (entry !== undefined) entry.askedMs ??= nowMs
  }

  answered(index: number, reading?: Reading): void {
    const entry = this.#entries.get(index)
    if (entry === undefined || entry.isGone) return
    entry.askedMs = undefined
    if (reading !== undefined) entry.reading = reading
  }

  saw(index: number, sightings: readonly SightingRow[]): void {
    const entry = this.#entries.get(index)
    if (entry === undefined || sightings.length === 0) return
    entry.sightings = [...entry.sightings, ...sightings].slice(-this.#bounds.maxPeerSightings)
  }

  rows(nowMs: number): PeerRow[] {
    const scores = this.#scores()
    return [...this.#entries.values()]
      .toSorted((a, b) => a.info.index - b.info.index)
      .map((entry) => this.#row(entry, nowMs, scores.get(entry.info.peerId) ?? []))
  }

  detail(index: number, nowMs: number): PeerDetail | undefined {
    const entry = this.#entries.get(index)
    if (entry === undefined) return undefined
    const scores = this.#scores().get(entry.info.peerId) ?? []
    return {
      row: this.#row(entry, nowMs, scores),
      connections: entry.reading.connections.map((one) => this.#connection(entry, one)),
      sightings: entry.sightings.toReversed(),
    }
  }

  /** Where the metrics of those that are not gone are served. */
  targets(): ScrapeTarget[] {
    return [...this.#entries.values()].flatMap(({ info: { index, metricsUrl }, isGone }) => {
      if (isGone || metricsUrl === undefined) return []
      return [{ targets: [new URL(metricsUrl).host], labels: { peer: String(index) } }]
    })
  }

  /** What is connected to what, whoever says so. */
  links(): [number, number][] {
    const pairs = new Map<string, [number, number]>()
    for (const { info, reading } of this.#entries.values()) {
      for (const other of this.#named(reading.connections.map(({ peerId }) => peerId))) {
        const [a, b] = info.index < other ? [info.index, other] : [other, info.index]
        pairs.set(`${a}-${b}`, [a, b])
      }
    }
    return [...pairs.values()].toSorted(([a, b], [c, d]) => a - c || b - d)
  }

  #row({ info, reading, ...entry }: Entry, nowMs: number, scores: readonly number[]): PeerRow {
    const { txMesh, blockMesh, connections, ...said } = reading
    const sum = scores.reduce((total, score) => total + score, 0)
    return {
      index: info.index,
      peerId: info.peerId,
      pid: info.pid,
      rpcUrl: info.rpcUrl,
      state: this.#state(info.index, entry, nowMs),
      ...said,
      txMesh: this.#named(txMesh),
      blockMesh: this.#named(blockMesh),
      connected: this.#named(connections.map(({ peerId }) => peerId)),
      lowestScore: scores.length === 0 ? null : rounded(minOf(scores)),
      meanScore: scores.length === 0 ? null : rounded(sum / scores.length),
    }
  }

  #state(
    index: number,
    entry: Pick<Entry, 'isGone' | 'isStarting' | 'isPaused' | 'askedMs'>,
    nowMs: number,
  ): PeerState {
    if (entry.isStarting) return 'starting'
    if (entry.isGone) return 'gone'
    if (entry.isPaused) return 'paused'
    if (nowMs - (entry.askedMs ?? nowMs) > this.#bounds.silentMs) return 'silent'
    return this.#cut.has(index) ? 'cut' : 'running'
  }

  #connection({ info }: Entry, { score, ...rest }: Connection): ConnectionRow {
    const peer = this.#indexes.get(rest.peerId) ?? null
    const back = this.#entries
      .get(peer ?? -1)
      ?.reading.connections.find(({ peerId }) => peerId === info.peerId)?.score
    return {
      ...rest,
      peer,
      score: score === null ? null : rounded(score),
      scoreBack: back === undefined || back === null ? null : rounded(back),
    }
  }

  /** By peer id, what those that are connected to it give it. */
  #scores(): ReadonlyMap<string, readonly number[]> {
    const scores = new Map<string, number[]>()
    for (const { reading } of this.#entries.values()) {
      for (const { peerId, score } of reading.connections) {
        if (score === null) continue
        const known = scores.get(peerId)
        if (known === undefined) scores.set(peerId, [score])
        else known.push(score)
      }
    }
    return scores
  }

  #named(peerIds: readonly string[]): number[] {
    return peerIds.flatMap((id) => this.#indexes.get(id) ?? []).toSorted((a, b) => a - b)
  }

  #countLive(): void {
    const live = [...this.#entries].filter(([, entry]) => !entry.isGone && !entry.isPaused)
    this.#live = new Set(live.map(([index]) => index))
  }
}

/**
 * Of a network in parts, everyone but the largest part is cut off; of equal ones the first counts
 * as the largest.
 */
function partedFrom(groups: readonly (readonly number[])[]): number[] {
  const [largest] = groups.toSorted((a, b) => b.length - a.length)
  return groups.filter((group) => group !== largest).flat()
}

/** To a hundredth: smaller changes of a score are not worth an update. */
function rounded(score: number): number {
  return Math.round(score * 100) / 100
}
