/**
 * The instrument on a network that runs already, on this machine or on others: it reads the
 * sightings of the peers it is given, submits load to them if asked, and solves their clocks. What
 * comes from peers that it was not given counts as having entered at the first of its own that saw
 * it. How many nodes there are, and which of those that it reads are there, it takes from what they
 * know of their members.
 */
import { forEachKind, KINDS } from '../item/itemKinds.ts'
import { sleep, type Clock } from '../lib/clock.ts'
import type { Hex } from '../lib/bytes.ts'
import { INTERRUPTED } from '../measure/outcome.ts'
import { roundMs } from '../measure/percentile.ts'
import type { FaultRecord, Report } from '../measure/report.ts'
import type { RpcClient } from '../rpc/client/rpcClient.ts'
import { readClocks } from './readings/clockReadings.ts'
import { Collector } from './readings/collector.ts'
import { reportOf } from './runReport.ts'
import { Inclusion, inclusionPatienceMs } from './inclusion.ts'
import { MemberLife } from './members/memberLife.ts'
import { MeshReadings } from './readings/meshReadings.ts'
import { readCounters } from './readings/peerReadings.ts'
import { ReadingPace, type WhichPeers } from './readings/readingPace.ts'
import type { NetworkPort, PeerPort } from './port.ts'
import { peerIdAt, rpcPeer } from './rpc/rpcPeer.ts'
import { signedSteadyLoad } from './steadyLoad.ts'
import { runWorkload, type PlannedTx, type SubmittedTx } from './workload.ts'

/** Which network to measure, for how long and under which load. */
export interface AttachedOptions {
  readonly peers: readonly RpcClient[]
  readonly clock: Clock
  /** Which clock that is. */
  readonly clockId: string
  /** How long to watch at least, ms. */
  readonly durationMs: number
  /** Transactions to submit meanwhile; with none it only watches. */
  readonly txs: number
  readonly ratePerS: number
  readonly dataBytes: number
  /** Who signs and pays for them. */
  readonly privateKeys: readonly Hex[]
  /** The command line that asked for the run, for the report; null where there was none. */
  readonly command: string | null
  /** Aborting ends the watch before its time: the report is of what has been. */
  readonly signal?: AbortSignal
  readonly onProgress: (progress: AttachedProgress) => void
}

/** How far a watch has come. */
export interface AttachedProgress {
  readonly elapsedMs: number
  readonly submitted: number
  readonly sightings: number
}

const COLLECT_EVERY_MS = 250
/** After the end copies still travel: this long is waited for them. */
const SETTLE_MS = 1_500
/** Of a chain with too few blocks to tell, seconds. */
const USUAL_PERIOD_S = 2

/**
 * Watches, loads and reports. Throws an Error that names the peer if one cannot be measured at the
 * start.
 */
export async function measureAttached(options: AttachedOptions): Promise<Report> {
  const { network, members } = await attachedNetwork(options)
  return new Watch(network, members, options).report()
}

class Watch {
  readonly #network: NetworkPort
  readonly #members: MemberLife
  readonly #options: AttachedOptions
  readonly #collector: Collector
  readonly #inclusion: Inclusion
  readonly #meshReadings: MeshReadings
  readonly #pace: ReadingPace
  readonly #submissions: SubmittedTx[] = []
  #startMs = 0

  constructor(network: NetworkPort, members: MemberLife, options: AttachedOptions) {
    this.#network = network
    this.#members = members
    this.#options = options
    this.#collector = new Collector(network)
    this.#inclusion = new Inclusion(network)
    this.#meshReadings = new MeshReadings(network)
    this.#pace = new ReadingPace((index) => this.#collector.readOf(index))
  }

  async report(): Promise<Report> {
    const { clock, peers } = this.#network
    const { signal } = this.#options
    const plan = await loadOf(this.#options, peers)
    await this.#inclusion.start()
    const before = await readCounters(peers)
    const clocksBefore = await readClocks(this.#network)
    await this.#collector.skipPast()
    this.#startMs = clock.monotonicMs()
    const startedAt = new Date(clock.wallMs()).toISOString()
    const load = runWorkload(plan, clock, (one) => this.#submissions.push(one), signal)
    await this.#watch(plan)
    await load
    const closeMs = clock.monotonicMs()
    const faults = this.#isEnded ? [this.#interruption()] : []
    const meshes = await this.#meshReadings.read()
    await sleep(clock, SETTLE_MS)
    const observedMs = clock.monotonicMs()
    await this.#gather('all peers')
    return reportOf(this.#network, {
      startedAt,
      startMs: this.#startMs,
      closeMs,
      observedMs,
      command: this.#options.command,
      ratePerS: plan.length === 0 ? 0 : this.#options.ratePerS,
      countsForeign: true,
      deliveries: forEachKind((kind) => this.#collector.deliveries(kind), KINDS),
      sightingsLost: this.#collector.lost,
      submissions: this.#submissions,
      included: (hash) => this.#inclusion.has(hash),
      before,
      after: await readCounters(peers),
      meshes,
      faults,
      clockReadings: [clocksBefore, await readClocks(this.#network)],
      meshDegree: (kind) => this.#meshReadings.meanDegree(kind),
    })
  }

  /**
   * Until the time is over and the load was sent, and its transactions are in blocks or had their
   * chance.
   */
  async #watch(plan: readonly PlannedTx[]): Promise<void> {
    const isSent = (): boolean =>
      this.#elapsedMs >= this.#options.durationMs && this.#submissions.length >= plan.length
    while (!isSent() && !this.#isEnded) await this.#round()
    const accepted = this.#submissions.filter(({ status }) => status === 'accepted')
    const deadlineMs = this.#elapsedMs + inclusionPatienceMs(this.#network.periodS)
    const isDone = (): boolean => this.#inclusion.holdsAll(accepted) || this.#isEnded
    while (!isDone() && this.#elapsedMs < deadlineMs) await this.#round()
  }

  async #round(): Promise<void> {
    const { clock } = this.#network
    await Promise.all([
      this.#gather('peers in turn'),
      sleep(clock, COLLECT_EVERY_MS, this.#options.signal),
    ])
  }

  async #gather(which: WhichPeers): Promise<void> {
    const due = this.#pace.choose(which, this.#network.peers)
    await Promise.all([
      this.#collector.collect(due),
      this.#inclusion.update(),
      this.#meshReadings.readIfDue(),
      this.#members.readIfDue(),
    ])
    this.#options.onProgress({
      elapsedMs: this.#elapsedMs,
      submitted: this.#submissions.length,
      sightings: this.#collector.count,
    })
  }

  #interruption(): FaultRecord {
    const atMs = roundMs(this.#elapsedMs)
    return {
      atMs,
      kind: INTERRUPTED,
      detail: `the watch was ended by hand after ${(atMs / 1000).toFixed(1)} s`,
    }
  }

  get #elapsedMs(): number {
    return this.#network.clock.monotonicMs() - this.#startMs
  }

  /** Whether it was ended before its time. */
  get #isEnded(): boolean {
    return this.#options.signal?.aborted ?? false
  }
}

interface AttachedNetwork {
  readonly network: NetworkPort
  readonly members: MemberLife
}

async function attachedNetwork(options: AttachedOptions): Promise<AttachedNetwork> {
  const { clock, clockId } = options
  const peers = await Promise.all(options.peers.map(attachedPeer))
  const ids = peers.map(({ peerId }) => peerId)
  const twice = peers.find(({ peerId }, at) => ids.indexOf(peerId) !== at)
  if (twice !== undefined) throw new Error(`${twice.name} was given twice`)
  const [first] = peers
  if (first === undefined) throw new Error('there is no peer to measure')
  const members = new MemberLife({ clients: options.peers, peers, clock })
  await members.read()
  const network: NetworkPort = {
    peers,
    get nodes() {
      return members.nodes
    },
    clock,
    clockId,
    chainId: Number(await first.chainId()),
    periodS: await periodOf(first),
    life: members.life,
  }
  return { network, members }
}

async function attachedPeer(rpc: RpcClient, index: number): Promise<PeerPort> {
  const peer = rpcPeer(rpc, { index, peerId: await peerIdAt(rpc) })
  await peer.sightings(0, 0)
  return peer
}

/** The time between the last two blocks. */
async function periodOf(peer: PeerPort): Promise<number> {
  const { number } = await peer.head()
  if (number < 2) return USUAL_PERIOD_S
  const [last, before] = await Promise.all([peer.block(number), peer.block(number - 1)])
  return Math.max(1, (last?.timestampS ?? 0) - (before?.timestampS ?? 0))
}

async function loadOf(
  { txs, ratePerS, dataBytes, privateKeys }: AttachedOptions,
  targets: readonly PeerPort[],
): Promise<PlannedTx[]> {
  if (txs === 0) return []
  return signedSteadyLoad({ count: txs, ratePerS, dataBytes, privateKeys, targets })
}
