/** The propagation figures of a set of items; the terms are defined in ARCHITECTURE.md, "What is measured". */
import { hopDelayMs, hopOf, latencyMs, type Spread } from './delivery.ts'
import { percentile, summarise, type LatencySummary } from './percentile.ts'

export const COVERAGE_PERCENTS = [50, 90, 99, 100] as const
export type CoveragePercent = (typeof COVERAGE_PERCENTS)[number]

export interface HopFigures {
  readonly hop: number
  /** Arrivals at this depth. */
  readonly deliveries: number
  readonly delayMs: LatencySummary
  readonly latencyMs: LatencySummary
}

export interface Propagation {
  readonly items: number
  /** Accepted first copies over items x nodes other than the origin; 1 is everything everywhere. */
  readonly coverage: number | null
  /** Over (item, node) pairs. */
  readonly latencyMs: LatencySummary
  /** Over items: when so many per cent of the other nodes had accepted. Items that never got there are not counted. */
  readonly toCoverageMs: Readonly<Record<CoveragePercent, LatencySummary>>
  readonly hops: readonly HopFigures[]
  /** Copies after the first, over first copies. */
  readonly duplicatesPerDelivery: number | null
  readonly validationMs: LatencySummary
  readonly queueMs: LatencySummary
  readonly payloadBytes: number
}

/** Figures over `spreads` in a network of `nodes` live nodes. */
export function propagationOf(spreads: readonly Spread[], nodes: number): Propagation {
  const pairs = spreads.flatMap((spread) =>
    [...spread.first.values()].map((delivery) => ({ spread, delivery })),
  )
  const wanted = spreads.length * (nodes - 1)
  const duplicates = spreads.reduce((sum, spread) => sum + spread.duplicates, 0)
  return {
    items: spreads.length,
    coverage: wanted === 0 ? null : pairs.length / wanted,
    latencyMs: summarise(pairs.map(({ spread, delivery }) => latencyMs(spread, delivery))),
    toCoverageMs: toCoverage(spreads, nodes - 1),
    hops: hopFigures(spreads),
    duplicatesPerDelivery: pairs.length === 0 ? null : duplicates / pairs.length,
    validationMs: summarise(pairs.map(({ delivery }) => delivery.judgedMs - delivery.receivedMs)),
    queueMs: summarise(pairs.map(({ delivery }) => delivery.queuedMs)),
    payloadBytes: pairs.reduce((sum, { spread }) => sum + spread.bytes, 0),
  }
}

function toCoverage(spreads: readonly Spread[], others: number): Propagation['toCoverageMs'] {
  const at = (percent: CoveragePercent): LatencySummary =>
    summarise(spreads.flatMap((spread) => timeToCoverageMs(spread, others, percent) ?? []))
  return { 50: at(50), 90: at(90), 99: at(99), 100: at(100) }
}

/** When `percent` of the `others` nodes had accepted, in ms after the entry; `undefined` if they never did. */
export function timeToCoverageMs(
  spread: Spread,
  others: number,
  percent: number,
): number | undefined {
  const needed = Math.ceil((percent / 100) * others)
  const ascending = [...spread.first.values()]
    .map((one) => latencyMs(spread, one))
    .sort((a, b) => a - b)
  if (needed === 0 || ascending.length < needed) return undefined
  return percentile(ascending.slice(0, needed), 100)
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
