/** How latency is spread over nodes. */
import { latencyMs } from '../delivery.ts'
import { countText, errorText, figureText } from '../numberText.ts'
import type { Percentiles } from '../percentile.ts'
import { html } from './html.ts'
import { logAxis, onLogAxis } from './logAxis.ts'
import type { KindData } from './kinds.ts'
import { COLOURS, HALF_WIDTH, PLOT_HEIGHT, type Figure, shareAxis } from './plot.ts'

const BINS_PER_DECADE = 12

interface Bin {
  readonly fromMs: number
  readonly toMs: number
  /** Of the (message, node) pairs of its kind. */
  readonly share: number
}

/** One figure for each kind, with the same axes. */
export function histogramFigures(kinds: readonly KindData[]): Figure[] {
  const all = kinds.map((kind) => ({ kind, bins: histogram(kind) }))
  const bins = all.flatMap((one) => one.bins)
  const axis = logAxis(bins.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))
  const top = bins.reduce((most, { share }) => Math.max(most, share), 0)
  return all.map((one) => histogramFigure(one, axis, top))
}

function histogramFigure(
  { kind: { name, figures }, bins }: { readonly kind: KindData; readonly bins: readonly Bin[] },
  axis: ReturnType<typeof logAxis>,
  top: number,
): Figure {
  const { p50, p90, p99 } = figures.latencyMs
  const text = (percentile: keyof Percentiles): string => figureText(figures.latencyMs, percentile)
  const marks = [
    { ms: p50, percentile: 'p50' },
    { ms: p90, percentile: 'p90' },
    { ms: p99, percentile: 'p99' },
  ].filter(({ ms }) => ms !== null)
  const x = {
    type: 'quantitative' as const,
    title: 'ms',
    ...axis,
  }
  return {
    title: `Latency of a node: ${name}`,
    caption: html`Over ${countText(figures.latencyMs)} pairs of a message and a node; the scale is
    logarithmic. p50 ${text('p50')} ms, p90 ${text('p90')} ms, p99 ${text('p99')} ms, largest
    ${text('max')} ms${errorText(figures.latencyMs)}.`,
    spec: {
      width: HALF_WIDTH,
      height: PLOT_HEIGHT,
      layer: [
        {
          data: { values: [...bins] },
          mark: { type: 'bar', color: COLOURS[name], opacity: 0.75 },
          encoding: {
            x: { ...x, field: 'fromMs' },
            x2: { field: 'toMs' },
            y: { ...shareAxis('pairs'), scale: { domain: [0, top] } },
            y2: { datum: 0 },
          },
        },
        {
          data: { values: marks },
          mark: { type: 'rule', color: COLOURS.ink },
          encoding: {
            x: { ...x, field: 'ms' },
            strokeDash: {
              field: 'percentile',
              scale: { domain: ['p50', 'p90', 'p99'], range: [[], [5, 3], [2, 2]] },
            },
          },
        },
      ],
    },
  }
}

function histogram({ spreads, figures }: KindData): Bin[] {
  const counts = new Map<number, number>()
  for (const spread of spreads) {
    for (const delivery of spread.first.values()) {
      const ms = onLogAxis(latencyMs(spread, delivery))
      const bin = Math.floor(Math.log10(ms) * BINS_PER_DECADE)
      counts.set(bin, (counts.get(bin) ?? 0) + 1)
    }
  }
  const edgeMs = (bin: number): number => 10 ** (bin / BINS_PER_DECADE)
  return [...counts].map(([bin, count]) => ({
    fromMs: edgeMs(bin),
    toMs: edgeMs(bin + 1),
    share: count / figures.latencyMs.of,
  }))
}
