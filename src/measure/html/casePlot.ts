/** The plot of an experiment: latency and duplicates against what was varied. */
import { maxOf, minOf } from '../../lib/extremes.ts'
import type { Panel } from '../../rehearsal/panels.ts'
import { idealHops } from '../idealHops.ts'
import type { Report } from '../report.ts'
import {
  figureOf,
  known,
  knownAfterS,
  perNodeAndS,
  rangeOf,
  seconds,
  casePoints,
  type RunFigure,
  type CaseOptions,
  type CaseRun,
} from '../experiment/caseFigures.ts'
import { logAxis } from './logAxis.ts'
import { COLOURS, plotFile, type PlotPart, type PlotSpec } from './plot.ts'
import { coveragePanel, PANEL_HEIGHT, PANEL_WIDTH } from './caseCoverage.ts'

/** A largest duration so many times the smallest is drawn on a logarithmic scale. */
const LOG_ABOVE = 10

interface Line {
  readonly name: string
  readonly colour: string
  readonly dash: readonly number[]
  readonly of: (report: Report, kind: CaseOptions['kind']) => RunFigure | undefined
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

const HOPS: readonly Line[] = [
  {
    name: 'mean hop',
    colour: 'var(--tx)',
    dash: [],
    of: (report, kind) => known(report[kind].meanHop),
  },
  {
    name: '99 % within',
    colour: 'var(--block)',
    dash: [],
    of: (report, kind) => known(deepHop(report[kind].hops)),
  },
  {
    name: 'log_D n',
    colour: 'var(--muted)',
    dash: [4, 3],
    of: (report) => known(idealHops(report) ?? null),
  },
]

const BYTES: readonly Line[] = [
  {
    name: 'all frames',
    colour: 'var(--tx)',
    dash: [],
    of: (report) => known(perNodeAndS(report, report.traffic.total.bytesReceived)),
  },
  {
    name: 'control and framing',
    colour: 'var(--muted)',
    dash: [],
    of: (report) => known(perNodeAndS(report, report.traffic.total.otherBytes)),
  },
]

const MEMBERS: readonly Line[] = [
  {
    name: 'death, p50',
    colour: 'var(--tx)',
    dash: [],
    of: (report) => known(knownAfterS(report, 'deathKnownMs', 'p50')),
  },
  {
    name: 'death, p99',
    colour: 'var(--block)',
    dash: [],
    of: (report) => known(knownAfterS(report, 'deathKnownMs', 'p99')),
  },
  {
    name: 'leave, p99',
    colour: 'var(--muted)',
    dash: [4, 3],
    of: (report) => known(knownAfterS(report, 'leaveKnownMs', 'p99')),
  },
]

const FINALITY: readonly Line[] = [
  { name: 'p50', colour: 'var(--tx)', dash: [], of: ({ finality }) => seconds(finality?.p50Ms) },
  { name: 'p99', colour: 'var(--block)', dash: [], of: ({ finality }) => seconds(finality?.p99Ms) },
]

/** Hops up to which all but a hundredth of the deliveries were. */
const DEEP = 0.99

function deepHop(hops: Report['transactions']['hops']): number | null {
  const all = hops.reduce((sum, { deliveries }) => sum + deliveries, 0)
  let within = 0
  for (const { hop, deliveries } of hops) {
    within += deliveries
    if (within >= DEEP * all) return hop
  }
  return null
}

type Drawing = (runs: readonly CaseRun[], options: CaseOptions) => PlotPart | undefined

/** The drawings of an experiment, by what they show. */
const DRAWN: Readonly<Record<Panel, Drawing>> = {
  latency: (runs, options) =>
    panel(runs, options, {
      title: `latency of ${options.kind}, ms`,
      lines: LATENCY,
      isDuration: true,
    }),
  copies: (runs, options) => panel(runs, options, { title: 'copies', lines: DUPLICATES }),
  coverage: coveragePanel,
  hops: (runs, options) => panel(runs, options, { title: 'hops', lines: HOPS }),
  finality: (runs, options) =>
    panel(runs, options, { title: 'time to finality, s', lines: FINALITY }),
  cost: (runs, options) =>
    panel(runs, options, { title: 'bytes received, per node and s', lines: BYTES }),
  members: (runs, options) =>
    panel(runs, options, { title: 'known to all others after, s', lines: MEMBERS }),
}

/** Each drawing has colours and dashes of its own. */
const OWN_SCALES = {
  scale: { color: 'independent' as const, strokeDash: 'independent' as const },
}

/** More in a row would be wider than a page. */
const PANELS_IN_A_ROW = 2

/**
 * A whole SVG file, the same for the same runs. Bars reach over the repeats of a value. A value has
 * no point in a line whose median there is only known from below. Each group of values has rows of
 * its own.
 */
export function casePlot(runs: readonly CaseRun[], options: CaseOptions): Promise<string> {
  const groups = [...new Set(runs.map(({ group }) => group))]
  const rows = groups.flatMap((group) => {
    const own = runs.filter((run) => run.group === group)
    const drawn = options.panels.flatMap((name) => DRAWN[name](own, options) ?? [])
    return inRows(drawn).map((hconcat) => ({
      spacing: 30,
      hconcat,
      resolve: OWN_SCALES,
      ...(group !== undefined && {
        title: { text: group, anchor: 'start' as const, color: COLOURS.ink },
      }),
    }))
  })
  const spec: PlotSpec = {
    padding: 12,
    vconcat: rows.length === 0 ? [NOTHING] : rows,
    resolve: OWN_SCALES,
  }
  return plotFile(spec, `${options.panels.join(', ')} against ${options.parameter}`)
}

/** Instead of panels where no case has a value. */
const NOTHING: PlotPart = {
  width: PANEL_WIDTH,
  height: PANEL_HEIGHT,
  data: { values: [{}] },
  mark: { type: 'text', text: 'no case has a value' },
}

function inRows<T>(panels: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(panels.length / PANELS_IN_A_ROW) }, (_, row) =>
    panels.slice(row * PANELS_IN_A_ROW, (row + 1) * PANELS_IN_A_ROW),
  )
}

interface PanelLines {
  readonly title: string
  readonly isDuration?: boolean
  readonly lines: readonly Line[]
}

/** `undefined` where no case has a value: axes without any have no end. */
function panel(
  runs: readonly CaseRun[],
  { parameter, kind }: CaseOptions,
  { title, lines, isDuration = false }: PanelLines,
): PlotPart | undefined {
  const values = casePoints(runs).flatMap(({ value, reports }) =>
    lines.flatMap(({ name, of }) => {
      const range = rangeOf(reports.map((report) => of(report, kind)))
      if (range === undefined || range.median.isAtLeast) return []
      const [low, median, high] = [range.low.value, range.median.value, range.high.value]
      return [{ value, name, low, median, high }]
    }),
  )
  if (values.length === 0) return undefined
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
    width: PANEL_WIDTH,
    height: PANEL_HEIGHT,
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

/**
 * From zero on; durations so far apart that the small ones would lie on the axis have a logarithmic
 * scale.
 */
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
        scale: { ...scaleOf(numbers), nice: false, padding: 14 },
      }
    : { field: 'value', type: 'ordinal' as const, title, sort: null, axis: { labelAngle: 0 } }
}

/** Values that multiply from one to the next stand evenly on a logarithmic scale. */
function scaleOf(values: readonly number[]) {
  const [least, most] = [minOf(values), maxOf(values)]
  const isLog = least > 0 && most > LOG_ABOVE * least
  return isLog ? { type: 'log' as const } : { type: 'linear' as const, zero: false }
}
