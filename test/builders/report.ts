/**
 * Reports without a network: items spread over random meshes by a seed, everything else as a run
 * would fill it.
 */
import { seededRandom, sample, type Random } from '../../src/lib/random.ts'
import { citationOf, type CitedRun } from '../../src/measure/citation.ts'
import { DEFINITIONS } from '../../src/measure/definitions.ts'
import { spreadsOf, type Delivery, type Spread } from '../../src/measure/delivery.ts'
import { summarise } from '../../src/measure/percentile.ts'
import { propagationOf, type PropagationContext } from '../../src/measure/propagation.ts'
import type { PeerReport, Report } from '../../src/measure/report.ts'
import { REPORT_VERSION } from '../../src/measure/reportTerms.ts'
import { pairErrors } from '../../src/measure/clocks/runClocks.ts'
import type { ScenarioRecord } from '../../src/measure/scenarioRecord.ts'
import { shortestPaths } from '../../src/measure/shortestPaths.ts'
import { recordOf } from '../../src/measure/spreadRecord.ts'
import { peerTraffic, trafficReport, type GossipCounters } from '../../src/measure/traffic.ts'

export interface ReportPlan {
  readonly nodes?: number
  readonly transactions?: number
  readonly blocks?: number
  readonly seed?: number
  /** Every hop takes so many times as long. */
  readonly slower?: number
  /** The run was made from a scenario with these places, the nodes spread over them in turn. */
  readonly places?: ScenarioRecord['places']
  /** Nodes that get nothing, though they are there. */
  readonly deaf?: readonly number[]
  /**
   * Bound on the error between any two nodes by their clocks, each node having its own; one clock
   * if left out.
   */
  readonly clockErrorMs?: number
}

export const PLACES: ScenarioRecord['places'] = {
  australia: { lat: -33, lon: 151 },
  europe: { lat: 50, lon: 8 },
  na_east: { lat: 39, lon: -77 },
  na_west: { lat: 37, lon: -122 },
  south_america: { lat: -23, lon: -46 },
}

const MACHINE: Report['machine'] = {
  cpu: 'test',
  cores: 2,
  memoryGiB: 4,
  platform: 'linux x64',
  kernel: '6.1.0',
  node: '20.20.2',
}
const DEGREE = 4
const START_MS = 1_000
const OBSERVED_MS = 12_000
const NO_CONTROL = { ihave: 0, iwant: 0, idontwant: 0, graft: 0, prune: 0 }
const TOPICS = { tx: '/grapevine/00000000/tx/1', block: '/grapevine/00000000/block/1' }

export function reportOfPlan(plan: ReportPlan = {}): Report {
  const {
    nodes = 12,
    transactions = 40,
    blocks = 3,
    seed = 1,
    slower = 1,
    places,
    deaf = [],
    clockErrorMs,
  } = plan
  const random = seededRandom(seed)
  const delayMs = (): number => slower * (2 + 20 * random.next() ** 3)
  const make = (count: number, bytes: number): Delivery[] =>
    Array.from({ length: count }, (_, at) =>
      spreadOver(nodes, hashOf(random), START_MS + 100 * at, bytes, random, delayMs),
    ).flat()
  const [txCopies, blockCopies] = [make(transactions, 110), make(blocks, 2_000)]
  const live = new Set(Array.from({ length: nodes }, (_, node) => node))
  const arrived = ({ node, from }: Delivery): boolean => from === undefined || !deaf.includes(node)
  const [txs, sealed] = [
    spreadsOf(txCopies.filter(arrived), () => live),
    spreadsOf(blockCopies.filter(arrived), () => live),
  ]
  const scenario = places === undefined ? null : scenarioOf(places, nodes, seed)
  const clock = clockErrorMs === undefined ? oneClock(nodes) : ownClocks(nodes, clockErrorMs)
  const surroundings: PropagationContext = {
    endMs: START_MS + OBSERVED_MS,
    ...(clockErrorMs !== undefined && { errorMs: pairErrors(clock) }),
    ...(scenario !== null && { boundMs: shortestPaths(scenario.links) }),
    regionOf: (node) => scenario?.regions[node] ?? undefined,
    meshDegree: DEGREE + 0.5,
  }
  const peers = Array.from({ length: nodes }, (_, index) =>
    peerOf(
      index,
      [...txCopies, ...blockCopies].filter(({ node }) => node === index),
    ),
  )
  const cited: CitedRun = {
    version: REPORT_VERSION,
    grapevine: 'grapevine/v0.0.0/test',
    commit: '0123456789abcdef0123456789abcdef01234567',
    startedAt: '2026-01-02T03:04:05.678Z',
    scenario,
    seed,
    nodes,
    machine: MACHINE,
  }
  return {
    ...cited,
    command: 'grapevine measure --nodes 12',
    versions: { libp2p: '3.0.0' },
    durationMs: 10_000,
    observedMs: OBSERVED_MS,
    ratePerS: 10,
    transactions: {
      submitted: transactions,
      accepted: transactions,
      included: transactions,
      refusals: {},
      sentLateMs: summarise([]),
      ...propagationOf(txs, surroundings),
    },
    blocks: { sealed: blocks, head: blocks, ...propagationOf(sealed, surroundings) },
    traffic: trafficReport(peers.map(({ traffic }) => traffic)),
    finality: null,
    members: null,
    faults: [],
    questions: [],
    clock,
    loadPerCore: 0.5,
    crypto: { recover: 'native', keccak: 'wasm' },
    hosts: [],
    sightingsLost: 0,
    topics: TOPICS,
    settings: { meshDegree: DEGREE, meshLow: 3, meshHigh: 8, floodPublish: true, signers: ['a'] },
    peers: peers.map((peer) => {
      const region = scenario?.regions[peer.index] ?? undefined
      return region === undefined ? peer : { ...peer, region }
    }),
    definitions: DEFINITIONS,
    citation: citationOf(cited),
    spreads: { transactions: txs.map(record), blocks: sealed.map(record) },
  }
}

/** Links of a ring and some across it, each of half the least delay that a hop takes. */
function scenarioOf(places: ScenarioRecord['places'], nodes: number, seed: number): ScenarioRecord {
  const names = Object.keys(places)
  const all = Array.from({ length: nodes }, (_, node) => node)
  return {
    name: 'test-regions',
    seed,
    description: 'nodes in a few regions',
    definition: { nodes, topology: { kind: 'ring' } },
    regions: all.map((node) => names[node % names.length] ?? null),
    places,
    links: all.flatMap((a) =>
      [1, 2, 5].map((step) => ({ a, b: (a + step) % nodes, latencyMs: 1 + step / 10 })),
    ),
  }
}

function ownClocks(nodes: number, errorMs: number): Report['clock'] {
  const all = Array.from({ length: nodes }, (_, node) => node)
  return {
    source: 'status-exchange',
    errorMs,
    residualMs: errorMs / 3,
    clocks: all.map((node) => ({
      nodes: [node],
      startOffsetMs: 100 * node,
      endOffsetMs: 100 * node + 0.01,
      errorMs,
    })),
    pairErrorMs: all.map((a) => all.map((b) => (a === b ? 0 : errorMs))),
    check: null,
  }
}

function oneClock(nodes: number): Report['clock'] {
  const all = Array.from({ length: nodes }, (_, node) => node)
  return {
    source: 'host-monotonic',
    errorMs: 0,
    residualMs: 0,
    clocks: [{ nodes: all, startOffsetMs: 0, endOffsetMs: 0, errorMs: 0 }],
    pairErrorMs: [[0]],
    check: { maxOffsetMs: 0.1, errorMs: 0.2 },
  }
}

function record(spread: Spread): Report['spreads']['blocks'][number] {
  return recordOf(spread, START_MS)
}

/**
 * Every node tells `DEGREE` others when it has judged; the first to tell is the parent, the rest
 * are duplicates.
 */
function spreadOver(
  nodes: number,
  hash: string,
  atMs: number,
  bytes: number,
  random: Random,
  delayMs: () => number,
): Delivery[] {
  const all = Array.from({ length: nodes }, (_, node) => node)
  const origin = random.int(nodes)
  const told = [{ node: origin, from: -1, atMs }]
  const copies: Delivery[] = []
  const accepted = new Set<number>()
  for (let next = told.pop(); next !== undefined; next = told.pop()) {
    const { node, from, atMs: receivedMs } = next
    const isFirst = !accepted.has(node)
    const judgedMs = isFirst ? receivedMs + 0.5 + random.next() : receivedMs
    copies.push({
      hash,
      node,
      from: from === -1 ? undefined : from,
      receivedMs,
      judgedMs,
      queuedMs: isFirst ? 0.2 : 0,
      route: from === -1 ? 'local' : 'push',
      outcome: isFirst ? 'accepted' : 'duplicate',
      bytes,
    })
    if (!isFirst) continue
    accepted.add(node)
    const others = sample(random, all, DEGREE).filter((one) => one !== node && one !== from)
    const ring = (node + 1) % nodes
    for (const to of new Set([...others, ring]))
      told.push({ node: to, from: node, atMs: judgedMs + delayMs() })
    told.sort((a, b) => b.atMs - a.atMs)
  }
  return copies
}

function peerOf(index: number, copies: readonly Delivery[]): PeerReport {
  const received = copies.reduce(
    (sum, { bytes, from }) => sum + (from === undefined ? 0 : bytes),
    0,
  )
  const bytesOf = (outcome: Delivery['outcome']): number =>
    copies
      .filter((copy) => copy.outcome === outcome && copy.from !== undefined)
      .reduce((sum, { bytes }) => sum + bytes, 0)
  const counters = (bytes: number, ihave: number): GossipCounters => ({
    bytesSent: bytes,
    bytesReceived: bytes,
    framesSent: copies.length,
    framesReceived: copies.length,
    firstBytes: 0,
    duplicateBytes: 0,
    refusedBytes: 0,
    openBytes: 0,
    requestedBytes: 0,
    controlSent: { ...NO_CONTROL, ihave },
    controlReceived: { ...NO_CONTROL, ihave },
  })
  return {
    index,
    peerId: `12D3KooWTest${String(index).padStart(40, 'x')}`,
    mesh: { [TOPICS.tx]: DEGREE, [TOPICS.block]: DEGREE + (index % 2) },
    traffic: peerTraffic(counters(0, 0), {
      ...counters(received + 500, 7),
      firstBytes: bytesOf('accepted'),
      duplicateBytes: bytesOf('duplicate'),
    }),
    settings: index === 1 ? { floodPublish: false } : {},
  }
}

function hashOf(random: Random): string {
  const word = (): string =>
    random
      .int(2 ** 32)
      .toString(16)
      .padStart(8, '0')
  return `0x${Array.from({ length: 8 }, word).join('')}`
}
