/** Makes the report of a run from what was collected while it went. */
import { cpus, totalmem } from 'node:os'
import { cryptoPaths } from '../crypto/paths.ts'
import { spreadsOf, type Delivery, type Spread } from '../measure/delivery.ts'
import { roundMs, summarise } from '../measure/percentile.ts'
import { propagationOf } from '../measure/propagation.ts'
import type {
  BlockReport,
  ClockReport,
  FaultRecord,
  MachineReport,
  PeerReport,
  Report,
  TransactionReport,
} from '../measure/report.ts'
import { REPORT_VERSION } from '../measure/reportTerms.ts'
import type { ScenarioRecord } from '../measure/scenarioRecord.ts'
import { recordOf } from '../measure/spreadRecord.ts'
import { peerTraffic, trafficReport, type GossipCounters } from '../measure/traffic.ts'
import { CARRIER_VERSIONS, CLIENT_VERSION } from '../node/version.ts'
import type { ItemKind } from './collector.ts'
import type { Devnet } from './devnet.ts'
import { readSettings, sharedSettings } from './peerReadings.ts'
import { isRecord } from './rpcClient.ts'
import type { Submission } from './workload.ts'

/** What a run leaves behind. Lists by peer are in the order of the network's peers. */
export interface RunRecord {
  /** RFC 3339. */
  readonly startedAt: string
  readonly startMs: number
  /** When the load was done; items that entered later do not count. */
  readonly closeMs: number
  readonly ratePerS: number
  readonly deliveries: Readonly<Record<ItemKind, readonly Delivery[]>>
  readonly sightingsLost: number
  readonly submissions: readonly Submission[]
  readonly included: (hash: string) => boolean
  readonly before: readonly (GossipCounters | undefined)[]
  readonly after: readonly (GossipCounters | undefined)[]
  readonly meshes: readonly (PeerReport['mesh'] | undefined)[]
  readonly faults: readonly FaultRecord[]
  /** When peers went away. */
  readonly exitsMs: readonly number[]
  /** What the run was made from; absent without a scenario. */
  readonly scenario?: ScenarioRecord
}

export async function reportOf(devnet: Devnet, run: RunRecord): Promise<Report> {
  const { nodes } = devnet.options
  const { startMs, closeMs } = run
  const othersAt = (timeMs: number): number =>
    nodes - 1 - run.exitsMs.filter((exitMs) => exitMs < timeMs).length
  const within = (deliveries: readonly Delivery[]): Spread[] =>
    spreadsOf(deliveries, othersAt).filter(
      ({ originMs }) => originMs >= startMs && originMs <= closeMs,
    )
  const transactions = asPlanned(within(run.deliveries.tx), run.submissions)
  const blocks = within(run.deliveries.block)
  const { shared, own } = sharedSettings(await readSettings(devnet.peers))
  const peers = peerReports(devnet, run, own)
  return {
    version: REPORT_VERSION,
    grapevine: CLIENT_VERSION,
    versions: CARRIER_VERSIONS,
    startedAt: run.startedAt,
    seed: null,
    nodes,
    durationMs: Math.round(closeMs - startMs),
    ratePerS: run.ratePerS,
    transactions: transactionReport(transactions, run),
    blocks: blockReport(blocks, await agreedHead(devnet)),
    traffic: trafficReport(peers.map(({ traffic }) => traffic)),
    faults: run.faults,
    clock: await clockReport(devnet),
    machine: machineReport(),
    crypto: cryptoPaths(),
    sightingsLost: run.sightingsLost,
    topics: topicsOf(run.meshes),
    settings: shared,
    peers,
    spreads: {
      transactions: transactions.map((spread) => recordOf(spread, startMs)),
      blocks: blocks.map((spread) => recordOf(spread, startMs)),
    },
  }
}

/** A timer wakes up to some ms late; a transaction later than this could not be sent in time. */
const LATE_AFTER_MS = 10

/**
 * The submitted ones. Open loop: an item that could not be sent in time counts from when it should have been sent, or
 * a load generator that is held up would hide exactly the latencies that held it up (coordinated omission).
 */
function asPlanned(spreads: readonly Spread[], submissions: readonly Submission[]): Spread[] {
  const lateMs = new Map<string, number>(submissions.map((one) => [one.hash, one.lateMs]))
  return spreads.flatMap((spread) => {
    const late = lateMs.get(spread.hash)
    if (late === undefined) return []
    return [late > LATE_AFTER_MS ? { ...spread, originMs: spread.originMs - late } : spread]
  })
}

function peerReports(
  { peers }: Devnet,
  run: RunRecord,
  own: readonly PeerReport['settings'][],
): PeerReport[] {
  const all = [...run.deliveries.tx, ...run.deliveries.block]
  const copies = new Map<number, Delivery[]>(peers.map(({ process }) => [process.info.index, []]))
  for (const copy of all) copies.get(copy.node)?.push(copy)
  return peers.map(({ process: { info } }, at) => {
    const [before, after] = [run.before[at], run.after[at]]
    const isCounted = before !== undefined && after !== undefined
    return {
      index: info.index,
      peerId: info.peerId,
      mesh: run.meshes[at] ?? {},
      traffic: isCounted ? peerTraffic(before, after, copies.get(info.index) ?? []) : null,
      settings: own[at] ?? {},
    }
  })
}

/** The topic names, by the kind of item that stands in them: `/grapevine/<network>/<kind>/<version>`. */
function topicsOf(meshes: RunRecord['meshes']): Report['topics'] {
  const names = meshes.flatMap((mesh) => Object.keys(mesh ?? {}))
  return Object.fromEntries(
    (['tx', 'block'] as const).flatMap((kind) => {
      const name = names.find((one) => one.split('/').at(-2) === kind)
      return name === undefined ? [] : [[kind, name]]
    }),
  )
}

function transactionReport(
  spreads: readonly Spread[],
  { submissions, included }: RunRecord,
): TransactionReport {
  const refusals: Record<string, number> = {}
  for (const { status, reason } of submissions) {
    if (status !== 'accepted') refusals[reason] = (refusals[reason] ?? 0) + 1
  }
  return {
    submitted: submissions.length,
    accepted: submissions.filter(({ status }) => status === 'accepted').length,
    included: submissions.filter(({ hash }) => included(hash)).length,
    refusals,
    sentLateMs: summarise(submissions.map(({ lateMs }) => lateMs)),
    ...propagationOf(spreads),
  }
}

function blockReport(spreads: readonly Spread[], head: number | null): BlockReport {
  return { sealed: spreads.length, head, ...propagationOf(spreads) }
}

/** The highest block number that all peers that answer have, if all have the same block there. */
async function agreedHead({ peers }: Devnet): Promise<number | null> {
  const heads = await Promise.allSettled(peers.map(({ rpc }) => rpc.call('eth_blockNumber')))
  const numbers = heads.flatMap((head) => (head.status === 'fulfilled' ? [Number(head.value)] : []))
  const lowest = Math.min(...numbers)
  const blocks = await Promise.allSettled(
    peers.map(({ rpc }) => rpc.call('eth_getBlockByNumber', [`0x${lowest.toString(16)}`, false])),
  )
  const hashes = blocks.flatMap((block) =>
    block.status === 'fulfilled' ? [isRecord(block.value) ? String(block.value['hash']) : ''] : [],
  )
  return new Set(hashes).size === 1 && hashes[0] !== '' ? lowest : null
}

/** What the peers' status exchanges say of each other's clocks. */
async function clockReport({ peers }: Devnet): Promise<ClockReport> {
  const answers = await Promise.allSettled(peers.map(({ rpc }) => rpc.call('gossip_peers')))
  const links = answers.flatMap((answer) =>
    answer.status === 'fulfilled' && Array.isArray(answer.value)
      ? answer.value.filter(isRecord)
      : [],
  )
  const offsets = links.flatMap((link) => numberIn(link['clockOffsetMs']))
  const roundTrips = links.flatMap((link) => numberIn(link['roundTripMs']))
  return {
    source: 'host-monotonic',
    maxOffsetMs: largest(offsets.map(Math.abs)),
    errorMs: largest(roundTrips.map((ms) => ms / 2)),
  }
}

function numberIn(value: unknown): number[] {
  return typeof value === 'number' ? [value] : []
}

function largest(values: readonly number[]): number | null {
  return values.length === 0 ? null : roundMs(Math.max(...values))
}

function machineReport(): MachineReport {
  const processors = cpus()
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
  }
}
