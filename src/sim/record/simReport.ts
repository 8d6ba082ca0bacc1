/** Makes the report of a simulated run: the same report as that of a real one. */
import { cryptoPaths } from '../../crypto/paths.ts'
import { scenarioRecord } from '../../instrument/scenarioRun.ts'
import { loadPerCore, machineReport, programCommit } from '../../instrument/surroundings.ts'
import { citationOf, type CitedRun } from '../../measure/citation.ts'
import { DEFINITIONS } from '../../measure/definitions.ts'
import type { Delivery, Spread } from '../../measure/delivery.ts'
import { roundMs, summarise } from '../../measure/percentile.ts'
import { propagationOf, type Surroundings } from '../../measure/propagation.ts'
import type { PeerReport, Report, SettingValue } from '../../measure/report.ts'
import { REPORT_VERSION, ROADS } from '../../measure/reportTerms.ts'
import { shortestPaths } from '../../measure/shortestPaths.ts'
import { recordOf } from '../../measure/spreadRecord.ts'
import { peerTraffic, trafficReport } from '../../measure/traffic.ts'
import { CARRIER_VERSIONS, CLIENT_VERSION } from '../../node/version.ts'
import type { ScenarioPlan } from '../../scenario/plan.ts'
import type { Scenario } from '../../scenario/scenarioSchema.ts'
import type { ItemKind } from '../../item/itemKinds.ts'
import type { Engine, SimWorld } from '../engines/engine.ts'
import type { SimOutcome } from '../simulation.ts'
import type { ItemRecord } from './observations.ts'

/** Rows of spreads that a report keeps: 25,000 nodes make so many of ten items. */
const MAX_ROWS = 250_000

/** What a report is made from. */
export interface ReportParts {
  readonly scenario: Scenario
  readonly plan: ScenarioPlan
  readonly world: SimWorld
  readonly engine: Engine
  readonly outcome: SimOutcome
  readonly settings: Readonly<Record<string, SettingValue>>
  /** When it was simulated, by the real calendar, RFC 3339; and by which command. */
  readonly startedAt: string
  readonly command: string | null
  readonly wallMs: number
  readonly peakRssBytes: number
}

/** The report of a run. */
export function simReport(parts: ReportParts): Report {
  const { scenario, plan, world, engine, outcome } = parts
  const { startMs, closeMs } = outcome
  const spreads = { tx: spreadsOf(parts, 'tx'), block: spreadsOf(parts, 'block') }
  const kept = { tx: sample(spreads.tx, MAX_ROWS), block: sample(spreads.block, MAX_ROWS) }
  const peers = peerReports(parts)
  const around = surroundingsOf(parts)
  const cited: CitedRun = {
    version: REPORT_VERSION,
    grapevine: CLIENT_VERSION,
    commit: programCommit(),
    startedAt: parts.startedAt,
    scenario: scenarioRecord(scenario, plan),
    seed: plan.seed,
    nodes: plan.network.nodes.length,
    machine: machineReport(),
  }
  return {
    ...cited,
    command: parts.command,
    versions: CARRIER_VERSIONS,
    durationMs: Math.round(closeMs - startMs),
    observedMs: roundMs(outcome.endMs - startMs),
    ratePerS: scenario.workload.transactionsPerS,
    transactions: {
      ...submissionFigures(parts),
      ...propagationOf(spreads.tx, around('tx')),
    },
    blocks: {
      sealed: spreads.block.length,
      head: agreedHead(parts),
      ...propagationOf(spreads.block, around('block')),
    },
    traffic: trafficReport(peers.map(({ traffic }) => traffic)),
    faults: outcome.faults,
    clock: ONE_CLOCK,
    loadPerCore: loadPerCore(),
    crypto: cryptoPaths(),
    sightingsLost: 0,
    topics: engine.topics,
    settings: parts.settings,
    peers,
    definitions: DEFINITIONS,
    citation: citationOf(cited),
    simulation: {
      engine: engine.name,
      traceHash: world.observations.hash.text(),
      events: world.time.events,
      virtualMs: outcome.endMs,
      wallMs: Math.round(parts.wallMs),
      peakRssBytes: parts.peakRssBytes,
      costsMs: engine.costs,
      spreadsKept: kept.tx.length + kept.block.length,
      laterDropped: world.observations.laterDropped,
      isCut: outcome.isCut,
    },
    spreads: {
      transactions: kept.tx.map((spread) => recordOf(spread, startMs)),
      blocks: kept.block.map((spread) => recordOf(spread, startMs)),
    },
  }
}

/** All nodes read the one virtual clock. */
const ONE_CLOCK: Report['clock'] = {
  source: 'host-monotonic',
  errorMs: 0,
  residualMs: 0,
  clocks: [],
  pairErrorMs: [],
  check: null,
}

function spreadsOf(parts: ReportParts, kind: ItemKind): Spread[] {
  const { startMs, closeMs } = parts.outcome
  const wanted = new Set(parts.outcome.submissions.map(({ hash }) => hash))
  return [...parts.world.observations.items.values()]
    .filter((item) => item.kind === kind && item.originMs >= startMs && item.originMs <= closeMs)
    .filter(({ hash }) => kind === 'block' || wanted.has(hash))
    .map((item) => spreadOf(item, parts.outcome))
}

function spreadOf(item: ItemRecord, { population: { life } }: SimOutcome): Spread {
  const { hash, origin = 0, originMs, bytes, laterCount } = item
  const live = life.liveAt(originMs)
  const first = new Map<number, Delivery>()
  for (const [node, judgedMs] of item.judgedMs.entries()) {
    if (node === origin || Number.isNaN(judgedMs) || !live.has(node)) continue
    first.set(node, {
      hash,
      node,
      from: nodeOrNobody(item.from[node]),
      receivedMs: item.receivedMs[node] ?? judgedMs,
      judgedMs,
      queuedMs: item.queuedMs[node] ?? 0,
      road: ROADS[item.road[node] ?? 0] ?? 'push',
      outcome: 'accepted',
      bytes,
    })
  }
  const later = item.later.map(([node, from, receivedMs]): Delivery => ({
    hash,
    node,
    from: nodeOrNobody(from),
    receivedMs,
    judgedMs: receivedMs,
    queuedMs: 0,
    road: 'push',
    outcome: 'duplicate',
    bytes,
  }))
  const missed = [...live].filter((node) => node !== origin && !first.has(node))
  return { hash, origin, originMs, bytes, first, missed, later, laterCount }
}

function nodeOrNobody(from: number | undefined): number | undefined {
  return from === undefined || from < 0 ? undefined : from
}

/** Some of them, evenly over the run, with no more rows than a file should have. */
function sample(spreads: readonly Spread[], maxRows: number): readonly Spread[] {
  const rows = spreads.reduce((sum, { first, later }) => sum + first.size + later.length, 0)
  if (rows <= maxRows) return spreads
  const step = Math.ceil(rows / maxRows)
  return spreads.filter((_spread, index) => index % step === 0)
}

function surroundingsOf({ plan, outcome, engine }: ReportParts): (kind: ItemKind) => Surroundings {
  const { nodes, links } = plan.network
  const boundMs = shortestPaths(
    links.map(({ a, b, shape }) => ({ a, b, latencyMs: shape.latencyMs })),
  )
  return (kind) => ({
    endMs: outcome.endMs,
    boundMs,
    regionOf: (node) => nodes[node]?.region,
    meshDegree: outcome.meshDegrees[engine.topics[kind] ?? ''],
  })
}

function submissionFigures({ outcome: { submissions }, engine }: ReportParts) {
  const refusals: Record<string, number> = {}
  for (const { outcome } of submissions)
    if (!outcome.isAccepted) refusals[outcome.reason] = (refusals[outcome.reason] ?? 0) + 1
  return {
    submitted: submissions.length,
    accepted: submissions.filter(({ outcome }) => outcome.isAccepted).length,
    included: submissions.filter(({ hash }) => engine.isIncluded(hash)).length,
    refusals,
    sentLateMs: summarise(submissions.map(() => 0)),
  }
}

/** The highest number that all heads have, if all have the same block there: in one process, all must be equal. */
function agreedHead({ world, outcome }: ReportParts): number | null {
  const heads = world.hosts.flatMap(({ index }) => outcome.population.node(index)?.head() ?? [])
  const hashes = new Set(heads.map(({ hash }) => hash))
  return hashes.size === 1 ? (heads[0]?.number ?? null) : null
}

function peerReports({ plan, world, outcome, engine }: ReportParts): PeerReport[] {
  const { traffic, observations } = world
  const { before } = outcome
  return world.hosts.map(({ index, id, logic }): PeerReport => {
    const region = plan.network.nodes[index]?.region
    const counted = peerTraffic(
      { ...before.traffic.of(index), ...before.copyBytes.of(index) },
      { ...traffic.of(index), ...observations.copyBytes.of(index) },
    )
    const mesh = Object.values(engine.topics).map(
      (topic) => [topic, logic?.router.mesh.get(topic)?.size ?? 0] as const,
    )
    return {
      index,
      peerId: id,
      ...(region !== undefined && { region }),
      mesh: Object.fromEntries(mesh),
      // A copy that waits for its verdict is counted with the frame it came in, and as a copy when it has it.
      traffic: { ...counted, otherBytes: Math.max(0, counted.otherBytes) },
      settings: {},
    }
  })
}
