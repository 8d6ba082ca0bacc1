/**
 * The propagation figures of a set of items; the terms are defined in ARCHITECTURE.md, "What is
 * measured".
 */
import { maxOf } from '../lib/extremes.ts'
import { hopDelayMs, hopOf, latencyMs, othersOf, type Delivery, type Spread } from './delivery.ts'
import { percentile, summarise, type LatencySummary } from './percentile.ts'
import type { Report } from './report.ts'
import type { COVERAGE_PERCENTS } from './reportTerms.ts'

/** A share of the nodes for which "time to x %" is reported, per cent. */
export type CoveragePercent = (typeof COVERAGE_PERCENTS)[number]
/** The figures of one depth of the trees of first copies. */
export type HopFigures = Report['blocks']['hops'][number]
/** The figures that transactions and blocks have in common. */
export type Propagation = Omit<Report['blocks'], 'sealed' | 'head'>

/** What the figures need to know besides what was seen. */
export interface PropagationContext {
  /**
   * When the measurement ended, ms on the clock of the spreads: what had not arrived by then never
   * did.
   */
  readonly endMs: number
  /** Bound on the error of the time between sightings at two nodes, ms; none on one clock. */
  readonly errorMs?: (a: number, b: number) => number
  /** The least time from a node to another over the planned links, ms. */
  readonly boundMs?: ((origin: number, node: number) => number | undefined) | undefined
  readonly regionOf?: (node: number) => string | undefined
  /** Mean mesh degree over the run. */
  readonly meshDegree?: number | undefined
}

/** An item and a node that accepted it. */
interface Pair {
  readonly spread: Spread
  readonly delivery: Delivery
}

/** An item and a node that should have got it and never did. */
interface MissedPair {
  readonly spread: Spread
  readonly node: number
}

type PairError = (a: number, b: number) => number

const ONE_CLOCK: PairError = () => 0

/** Figures over `spreads`. */
export function propagationOf(
  spreads: readonly Spread[],
  surroundings: PropagationContext,
): Propagation {
  const { meshDegree } = surroundings
  const [pairs, missed] = [arrivedPairs(spreads), missedPairs(spreads)]
  const duplicates = spreads.reduce(
    (sum, spread) => sum + (spread.laterCount ?? spread.later.length),
    0,
  )
  const bySpeed = slowestLast(spreads)
  const hops = hopFigures(spreads, surroundings)
  const latency = pairLatency(pairs, missed, surroundings)
  const perDelivery = pairs.length === 0 ? null : duplicates / pairs.length
  return {
    items: spreads.length,
    coverage: latency.of === 0 ? null : latency.count / latency.of,
    latencyMs: latency,
    toCoverageMs: toCoverage(spreads, surroundings),
    hops,
    meanHop: meanHopOf(hops),
    duplicatesPerDelivery: perDelivery,
    meshDegree: meshDegree ?? null,
    duplicatesOverMesh: overMesh(perDelivery, meshDegree),
    bound: boundOf(spreads, latency, surroundings),
    regions: regionLatencies(pairs, missed, surroundings),
    validationMs: summarise(pairs.map(({ delivery }) => delivery.judgedMs - delivery.receivedMs)),
    queueMs: summarise(pairs.map(({ delivery }) => delivery.queuedMs)),
    payloadBytes: pairs.reduce((sum, { spread }) => sum + spread.bytes, 0),
    medianItem: bySpeed[Math.ceil(bySpeed.length / 2) - 1]?.hash ?? null,
    worstItem: bySpeed.at(-1)?.hash ?? null,
  }
}

function arrivedPairs(spreads: readonly Spread[]): Pair[] {
  return spreads.flatMap((spread) =>
    [...spread.first.values()].map((delivery) => ({ spread, delivery })),
  )
}

function missedPairs(spreads: readonly Spread[]): MissedPair[] {
  return spreads.flatMap((spread) => spread.missed.map((node) => ({ spread, node })))
}

function pairLatency(
  pairs: readonly Pair[],
  missed: readonly MissedPair[],
  { endMs, errorMs = ONE_CLOCK }: PropagationContext,
): LatencySummary {
  return summarise(
    pairs.map(({ spread, delivery }) => latencyMs(spread, delivery)),
    {
      errorsMs: pairs.map(({ spread, delivery }) => errorMs(spread.origin, delivery.node)),
      unendedMs: missed.map(({ spread, node }) => waitedMs(spread, node, { endMs, errorMs })),
    },
  )
}

/** How long an item that a node never accepted was waited for there, at least; ms. */
export function waitedMs(
  { origin, originMs }: Spread,
  node: number,
  { endMs, errorMs = ONE_CLOCK }: Pick<PropagationContext, 'endMs' | 'errorMs'>,
): number {
  return endMs - originMs - errorMs(origin, node)
}

/** How long a coverage that an item never reached was waited for, at least; ms. */
export function waitedForCoverageMs(
  spread: Spread,
  { endMs, errorMs = ONE_CLOCK }: Pick<PropagationContext, 'endMs' | 'errorMs'>,
): number {
  return endMs - spread.originMs - largestError(spread, errorMs)
}

/** A mesh of two links or fewer is a line: nothing comes twice. */
function overMesh(perDelivery: number | null, meshDegree: number | undefined): number | null {
  if (perDelivery === null || meshDegree === undefined || meshDegree <= 2) return null
  return perDelivery / (meshDegree - 2)
}

/**
 * Over the nodes that the items were meant for: those that never got one would have made the
 * shortest paths no shorter.
 */
function boundOf(
  spreads: readonly Spread[],
  measured: LatencySummary,
  { boundMs }: PropagationContext,
): Propagation['bound'] {
  if (boundMs === undefined) return null
  const bound = summarise(
    spreads.flatMap(({ origin, first, missed }) =>
      [...first.keys(), ...missed].flatMap((node) => boundMs(origin, node) ?? []),
    ),
  )
  const isKnown = measured.p99 !== null && bound.p99 !== null && bound.p99 > 0
  return { latencyMs: bound, ratioP99: isKnown ? measured.p99 / bound.p99 : null }
}

interface RegionGroup {
  readonly from: string
  readonly to: string
  readonly pairs: Pair[]
  readonly missed: MissedPair[]
}

function regionLatencies(
  pairs: readonly Pair[],
  missed: readonly MissedPair[],
  surroundings: PropagationContext,
): Propagation['regions'] {
  const { regionOf } = surroundings
  const groups = new Map<string, RegionGroup>()
  const groupOf = (origin: number, node: number): RegionGroup | undefined => {
    const [from, to] = [regionOf?.(origin), regionOf?.(node)]
    if (from === undefined || to === undefined) return undefined
    const key = JSON.stringify([from, to])
    const group = groups.get(key) ?? { from, to, pairs: [], missed: [] }
    groups.set(key, group)
    return group
  }
  for (const pair of pairs) groupOf(pair.spread.origin, pair.delivery.node)?.pairs.push(pair)
  for (const pair of missed) groupOf(pair.spread.origin, pair.node)?.missed.push(pair)
  return [...groups.values()]
    .toSorted((a, b) => a.from.localeCompare(b.from) || a.to.localeCompare(b.to))
    .map((group) => ({
      from: group.from,
      to: group.to,
      latencyMs: pairLatency(group.pairs, group.missed, surroundings),
    }))
}

function toCoverage(
  spreads: readonly Spread[],
  { endMs, errorMs = ONE_CLOCK }: PropagationContext,
): Propagation['toCoverageMs'] {
  const meant = spreads.filter((spread) => othersOf(spread) > 0)
  const at = (percent: CoveragePercent): LatencySummary => {
    const times = meant.map((spread) => ({ spread, ms: timeToCoverageMs(spread, percent) }))
    const reached = times.flatMap(({ spread, ms }) => (ms === undefined ? [] : [{ spread, ms }]))
    return summarise(
      reached.map(({ ms }) => ms),
      {
        errorsMs: reached.map(({ spread }) => largestError(spread, errorMs)),
        unendedMs: times.flatMap(({ spread, ms }) =>
          ms === undefined ? [waitedForCoverageMs(spread, { endMs, errorMs })] : [],
        ),
      },
    )
  }
  return { 50: at(50), 90: at(90), 95: at(95), 99: at(99), 100: at(100) }
}

/**
 * The time to a coverage is a rank of the latencies of a message: it is wrong by no more than the
 * worst of them.
 */
function largestError({ origin, first, missed }: Spread, errorMs: PairError): number {
  if (errorMs === ONE_CLOCK) return 0
  return maxOf([origin, ...first.keys(), ...missed].map((node) => errorMs(origin, node)))
}

/**
 * When `percent` of the other live nodes had accepted, in ms after the entry; `undefined` if they
 * never did.
 */
export function timeToCoverageMs(spread: Spread, percent: number): number | undefined {
  const needed = Math.ceil((percent * othersOf(spread)) / 100)
  const ascending = ascendingLatencies(spread)
  if (needed === 0 || ascending.length < needed) return undefined
  return percentile(ascending.slice(0, needed), 100)
}

/** Latencies of the nodes that accepted the item, ms. */
export function ascendingLatencies(spread: Spread): number[] {
  return [...spread.first.values()].map((one) => latencyMs(spread, one)).sort((a, b) => a - b)
}

/**
 * By the time to the last node that accepted; items that fell short by more nodes count as slower.
 */
function slowestLast(spreads: readonly Spread[]): Spread[] {
  return spreads
    .map((spread) => ({ spread, lastMs: ascendingLatencies(spread).at(-1) ?? 0 }))
    .sort((a, b) => a.spread.missed.length - b.spread.missed.length || a.lastMs - b.lastMs)
    .map(({ spread }) => spread)
}

interface HopValues {
  readonly delayMs: number[]
  readonly delayErrorMs: number[]
  readonly latencyMs: number[]
  readonly latencyErrorMs: number[]
}

function hopFigures(
  spreads: readonly Spread[],
  { errorMs = ONE_CLOCK }: PropagationContext,
): HopFigures[] {
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
      delayMs: summarise(figures.delayMs, { errorsMs: figures.delayErrorMs }),
      latencyMs: summarise(figures.latencyMs, { errorsMs: figures.latencyErrorMs }),
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
