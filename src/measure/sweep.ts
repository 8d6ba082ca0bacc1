/**
 * Several runs that differ in one parameter: a table for people and a plot, as an experiment publishes them. Runs of
 * the same value are repeats: what is told is their median, and from where to where they reached.
 */
import { bytesText, numberText, percentText } from './numberText.ts'
import { percentile } from './percentile.ts'
import type { Report } from './report.ts'

export interface SweepRun {
  /** The value of the parameter; with numbers alone the plot has a scale. */
  readonly value: number | string
  readonly report: Report
}

export interface SweepOptions {
  /** Name of the parameter, with its unit. */
  readonly parameter: string
  readonly kind: 'transactions' | 'blocks'
}

/** The runs of one value. */
export interface SweepPoint {
  readonly value: number | string
  readonly reports: readonly Report[]
}

interface SweepFigure {
  readonly name: string
  readonly of: (report: Report, kind: SweepOptions['kind']) => number | null
  readonly text: (value: number | null) => string
}

/** The columns of the table; one that no run has a value for is left out. */
const FIGURES: readonly SweepFigure[] = [
  { name: 'coverage', of: (report, kind) => report[kind].coverage, text: percentText },
  { name: 'p50, ms', of: (report, kind) => report[kind].latencyMs.p50, text: numberText },
  { name: 'p99, ms', of: (report, kind) => report[kind].latencyMs.p99, text: numberText },
  {
    name: 'to 99 % of nodes, p50, ms',
    of: (report, kind) => report[kind].toCoverageMs[99].p50,
    text: numberText,
  },
  {
    name: 'p99 over shortest paths',
    of: (report, kind) => report[kind].bound?.ratioP99 ?? null,
    text: numberText,
  },
  {
    name: 'duplicates per delivery',
    of: (report, kind) => report[kind].duplicatesPerDelivery,
    text: numberText,
  },
  {
    name: 'duplicates/(degree - 2)',
    of: (report, kind) => report[kind].duplicatesOverMesh,
    text: numberText,
  },
  {
    name: 'bytes per byte delivered',
    of: ({ traffic }) => traffic.amplification,
    text: numberText,
  },
  {
    name: 'received per peer',
    of: ({ traffic }) => (traffic.peers === 0 ? null : traffic.total.bytesReceived / traffic.peers),
    text: (bytes) => (bytes === null ? '-' : bytesText(Math.round(bytes))),
  },
]

/** The points of a sweep in the order in which their values first came. */
export function sweepPoints(runs: readonly SweepRun[]): SweepPoint[] {
  const points = new Map<number | string, Report[]>()
  for (const { value, report } of runs) {
    const reports = points.get(value) ?? []
    reports.push(report)
    points.set(value, reports)
  }
  return [...points].map(([value, reports]) => ({ value, reports }))
}

/** A Markdown table: a row for each value; behind a median, in brackets, from where to where its runs reached. */
export function sweepTable(runs: readonly SweepRun[], { parameter, kind }: SweepOptions): string {
  const points = sweepPoints(runs)
  const figures = FIGURES.filter(({ of }) => runs.some(({ report }) => of(report, kind) !== null))
  const head = [parameter, 'runs', ...figures.map(({ name }) => name)]
  const rows = points.map(({ value, reports }) => [
    String(value),
    String(reports.length),
    ...figures.map(({ of, text }) => cellOf(rangeOf(reports.map((one) => of(one, kind))), text)),
  ])
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  return [
    line(head),
    line(head.map((_, at) => (at === 0 ? '---' : '--:'))),
    ...rows.map(line),
  ].join('')
}

export interface Range {
  readonly low: number
  readonly median: number
  readonly high: number
}

/** The values that are there, summed up; `undefined` if none is. */
export function rangeOf(values: readonly (number | null)[]): Range | undefined {
  const ascending = values.filter((value) => value !== null).toSorted((a, b) => a - b)
  const [low, median, high] = [ascending[0], percentile(ascending, 50), ascending.at(-1)]
  if (low === undefined || median === undefined || high === undefined) return undefined
  return { low, median, high }
}

function cellOf(range: Range | undefined, text: SweepFigure['text']): string {
  if (range === undefined) return '-'
  const { low, median, high } = range
  return low === high ? text(median) : `${text(median)} (${text(low)} to ${text(high)})`
}
