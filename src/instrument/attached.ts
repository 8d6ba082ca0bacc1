/**
 * The instrument on a network that runs already, on this machine or on others: it reads the sightings of the peers it
 * is given, submits load to them if asked, and solves their clocks. What comes from peers that it was not given counts
 * as having entered at the first of its own that saw it.
 */
import { forEachKind, KINDS } from '../item/itemKinds.ts'
import { sleep, type Clock } from '../lib/clock.ts'
import type { Hex } from '../lib/bytes.ts'
import type { Report } from '../measure/report.ts'
import { readClocks } from './clockReadings.ts'
import { Collector } from './collector.ts'
import { reportOf } from './experimentReport.ts'
import { Inclusion } from './inclusion.ts'
import type { MeasuredNetwork, MeasuredPeer } from './measuredNetwork.ts'
import { MeshReadings } from './meshReadings.ts'
import { readCounters } from './peerReadings.ts'
import { isRecord, type RpcClient } from '../rpc/client/rpcClient.ts'
import { planWorkload, runWorkload, type PlannedTx, type Submission } from './workload.ts'

export interface AttachedOptions {
  readonly peers: readonly RpcClient[]
  readonly clock: Clock
  /** How long to watch at least, ms. */
  readonly durationMs: number
  /** Transactions to submit meanwhile; with none it only watches. */
  readonly txs: number
  readonly ratePerS: number
  readonly dataBytes: number
  /** Who signs and pays for them. */
  readonly privateKeys: readonly Hex[]
  readonly onProgress: (progress: AttachedProgress) => void
}

export interface AttachedProgress {
  readonly elapsedMs: number
  readonly submitted: number
  readonly sightings: number
}

const COLLECT_EVERY_MS = 250
/** After the end copies still travel: this long is waited for them. */
const SETTLE_MS = 1_500

/** Watches, loads and reports. Throws an Error that names the peer if one cannot be measured at the start. */
export async function measureAttached(options: AttachedOptions): Promise<Report> {
  const { clock } = options
  const network = await attachedNetwork(options)
  const collector = new Collector(network)
  const inclusion = new Inclusion(network)
  const meshReadings = new MeshReadings(network)
  const plan = await loadOf(options)
  await inclusion.start()
  const before = await readCounters(network.peers)
  const clocksBefore = await readClocks(network)
  await collector.skipPast()
  const startMs = clock.monotonicMs()
  const startedAt = new Date(clock.wallMs()).toISOString()
  const submissions: Submission[] = []
  const load = runWorkload(plan, clock, (submission) => submissions.push(submission))
  const gather = async (): Promise<void> => {
    await Promise.all([collector.collect(), inclusion.update(), meshReadings.readIfDue()])
    const elapsedMs = clock.monotonicMs() - startMs
    options.onProgress({ elapsedMs, submitted: submissions.length, sightings: collector.count })
  }
  while (clock.monotonicMs() - startMs < options.durationMs || submissions.length < plan.length)
    await Promise.all([gather(), sleep(clock, COLLECT_EVERY_MS)])
  await load
  const closeMs = clock.monotonicMs()
  const meshes = await meshReadings.read()
  await sleep(clock, SETTLE_MS)
  const observedMs = clock.monotonicMs()
  await gather()
  return reportOf(network, {
    startedAt,
    startMs,
    closeMs,
    observedMs,
    ratePerS: plan.length === 0 ? 0 : options.ratePerS,
    countsForeign: true,
    deliveries: forEachKind((kind) => collector.deliveries(kind), KINDS),
    sightingsLost: collector.lost,
    submissions,
    included: (hash) => inclusion.has(hash),
    before,
    after: await readCounters(network.peers),
    meshes,
    faults: [],
    clockReadings: [clocksBefore, await readClocks(network)],
    meshDegree: (kind) => meshReadings.meanDegree(kind),
  })
}

async function attachedNetwork({ peers, clock }: AttachedOptions): Promise<MeasuredNetwork> {
  const measured = await Promise.all(peers.map(attachedPeer))
  const ids = measured.map(({ peerId }) => peerId)
  const twice = measured.find(({ peerId }, at) => ids.indexOf(peerId) !== at)
  if (twice !== undefined) throw new Error(`${twice.rpc.url} is a peer that was given already`)
  return { peers: measured, nodes: measured.length, clock }
}

async function attachedPeer(rpc: RpcClient, index: number): Promise<MeasuredPeer> {
  const own = await rpc.call('gossip_clock')
  if (!isRecord(own) || typeof own['peer'] !== 'string')
    throw new Error(`${rpc.url} is no peer that can be measured`)
  await rpc.call('gossip_sightings', [0, 0])
  return { index, peerId: own['peer'], rpc }
}

async function loadOf(options: AttachedOptions): Promise<PlannedTx[]> {
  const { txs, ratePerS, dataBytes, privateKeys, peers } = options
  if (txs === 0) return []
  const chainId = Number(await peers[0]?.call('eth_chainId'))
  return planWorkload({ chainId, count: txs, ratePerS, dataBytes, privateKeys, targets: peers })
}
