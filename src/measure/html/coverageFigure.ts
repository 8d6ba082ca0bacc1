/** How the share of nodes that have an item grows with time. */
import { minOf } from '../../lib/extremes.ts'
import { timeToCoverageMs } from '../propagation.ts'
import { percentile } from '../percentile.ts'
import { countText } from '../numberText.ts'
import { html } from './html.ts'
import type { KindData } from './kinds.ts'
import { logAxis, onLogAxis } from './logAxis.ts'
import { COLOURS, HALF_WIDTH, PLOT_HEIGHT, type Figure } from './plot.ts'

const PERCENTS = Array.from({ length: 50 }, (_, at) => 2 * (at + 1))
/**
 * A worst message so many times slower than the median one would press all else into the margin.
 */
const LOG_ABOVE = 10

/** Named even where none of them has a point: a plot without a domain has no size. */
const LINES = { domain: ['median', 'worst message'], range: [[], [4, 3]] }

interface Point {
  readonly ms: number
  readonly share: number
  readonly line: string
}

/**
 * When the messages had reached a share of the nodes: the fastest tenth, half of them, all but the
 * slowest tenth.
 */
export interface BandPoint {
  readonly share: number
  readonly fastMs: number
  readonly medianMs: number
  readonly slowMs: number
}

interface Curves {
  readonly kind: KindData
  readonly band: readonly BandPoint[]
  readonly worst: readonly Point[]
}

/** One figure for each kind, with the same axes. */
export function coverageFigures(kinds: readonly KindData[]): Figure[] {
  const all = kinds.map((kind): Curves => ({ kind, band: bandOf(kind), worst: worstOf(kind) }))
  const x = timeAxis(all)
  return all.map((curves) => coverageFigure(curves, x))
}

function coverageFigure({ kind, band, worst }: Curves, x: ReturnType<typeof timeAxis>): Figure {
  const { figures, name } = kind
  const median = band.map(({ share, medianMs }) => ({ share, ms: medianMs, line: 'median' }))
  const y = {
    type: 'quantitative' as const,
    title: 'nodes that accepted it',
    scale: { domain: [0, 1] },
    axis: { format: '.0%', values: [0, 0.25, 0.5, 0.75, 0.9, 1] },
  }
  return {
    title: `Coverage over time: ${name}`,
    caption: html`At each share of the nodes, the median over all messages (one of median latency:
      <a href="#${figures.medianItem}">see its tree</a>) and, as a band, the middle 80 % of them;
      dashed, the worst message (<a href="#${figures.worstItem}">see its tree</a>). Of all
      deliveries ${countText(figures.latencyMs)} arrived.`,
    spec: {
      width: HALF_WIDTH,
      height: PLOT_HEIGHT,
      layer: [
        {
          data: { values: band },
          mark: { type: 'area', color: COLOURS[name], opacity: 0.18 },
          encoding: {
            x: { ...x, field: 'fastMs' },
            x2: { field: 'slowMs' },
            y: { ...y, field: 'share' },
          },
        },
        {
          data: { values: [...median, ...worst] },
          mark: { type: 'line', color: COLOURS[name] },
          encoding: {
            x: { ...x, field: 'ms' },
            y: { ...y, field: 'share' },
            strokeDash: { field: 'line', sort: null, scale: LINES },
          },
        },
      ],
    },
  }
}

/** The worst message: when it had reached each of the shares. */
function worstOf({ figures, spreads }: KindData): Point[] {
  const spread = spreads.find((one) => one.hash === figures.worstItem)
  if (spread === undefined) return []
  return PERCENTS.flatMap((percent) => {
    const ms = timeToCoverageMs(spread, percent)
    return ms === undefined
      ? []
      : [{ ms: onLogAxis(ms), share: percent / 100, line: 'worst message' }]
  })
}

/**
 * Up to the share that nine tenths of the messages reached. The median lies inside, for all three
 * rank one list.
 */
export function bandOf({ spreads }: Pick<KindData, 'spreads'>): BandPoint[] {
  return PERCENTS.flatMap((percent) => {
    const times = spreads
      .map((spread) => timeToCoverageMs(spread, percent) ?? Infinity)
      .sort((a, b) => a - b)
    const at = (rank: number): number => percentile(times, rank) ?? Infinity
    const [fastMs, medianMs, slowMs] = [at(10), at(50), at(90)].map(onLogAxis)
    if (fastMs === undefined || medianMs === undefined || slowMs === undefined) return []
    return slowMs < Infinity ? [{ share: percent / 100, fastMs, medianMs, slowMs }] : []
  })
}

function timeAxis(all: readonly Curves[]) {
  return { type: 'quantitative' as const, title: 'ms after the message entered', ...axisOf(all) }
}

/** Logarithmic where a worst message would press all else into the margin. */
function axisOf(all: readonly Curves[]) {
  const usual = minOf(all.flatMap(({ band }) => band.at(-1)?.medianMs ?? []))
  const values = all.flatMap(({ band, worst }) => [
    ...band.flatMap(({ fastMs, slowMs }) => [fastMs, slowMs]),
    ...worst.map(({ ms }) => ms),
  ])
  const most = values.reduce((largest, ms) => Math.max(largest, ms), 0)
  if (most > LOG_ABOVE * usual) return logAxis(values)
  return { scale: { type: 'linear' as const, domain: [0, most], nice: true }, axis: {} }
}
