/** How latency is spread over nodes and over the run. */
import { latencyMs } from '../delivery.ts'
import { numberText } from '../numberText.ts'
import { ascendingLatencies } from '../propagation.ts'
import type { FaultRecord } from '../report.ts'
import { html } from './html.ts'
import { logAxis, onLogAxis } from './logAxis.ts'
import { kindColour, type KindData } from './kinds.ts'
import { COLOURS, FULL_WIDTH, HALF_WIDTH, PLOT_HEIGHT, type Figure } from './plot.ts'

const BINS_PER_DECADE = 12
/** An x, in the unit square of Vega's symbols. */
const CROSS = 'M-.8,-.8L.8,.8M-.8,.8L.8,-.8'
/** More points lie on top of each other. */
const MAX_POINTS = 1_500

export function histogramFigure(kind: KindData): Figure {
  const { name, figures } = kind
  const { p50, p90, p99 } = figures.latencyMs
  const bins = histogram(kind)
  const marks = [
    { ms: p50, percentile: 'p50' },
    { ms: p90, percentile: 'p90' },
    { ms: p99, percentile: 'p99' },
  ]
  const x = {
    type: 'quantitative' as const,
    title: 'ms',
    ...logAxis(bins.flatMap(({ fromMs, toMs }) => [fromMs, toMs])),
  }
  return {
    title: `Latency of a node: ${name}`,
    caption: html`Over ${figures.latencyMs.count} deliveries; the scale is logarithmic. p50
    ${numberText(p50)} ms, p90 ${numberText(p90)} ms, p99 ${numberText(p99)} ms, largest
    ${numberText(figures.latencyMs.max)} ms.`,
    spec: {
      width: HALF_WIDTH,
      height: PLOT_HEIGHT,
      layer: [
        {
          data: { values: bins },
          mark: { type: 'bar', color: COLOURS[name], opacity: 0.75 },
          encoding: {
            x: { ...x, field: 'fromMs' },
            x2: { field: 'toMs' },
            y: { field: 'count', type: 'quantitative', title: 'deliveries' },
            y2: { datum: 0 },
          },
        },
        {
          data: { values: marks },
          mark: { type: 'rule', color: COLOURS.ink },
          encoding: {
            x: { ...x, field: 'ms' },
            strokeDash: { field: 'percentile', scale: { range: [[], [5, 3], [2, 2]] } },
          },
        },
      ],
    },
  }
}

function histogram({ spreads }: KindData): { fromMs: number; toMs: number; count: number }[] {
  const counts = new Map<number, number>()
  for (const spread of spreads) {
    for (const delivery of spread.first.values()) {
      const ms = onLogAxis(latencyMs(spread, delivery))
      const bin = Math.floor(Math.log10(ms) * BINS_PER_DECADE)
      counts.set(bin, (counts.get(bin) ?? 0) + 1)
    }
  }
  const edgeMs = (bin: number): number => 10 ** (bin / BINS_PER_DECADE)
  return [...counts].map(([bin, count]) => ({ fromMs: edgeMs(bin), toMs: edgeMs(bin + 1), count }))
}

/** Each message at the time it entered, with the faults of the run. */
export function runFigure(kinds: readonly KindData[], faults: readonly FaultRecord[]): Figure {
  const points = kinds.flatMap(pointsOf)
  const marks = faults.map(({ atMs, kind }) => ({ s: atMs / 1000, label: kind }))
  const x = { field: 's', type: 'quantitative', title: 's after the start of the run' } as const
  return {
    title: 'Latency over the run',
    caption: html`One mark for each message: when it entered, and how long until the last node that
    got it had accepted it. Crosses never reached all live nodes.
    ${faults.length === 0 ? 'No fault was seen.' : 'Dashed lines are faults, listed below.'}`,
    spec: {
      width: FULL_WIDTH,
      height: PLOT_HEIGHT,
      layer: [
        {
          data: { values: points },
          mark: { type: 'point', size: 22, opacity: 0.7, filled: false },
          encoding: {
            x,
            y: {
              field: 'ms',
              type: 'quantitative',
              title: 'ms to the last node',
              ...logAxis(points.map(({ ms }) => ms)),
            },
            color: kindColour(kinds),
            shape: {
              field: 'reached',
              legend: null,
              scale: { domain: ['all', 'some'], range: ['circle', CROSS] },
            },
          },
        },
        {
          data: { values: marks },
          mark: { type: 'rule', strokeDash: [4, 3], color: COLOURS.fault },
          encoding: { x },
        },
        {
          data: { values: marks },
          mark: { type: 'text', y: 2, dx: 4, align: 'left', color: COLOURS.fault },
          encoding: { x, text: { field: 'label', type: 'nominal' } },
        },
      ],
    },
  }
}

interface RunPoint {
  readonly s: number
  readonly ms: number
  readonly kind: string
  readonly reached: 'all' | 'some'
}

/** The slowest always stay; of the others evenly as many as can be drawn. */
function pointsOf({ name, spreads }: KindData): RunPoint[] {
  const points = spreads.flatMap((spread): RunPoint[] => {
    const ms = ascendingLatencies(spread).at(-1)
    if (ms === undefined) return []
    const reached = spread.first.size >= spread.others ? 'all' : 'some'
    return [{ s: spread.originMs / 1000, ms: onLogAxis(ms), kind: name, reached }]
  })
  const slowestFirst = points.sort((a, b) => b.ms - a.ms)
  const step = Math.ceil(points.length / MAX_POINTS)
  return slowestFirst.filter((_, at) => at < MAX_POINTS / 10 || at % step === 0)
}
