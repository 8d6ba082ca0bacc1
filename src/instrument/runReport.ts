/** Makes the report of a run from what was collected while it went. */
import { minOf } from '../lib/extremes.ts'
import { cryptoPaths } from '../crypto/paths.ts'
import { citationOf, type CitedRun } from '../measure/citation.ts'
import { DEFINITIONS } from '../measure/definitions.ts'
import type { Deliveries } from '../measure/deliveries.ts'
import { spreadOf, type Delivery, type Spread } from '../measure/delivery.ts'
import { roundMs, summarise } from '../measure/percentile.ts'
import { propagationOf, type PropagationContext } from '../measure/propagation.ts'
import type {
  BlockReport,
  FaultRecord,
  PeerReport,
  Report,
  TransactionReport,
} from '../measure/report.ts'
import { REPORT_VERSION } from '../measure/reportTerms.ts'
import type { ScenarioRecord } from '../measure/scenarioRecord.ts'
import {
  pairErrors,
  runClocks,
  type ClockReading,
  type RunClocks,
} from '../measure/clocks/runClocks.ts'
import { shortestPaths } from '../measure/shortestPaths.ts'
import { recordOf } from '../measure/spreadRecord.ts'
import { peerTraffic, trafficReport, type GossipCounters } from '../measure/traffic.ts'
import { CARRIER_VERSIONS, CLIENT_VERSION } from '../node/version.ts'
import { kindOfTopic } from '../gossip/topics/topicNames.ts'
import { forEachKind, KINDS, type FollowedKind, type ItemKind } from '../item/itemKinds.ts'
import type { AskedQuestion } from './questions.ts'
import { questionRecords } from './truths.ts'
import { readFinality } from './readings/finalityReadings.ts'
import { readSettings, sharedSettings } from './readings/peerReadings.ts'
import type { NetworkPort, PeerPort } from './port.ts'
import { loadPerCore, machineReport } from '../lib/machineClock.ts'
import { readHosts } from './readings/hostReadings.ts'
import { programCommit } from './surroundings.ts'
import type { SubmittedTx } from './workload.ts'

/** What a run leaves behind. Lists by peer are in the order of the network's peers. */
export interface RunRecord {
  /** RFC 3339. */
  readonly startedAt: string
  readonly startMs: number
  /** When the load was done; items that entered later do not count. */
  readonly closeMs: number
  /** When what the peers had seen was read for the last time. */
  readonly observedMs: number
  /** The command line that asked for the run, for the report; null where there was none. */
  readonly command: string | null
  readonly ratePerS: number
  readonly deliveries: Readonly<Record<ItemKind, Deliveries>>
  /** Rows of spreads of a kind that the report keeps, evenly over the run; all unless given. */
  readonly maxSpreadRows?: number
  readonly sightingsLost: number
  readonly submissions: readonly SubmittedTx[]
  readonly included: (hash: string) => boolean
  readonly before: readonly (GossipCounters | undefined)[]
  readonly after: readonly (GossipCounters | undefined)[]
  readonly meshes: readonly (PeerReport['mesh'] | undefined)[]
  /** What nodes knew of each other; not known if left out. */
  readonly members?: (clocks: RunClocks) => Report['members']
  readonly faults: readonly FaultRecord[]
  /** Questions to the network; none unless given. */
  readonly questions?: readonly AskedQuestion[]
  /** Items that others sent into the network count as well. */
  readonly countsForeign?: boolean
  /** What the clocks said at the start and at the end. */
  readonly clockReadings: readonly ClockReading[]
  /** Mean mesh degree over peers and readings. */
  readonly meshDegree: (kind: ItemKind) => number | undefined
  /** What the run was made from; absent without a scenario. */
  readonly scenario?: ScenarioRecord
}

/**
 * Computes all figures. Reads the settings and heads of the peers; one that does not answer leaves
 * gaps, no error.
 */
export async function reportOf(network: NetworkPort, run: RunRecord): Promise<Report> {
  const { nodes, peers: measured } = network
  const { startMs, scenario = null } = run
  const clocks = runClocks(
    measured.map(({ index }) => index),
    run.clockReadings,
  )
  const { shared, own } = sharedSettings(await readSettings(measured))
  const head = await agreedHead(measured)
  const finality = await readFinality(measured)
  const hosts = await readHosts(network)
  await network.released?.()
  const all = correctedSpreads(network, run, clocks)
  const spreads = { tx: asPlanned(within(all.tx, run), run), block: within(all.block, run) }
  const peers = peerReports(measured, run, own)
  const figures = surroundingsOf(run, clocks)
  const cited: CitedRun = {
    version: REPORT_VERSION,
    grapevine: CLIENT_VERSION,
    commit: programCommit(),
    startedAt: run.startedAt,
    scenario,
    seed: scenario?.seed ?? null,
    nodes,
    machine: machineReport(),
  }
  return {
    ...cited,
    command: run.command,
    versions: CARRIER_VERSIONS,
    durationMs: Math.max(0, Math.round(run.closeMs - startMs)),
    observedMs: Math.max(0, roundMs(run.observedMs - startMs)),
    ratePerS: run.ratePerS,
    transactions: transactionReport(spreads.tx, run, figures.tx),
    blocks: blockReport(spreads.block, head, figures.block),
    traffic: trafficReport(peers.map(({ traffic }) => traffic)),
    finality,
    members: run.members?.(clocks) ?? null,
    faults: run.faults,
    questions: questionRecords(run.questions ?? [], {
      startMs,
      spreads: all,
      indexOf: (peerId) => measured.find((peer) => peer.peerId === peerId)?.index,
    }),
    clock: clocks.report,
    loadPerCore: loadPerCore(),
    crypto: cryptoPaths(),
    hosts,
    sightingsLost: run.sightingsLost,
    topics: topicsOf(run.meshes),
    settings: shared,
    peers,
    definitions: DEFINITIONS,
    citation: citationOf(cited),
    spreads: {
      transactions: kept(spreads.tx, run).map((spread) => recordOf(spread, startMs)),
      blocks: kept(spreads.block, run).map((spread) => recordOf(spread, startMs)),
    },
  }
}

/** Some of them, evenly over the run, with no more rows than the report is to keep. */
function kept(
  spreads: readonly Spread[],
  { maxSpreadRows = Infinity }: RunRecord,
): readonly Spread[] {
  const rows = spreads.reduce((sum, { first, later }) => sum + first.size + later.length, 0)
  const step = rows <= maxSpreadRows ? 1 : Math.ceil(rows / maxSpreadRows)
  return spreads.filter((_spread, index) => index % step === 0)
}

/**
 * How all items that were seen to enter spread, on the common clock. What a node saw whose clock is
 * not known is left out, and the node with it: without a time a sighting says nothing, and missing
 * nodes would look like missing copies.
 */
function correctedSpreads(
  { life, peers }: NetworkPort,
  run: RunRecord,
  { isKnown, toCommonMs }: RunClocks,
): Readonly<Record<FollowedKind, readonly Spread[]>> {
  const unknown = peers.map(({ index }) => index).filter((index) => !isKnown(index))
  const liveAt = (timeMs: number): ReadonlySet<number> => without(life.liveAt(timeMs), unknown)
  const onCommonClock = (copy: Delivery): Delivery[] => {
    if (!isKnown(copy.node)) return []
    const receivedMs = toCommonMs(copy.node, copy.receivedMs)
    return [{ ...copy, receivedMs, judgedMs: receivedMs + copy.judgedMs - copy.receivedMs }]
  }
  return {
    tx: spreadsIn(run.deliveries.tx, onCommonClock, liveAt),
    block: spreadsIn(run.deliveries.block, onCommonClock, liveAt),
  }
}

/** Those that entered between the start of the measurement and its end. */
function within(spreads: readonly Spread[], { startMs, closeMs }: RunRecord): Spread[] {
  return spreads.filter(({ originMs }) => originMs >= startMs && originMs <= closeMs)
}

/** Items whose entry was not seen are left out. */
function spreadsIn(
  deliveries: Deliveries,
  onCommonClock: (copy: Delivery) => readonly Delivery[],
  liveAt: (timeMs: number) => ReadonlySet<number>,
): Spread[] {
  const spreads: Spread[] = []
  for (const { deliveries: copies, laterDropped } of deliveries.items()) {
    const spread = spreadOf(copies.flatMap(onCommonClock), liveAt)
    if (spread === undefined) continue
    const laterCount = spread.later.length + laterDropped
    spreads.push(laterDropped === 0 ? spread : { ...spread, laterCount })
  }
  return spreads
}

function without(all: ReadonlySet<number>, left: readonly number[]): ReadonlySet<number> {
  if (left.length === 0) return all
  return new Set([...all].filter((node) => !left.includes(node)))
}

/** What the figures of each kind need to know besides what was seen. */
function surroundingsOf(
  { scenario, meshDegree, observedMs }: RunRecord,
  { report }: RunClocks,
): Readonly<Record<ItemKind, PropagationContext>> {
  const common: PropagationContext = {
    endMs: observedMs,
    ...(report.errorMs > 0 && { errorMs: pairErrors(report) }),
    ...(scenario && { boundMs: shortestPaths(scenario.links) }),
    regionOf: (node) => scenario?.regions[node] ?? undefined,
  }
  return forEachKind((kind) => ({ ...common, meshDegree: meshDegree(kind) }), KINDS)
}

/** A timer wakes up to some ms late; a transaction later than this could not be sent in time. */
const LATE_AFTER_MS = 10

/**
 * The submitted ones, and where they count those of others. Open loop: an item that could not be
 * sent in time counts from when it should have been sent, or a load generator that is held up would
 * hide exactly the latencies that held it up (coordinated omission).
 */
function asPlanned(
  spreads: readonly Spread[],
  { submissions, countsForeign = false }: RunRecord,
): Spread[] {
  const lateMs = new Map<string, number>(submissions.map((one) => [one.hash, one.lateMs]))
  return spreads.flatMap((spread) => {
    const late = lateMs.get(spread.hash)
    if (late === undefined) return countsForeign ? [spread] : []
    return [late > LATE_AFTER_MS ? { ...spread, originMs: spread.originMs - late } : spread]
  })
}

function peerReports(
  peers: readonly PeerPort[],
  run: RunRecord,
  own: readonly PeerReport['settings'][],
): PeerReport[] {
  return peers.map(({ index, peerId }, at) => {
    const [before, after] = [run.before[at], run.after[at]]
    const isCounted = before !== undefined && after !== undefined
    const region = run.scenario?.regions[index] ?? undefined
    return {
      index,
      peerId,
      ...(region !== undefined && { region }),
      mesh: run.meshes[at] ?? {},
      traffic: isCounted ? peerTraffic(before, after) : null,
      settings: own[at] ?? {},
    }
  })
}

/** The topic names, by the kind of item that stands in them. */
function topicsOf(meshes: RunRecord['meshes']): Report['topics'] {
  const names = meshes.flatMap((mesh) => Object.keys(mesh ?? {}))
  return Object.fromEntries(
    KINDS.flatMap((kind) => {
      const name = names.find((one) => kindOfTopic(one) === kind)
      return name === undefined ? [] : [[kind, name]]
    }),
  )
}

function transactionReport(
  spreads: readonly Spread[],
  { submissions, included }: RunRecord,
  surroundings: PropagationContext,
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
    ...propagationOf(spreads, surroundings),
  }
}

function blockReport(
  spreads: readonly Spread[],
  head: number | null,
  surroundings: PropagationContext,
): BlockReport {
  return { sealed: spreads.length, head, ...propagationOf(spreads, surroundings) }
}

/** The highest block number that all peers that answer have, if all have the same block there. */
async function agreedHead(peers: readonly PeerPort[]): Promise<number | null> {
  const heads = await Promise.allSettled(peers.map((peer) => peer.head()))
  const numbers = heads.flatMap((head) => (head.status === 'fulfilled' ? [head.value.number] : []))
  if (numbers.length === 0) return null
  const lowest = minOf(numbers)
  const blocks = await Promise.allSettled(peers.map((peer) => peer.block(lowest)))
  const hashes = blocks.flatMap((block) =>
    block.status === 'fulfilled' ? [block.value?.hash] : [],
  )
  return new Set(hashes).size === 1 && hashes[0] !== undefined ? lowest : null
}
