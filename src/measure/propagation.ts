/** The propagation figures of a set of items; the terms are defined in ARCHITECTURE.md, "What is measured". */
import { hopDelayMs, hopOf, latencyMs, type Spread } from './delivery.ts'
import { percentile, summarise, type LatencySummary } from './percentile.ts'
import type { Report } from './report.ts'
import type { COVERAGE_PERCENTS } from './reportTerms.ts'

export type CoveragePercent = (typeof COVERAGE_PERCENTS)[number]
export type HopFigures = Report['blocks']['hops'][number]
/** The figures that transactions and blocks have in common. */
export type Propagation = Omit<Report['blocks'], 'sealed' | 'head'>

/** Figures over `spreads`. */
export function propagationOf(spreads: readonly Spread[]): Propagation {
  const pairs = spreads.flatMap((spread) =>
    [...spread.first.values()].map((delivery) => ({ spread, delivery })),
  )
  const wanted = spreads.reduce((sum, { others }) => sum + others, 0)
  const duplicates = spreads.reduce((sum, spread) => sum + spread.later.length, 0)
  const bySpeed = slowestLast(spreads)
  const hops = hopFigures(spreads)
  return {
    items: spreads.length,
    coverage: wanted === 0 ? null : pairs.length / wanted,
    latencyMs: summarise(pairs.map(({ spread, delivery }) => latencyMs(spread, delivery))),
    toCoverageMs: toCoverage(spreads),
    hops,
    meanHop: meanHopOf(hops),
    duplicatesPerDelivery: pairs.length === 0 ? null : duplicates / pairs.length,
    validationMs: summarise(pairs.map(({ delivery }) => delivery.judgedMs - delivery.receivedMs)),
    queueMs: summarise(pairs.map(({ delivery }) => delivery.queuedMs)),
    payloadBytes: pairs.reduce((sum, { spread }) => sum + spread.bytes, 0),
    medianItem: bySpeed[Math.ceil(bySpeed.length / 2) - 1]?.hash ?? null,
    worstItem: bySpeed.at(-1)?.hash ?? null,
  }
}

function toCoverage(spreads: readonly Spread[]): Propagation['toCoverageMs'] {
  const at = (percent: CoveragePercent): LatencySummary =>
    summarise(spreads.flatMap((spread) => timeToCoverageMs(spread, percent) ?? []))
  return { 50: at(50), 90: at(90), 95: at(95), 99: at(99), 100: at(100) }
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

function hopFigures(spreads: readonly Spread[]): HopFigures[] {
  const delays = new Map<number, { delayMs: number[]; latencyMs: number[] }>()
  for (const spread of spreads) {
    for (const delivery of spread.first.values()) {
      const hop = hopOf(spread, delivery.node)
      const delayMs = hopDelayMs(spread, delivery)
      if (hop === undefined || delayMs === undefined) continue
      const figures = delays.get(hop) ?? { delayMs: [], latencyMs: [] }
      figures.delayMs.push(delayMs)
      figures.latencyMs.push(latencyMs(spread, delivery))
      delays.set(hop, figures)
    }
  }
  return [...delays.entries()]
    .sort(([a], [b]) => a - b)
    .map(([hop, figures]) => ({
      hop,
      deliveries: figures.delayMs.length,
      delayMs: summarise(figures.delayMs),
      latencyMs: summarise(figures.latencyMs),
    }))
}

function meanHopOf(hops: readonly HopFigures[]): number | null {
  const deliveries = hops.reduce((sum, figures) => sum + figures.deliveries, 0)
  const depth = hops.reduce((sum, figures) => sum + figures.hop * figures.deliveries, 0)
  return deliveries === 0 ? null : depth / deliveries
}
