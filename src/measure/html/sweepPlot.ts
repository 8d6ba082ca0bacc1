/** The plot of a sweep: latency and duplicates against what was varied. */
import type { Report } from '../report.ts'
import {
  figureOf,
  known,
  rangeOf,
  sweepPoints,
  type RunFigure,
  type SweepOptions,
  type SweepRun,
} from '../sweep.ts'
import { logAxis } from './logAxis.ts'
import { plotFile, type PlotSpec } from './plot.ts'

const WIDTH = 330
const HEIGHT = 220
/** A largest duration so many times the smallest is drawn on a logarithmic scale. */
const LOG_ABOVE = 10

interface Line {
  readonly name: string
  readonly colour: string
  readonly dash: readonly number[]
  readonly of: (report: Report, kind: SweepOptions['kind']) => RunFigure | undefined
}

const LATENCY: readonly Line[] = [
  {
    name: 'p50',
    colour: 'var(--tx)',
    dash: [],
    of: (report, kind) => figureOf(report[kind].latencyMs, 'p50'),
  },
  {
    name: 'p99',
    colour: 'var(--block)',
    dash: [],
    of: (report, kind) => figureOf(report[kind].latencyMs, 'p99'),
  },
  {
    name: 'p99 of the shortest paths',
    colour: 'var(--muted)',
    dash: [4, 3],
    of: (report, kind) => known(report[kind].bound?.latencyMs.p99 ?? null),
  },
]

const DUPLICATES: readonly Line[] = [
  {
    name: 'duplicates per delivery',
    colour: 'var(--tx)',
    dash: [],
    of: (report, kind) => known(report[kind].duplicatesPerDelivery),
  },
  {
    name: 'bytes per byte delivered',
    colour: 'var(--block)',
    dash: [],
    of: ({ traffic }) => known(traffic.amplification),
  },
]

/**
 * A whole SVG file, the same for the same runs. Bars reach over the repeats of a value. A value has no point in a line
 * whose median there is only known from below.
 */
export function sweepPlot(runs: readonly SweepRun[], options: SweepOptions): Promise<string> {
  const spec: PlotSpec = {
    padding: 12,
    spacing: 30,
    hconcat: [
      panel(runs, options, {
        title: `latency of ${options.kind}, ms`,
        lines: LATENCY,
        isDuration: true,
      }),
      panel(runs, options, { title: 'copies', lines: DUPLICATES }),
    ],
    resolve: { scale: { color: 'independent', strokeDash: 'independent' } },
  }
  return plotFile(spec, `Latency and duplicates against ${options.parameter}`)
}

interface Panel {
  readonly title: string
  readonly isDuration?: boolean
  readonly lines: readonly Line[]
}

function panel(
  runs: readonly SweepRun[],
  { parameter, kind }: SweepOptions,
  { title, lines, isDuration = false }: Panel,
) {
  const values = sweepPoints(runs).flatMap(({ value, reports }) =>
    lines.flatMap(({ name, of }) => {
      const range = rangeOf(reports.map((report) => of(report, kind)))
      if (range === undefined || range.median.isAtLeast) return []
      const [low, median, high] = [range.low.value, range.median.value, range.high.value]
      return [{ value, name, low, median, high }]
    }),
  )
  const shown = lines.filter(({ name }) => values.some((one) => one.name === name))
  const x = axisOf(
    parameter,
    runs.map(({ value }) => value),
  )
  const y = { type: 'quantitative' as const, title, ...heightOf(values, isDuration) }
  const color = {
    field: 'name',
    type: 'nominal' as const,
    scale: { domain: shown.map(({ name }) => name), range: shown.map(({ colour }) => colour) },
    legend: { symbolType: 'stroke' as const },
  }
  const strokeDash = {
    field: 'name',
    type: 'nominal' as const,
    scale: { domain: shown.map(({ name }) => name), range: shown.map(({ dash }) => [...dash]) },
  }
  return {
    width: WIDTH,
    height: HEIGHT,
    data: { values },
    layer: [
      {
        mark: { type: 'line' as const },
        encoding: { x, y: { ...y, field: 'median' }, color, strokeDash },
      },
      {
        mark: { type: 'rule' as const, strokeWidth: 1.5 },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color },
      },
      {
        mark: { type: 'point' as const, filled: true, size: 40, opacity: 1 },
        encoding: { x, y: { ...y, field: 'median' }, color },
      },
    ],
  }
}

/** From zero on; durations so far apart that the small ones would lie on the axis have a logarithmic scale. */
function heightOf(
  values: readonly { readonly low: number; readonly high: number }[],
  isDuration: boolean,
) {
  const least = values.reduce((smallest, { low }) => Math.min(smallest, low), Infinity)
  const most = values.reduce((largest, { high }) => Math.max(largest, high), 0)
  const isLog = isDuration && most > LOG_ABOVE * least && least > 0
  return isLog ? logAxis([least, most]) : { scale: { zero: true } }
}

/** Numbers have their place on a scale, anything else its turn. */
function axisOf(title: string, values: readonly (number | string)[]) {
  const numbers = values.filter((value) => typeof value === 'number')
  return numbers.length === values.length
    ? {
        field: 'value',
        type: 'quantitative' as const,
        title,
        axis: { values: [...new Set(numbers)] },
        scale: { zero: false, nice: false, padding: 14 },
      }
    : { field: 'value', type: 'ordinal' as const, title, sort: null, axis: { labelAngle: 0 } }
}
