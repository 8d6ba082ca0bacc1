/** The propagation figures of a set of items; the terms are defined in ARCHITECTURE.md, "What is measured". */
import { hopDelayMs, hopOf, latencyMs, type Delivery, type Spread } from './delivery.ts'
import { percentile, summarise, type LatencySummary } from './percentile.ts'
import type { Report } from './report.ts'
import type { COVERAGE_PERCENTS } from './reportTerms.ts'

export type CoveragePercent = (typeof COVERAGE_PERCENTS)[number]
export type HopFigures = Report['blocks']['hops'][number]
/** The figures that transactions and blocks have in common. */
export type Propagation = Omit<Report['blocks'], 'sealed' | 'head'>

/** What the figures need to know besides what was seen. */
export interface Surroundings {
  /** Bound on the error of the time between sightings at two nodes, ms; none on one clock. */
  readonly errorMs?: (a: number, b: number) => number
  /** The least time from a node to another over the planned links, ms. */
  readonly boundMs?: ((origin: number, node: number) => number | undefined) | undefined
  readonly regionOf?: (node: number) => string | undefined
  /** Mean mesh degree over the run. */
  readonly meshDegree?: number | undefined
}

interface Pair {
  readonly spread: Spread
  readonly delivery: Delivery
}

type PairError = (a: number, b: number) => number

const ONE_CLOCK: PairError = () => 0

/** Figures over `spreads`. */
export function propagationOf(
  spreads: readonly Spread[],
  surroundings: Surroundings = {},
): Propagation {
  const { errorMs = ONE_CLOCK, meshDegree } = surroundings
  const pairs = spreads.flatMap((spread) =>
    [...spread.first.values()].map((delivery) => ({ spread, delivery })),
  )
  const wanted = spreads.reduce((sum, { others }) => sum + others, 0)
  const duplicates = spreads.reduce((sum, spread) => sum + spread.later.length, 0)
  const bySpeed = slowestLast(spreads)
  const hops = hopFigures(spreads, errorMs)
  const latency = pairLatency(pairs, errorMs)
  const perDelivery = pairs.length === 0 ? null : duplicates / pairs.length
  return {
    items: spreads.length,
    coverage: wanted === 0 ? null : pairs.length / wanted,
    latencyMs: latency,
    toCoverageMs: toCoverage(spreads, errorMs),
    hops,
    meanHop: meanHopOf(hops),
    duplicatesPerDelivery: perDelivery,
    meshDegree: meshDegree ?? null,
    duplicatesOverMesh: overMesh(perDelivery, meshDegree),
    bound: boundOf(pairs, latency, surroundings),
    regions: regionLatencies(pairs, surroundings),
    validationMs: summarise(pairs.map(({ delivery }) => delivery.judgedMs - delivery.receivedMs)),
    queueMs: summarise(pairs.map(({ delivery }) => delivery.queuedMs)),
    payloadBytes: pairs.reduce((sum, { spread }) => sum + spread.bytes, 0),
    medianItem: bySpeed[Math.ceil(bySpeed.length / 2) - 1]?.hash ?? null,
    worstItem: bySpeed.at(-1)?.hash ?? null,
  }
}

function pairLatency(pairs: readonly Pair[], errorMs: PairError): LatencySummary {
  return summarise(
    pairs.map(({ spread, delivery }) => latencyMs(spread, delivery)),
    pairs.map(({ spread, delivery }) => errorMs(spread.origin, delivery.node)),
  )
}

/** A mesh of two links or fewer is a line: nothing comes twice. */
function overMesh(perDelivery: number | null, meshDegree: number | undefined): number | null {
  if (perDelivery === null || meshDegree === undefined || meshDegree <= 2) return null
  return perDelivery / (meshDegree - 2)
}

function boundOf(
  pairs: readonly Pair[],
  measured: LatencySummary,
  { boundMs }: Surroundings,
): Propagation['bound'] {
  if (boundMs === undefined) return null
  const bound = summarise(
    pairs.flatMap(({ spread, delivery }) => boundMs(spread.origin, delivery.node) ?? []),
  )
  const ratioP99 = bound.p99 === null || bound.p99 === 0 ? null : (measured.p99 ?? 0) / bound.p99
  return { latencyMs: bound, ratioP99 }
}

function regionLatencies(
  pairs: readonly Pair[],
  { regionOf, errorMs = ONE_CLOCK }: Surroundings,
): Propagation['regions'] {
  const groups = new Map<string, { from: string; to: string; pairs: Pair[] }>()
  for (const pair of pairs) {
    const [from, to] = [regionOf?.(pair.spread.origin), regionOf?.(pair.delivery.node)]
    if (from === undefined || to === undefined) continue
    const key = JSON.stringify([from, to])
    const group = groups.get(key) ?? { from, to, pairs: [] }
    group.pairs.push(pair)
    groups.set(key, group)
  }
  return [...groups.values()]
    .toSorted((a, b) => a.from.localeCompare(b.from) || a.to.localeCompare(b.to))
    .map((group) => ({
      from: group.from,
      to: group.to,
      latencyMs: pairLatency(group.pairs, errorMs),
    }))
}

function toCoverage(spreads: readonly Spread[], errorMs: PairError): Propagation['toCoverageMs'] {
  const at = (percent: CoveragePercent): LatencySummary => {
    const reached = spreads.flatMap((spread) => {
      const ms = timeToCoverageMs(spread, percent)
      return ms === undefined ? [] : [{ spread, ms }]
    })
    return summarise(
      reached.map(({ ms }) => ms),
      reached.map(({ spread }) => largestError(spread, errorMs)),
    )
  }
  return { 50: at(50), 90: at(90), 95: at(95), 99: at(99), 100: at(100) }
}

/** The time to a coverage is a rank of the latencies of a message: it is wrong by no more than the worst of them. */
function largestError({ origin, first }: Spread, errorMs: PairError): number {
  return errorMs === ONE_CLOCK
    ? 0
    : Math.max(0, ...[...first.keys()].map((node) => errorMs(origin, node)))
}

/** When `percent` of the other live nodes had accepted, in ms after the entry; `undefined` if they never did. */
export function timeToCoverageMs(spread: Spread, percent: number): number | undefined {
  const needed = Math.ceil((percent / 100) * spread.others)
  const ascending = ascendingLatencies(spread)
  if (needed === 0 || ascending.length < needed) return undefined
  return percentile(ascending.slice(0, needed), 100)
}

/** Latencies of the nodes that accepted the item, ms. */
export function ascendingLatencies(spread: Spread): number[] {
  return [...spread.first.values()].map((one) => latencyMs(spread, one)).sort((a, b) => a - b)
}

/** By the time to the last node that accepted; items that fell short by more nodes count as slower. */
function slowestLast(spreads: readonly Spread[]): Spread[] {
  return spreads
    .map((spread) => ({ spread, lastMs: ascendingLatencies(spread).at(-1) ?? 0 }))
    .sort((a, b) => missing(a.spread) - missing(b.spread) || a.lastMs - b.lastMs)
    .map(({ spread }) => spread)
}

function missing({ others, first }: Spread): number {
  return others - first.size
}

interface HopValues {
  readonly delayMs: number[]
  readonly delayErrorMs: number[]
  readonly latencyMs: number[]
  readonly latencyErrorMs: number[]
}

function hopFigures(spreads: readonly Spread[], errorMs: PairError): HopFigures[] {
  const delays = new Map<number, HopValues>()
  for (const spread of spreads) {
    for (const delivery of spread.first.values()) {
      const hop = hopOf(spread, delivery.node)
      const delayMs = hopDelayMs(spread, delivery)
      if (hop === undefined || delayMs === undefined) continue
      const figures = delays.get(hop) ?? noHopValues()
      figures.delayMs.push(delayMs)
      figures.delayErrorMs.push(errorMs(delivery.from ?? spread.origin, delivery.node))
      figures.latencyMs.push(latencyMs(spread, delivery))
      figures.latencyErrorMs.push(errorMs(spread.origin, delivery.node))
      delays.set(hop, figures)
    }
  }
  return [...delays.entries()]
    .sort(([a], [b]) => a - b)
    .map(([hop, figures]) => ({
      hop,
      deliveries: figures.delayMs.length,
      delayMs: summarise(figures.delayMs, figures.delayErrorMs),
      latencyMs: summarise(figures.latencyMs, figures.latencyErrorMs),
    }))
}

function noHopValues(): HopValues {
  return { delayMs: [], delayErrorMs: [], latencyMs: [], latencyErrorMs: [] }
}

function meanHopOf(hops: readonly HopFigures[]): number | null {
  const deliveries = hops.reduce((sum, figures) => sum + figures.deliveries, 0)
  const depth = hops.reduce((sum, figures) => sum + figures.hop * figures.deliveries, 0)
  return deliveries === 0 ? null : depth / deliveries
}
