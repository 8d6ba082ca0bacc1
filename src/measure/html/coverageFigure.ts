/** How the share of nodes that have an item grows with time. */
import { othersOf } from '../delivery.ts'
import { ascendingLatencies, timeToCoverageMs } from '../propagation.ts'
import { percentile } from '../percentile.ts'
import { html } from './html.ts'
import type { KindData } from './kinds.ts'
import { COLOURS, HALF_WIDTH, PLOT_HEIGHT, type Figure } from './plot.ts'

const PERCENTS = Array.from({ length: 50 }, (_, at) => 2 * (at + 1))
/** Points of a curve; more cannot be told apart at the width of a plot. */
const MAX_POINTS = 100
/** A worst message so many times slower than the median one would press all else into the margin. */
const LOG_ABOVE = 10

interface Point {
  readonly ms: number
  readonly share: number
  readonly line: string
}

interface BandPoint {
  readonly share: number
  readonly fastMs: number
  readonly slowMs: number
}

export function coverageFigure(kind: KindData): Figure {
  const { figures, name } = kind
  const median = curveOf(kind, figures.medianItem, 'median message')
  const worst = curveOf(kind, figures.worstItem, 'worst message')
  const band = bandOf(kind)
  const scale = scaleOf(median, worst)
  const lines = scale.type === 'log' ? [...median, ...worst] : fromZero(median, worst)
  const x = { type: 'quantitative', title: 'ms after the message entered', scale } as const
  const y = {
    type: 'quantitative' as const,
    title: 'nodes that accepted it',
    scale: { domain: [0, 1] },
    axis: { format: '.0%', values: [0, 0.25, 0.5, 0.75, 0.9, 1] },
  }
  return {
    title: `Coverage over time: ${name}`,
    caption: html`The median message (<a href="#${figures.medianItem}">see its tree</a>), the worst
      (<a href="#${figures.worstItem}">see its tree</a>), and between the edges of the band, at each
      share of the nodes, the middle 80 % of all messages.`,
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
          data: { values: lines },
          mark: { type: 'line', interpolate: 'step-after', color: COLOURS[name] },
          encoding: {
            x: { ...x, field: 'ms' },
            y: { ...y, field: 'share' },
            strokeDash: { field: 'line', sort: null, scale: { range: [[], [4, 3]] } },
          },
        },
      ],
    },
  }
}

function curveOf({ spreads }: KindData, hash: string | null, line: string): Point[] {
  const spread = spreads.find((one) => one.hash === hash)
  const latencies = spread === undefined ? [] : ascendingLatencies(spread)
  return thinned(
    latencies.map((ms, at) => ({
      ms,
      share: spread === undefined ? 0 : (at + 1) / othersOf(spread),
      line,
    })),
  )
}

function fromZero(...curves: readonly (readonly Point[])[]): Point[] {
  return curves.flatMap(([first, ...rest]) =>
    first === undefined ? [] : [{ ms: 0, share: 0, line: first.line }, first, ...rest],
  )
}

/** At each share of the nodes, when the middle 80 % of the messages had got there. */
function bandOf({ spreads }: KindData): BandPoint[] {
  return PERCENTS.flatMap((percent) => {
    const times = spreads
      .map((spread) => timeToCoverageMs(spread, percent) ?? Infinity)
      .sort((a, b) => a - b)
    const [fastMs = Infinity, slowMs = Infinity] = [percentile(times, 10), percentile(times, 90)]
    return Number.isFinite(slowMs) ? [{ share: percent / 100, fastMs, slowMs }] : []
  })
}

function scaleOf(median: readonly Point[], worst: readonly Point[]) {
  const [usual = 0, most = 0] = [median.at(-1)?.ms, worst.at(-1)?.ms]
  return most > LOG_ABOVE * usual && usual > 0
    ? ({ type: 'log', nice: false } as const)
    : ({ type: 'linear', domainMin: 0 } as const)
}

/** At most {@link MAX_POINTS} of the list, evenly spread, both ends kept. */
function thinned<T>(list: readonly T[]): T[] {
  if (list.length <= MAX_POINTS) return [...list]
  const step = (list.length - 1) / (MAX_POINTS - 1)
  return Array.from({ length: MAX_POINTS }, (_, at) => list[Math.round(at * step)]).filter(
    (one) => one !== undefined,
  )
}
