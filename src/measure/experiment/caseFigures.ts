/**
 * Several runs that differ in one parameter: a table for people and a plot, as an experiment
 * publishes them. Runs of the same value are repeats: what is told is their median, and from where
 * to where they reached.
 */
import { atLeastText, bytesText, countText, numberText, percentText } from '../numberText.ts'
import { percentile, type LatencySummary, type Percentiles } from '../percentile.ts'
import type { Panel } from '../../rehearsal/panels.ts'
import { idealHops } from '../idealHops.ts'
import type { Report } from '../report.ts'

/** One run of a case of an experiment. */
export interface CaseRun {
  /** The value of the parameter; with numbers alone the plot has a scale. */
  readonly value: number | string
  /** Values of a group belong together; the same value may come again in another. */
  readonly group?: string
  readonly report: Report
}

/** What an experiment varies between its cases, and which items it looks at. */
export interface CaseOptions {
  /** Name of the parameter, with its unit. */
  readonly parameter: string
  readonly kind: 'transactions' | 'blocks'
  /** What the plot shows; each adds its columns to the table. */
  readonly panels: readonly Panel[]
}

/** The runs of one value. */
export interface CasePoint {
  readonly value: number | string
  readonly group: string | undefined
  readonly reports: readonly Report[]
}

/** A figure of a run: its value, or where that is not known what it is at least. */
export interface RunFigure {
  readonly value: number
  readonly isAtLeast: boolean
}

interface CaseFigure {
  readonly name: string
  readonly of: (report: Report, kind: CaseOptions['kind']) => RunFigure | undefined
  readonly text: (value: number) => string
  /** The columns of a panel are there where it is drawn; the others always. */
  readonly panel?: Panel
}

/** The columns of the table; one that no run has a value for is left out. */
const FIGURES: readonly CaseFigure[] = [
  { name: 'coverage', of: (report, kind) => known(report[kind].coverage), text: percentText },
  {
    name: 'p50, ms',
    of: (report, kind) => figureOf(report[kind].latencyMs, 'p50'),
    text: numberText,
  },
  {
    name: 'p99, ms',
    of: (report, kind) => figureOf(report[kind].latencyMs, 'p99'),
    text: numberText,
  },
  {
    name: 'to 99 % of nodes, p50, ms',
    of: (report, kind) => figureOf(report[kind].toCoverageMs[99], 'p50'),
    text: numberText,
  },
  {
    name: 'p99 over shortest paths',
    of: (report, kind) => known(report[kind].bound?.ratioP99 ?? null),
    text: numberText,
  },
  {
    name: 'duplicates per delivery',
    of: (report, kind) => known(report[kind].duplicatesPerDelivery),
    text: numberText,
  },
  {
    name: 'duplicates/(degree - 2)',
    of: (report, kind) => known(report[kind].duplicatesOverMesh),
    text: numberText,
  },
  {
    name: 'bytes per byte delivered',
    of: ({ traffic }) => known(traffic.amplification),
    text: numberText,
  },
  {
    name: 'received per peer',
    of: ({ traffic }) =>
      known(traffic.peers === 0 ? null : traffic.total.bytesReceived / traffic.peers),
    text: (bytes) => bytesText(Math.round(bytes)),
  },
  {
    name: 'mean hop',
    panel: 'hops',
    of: (report, kind) => known(report[kind].meanHop),
    text: numberText,
  },
  {
    name: 'log_D n',
    panel: 'hops',
    of: (report) => known(idealHops(report) ?? null),
    text: numberText,
  },
  {
    name: 'bytes received, per node and s',
    panel: 'cost',
    of: (report) => known(perNodeAndS(report, report.traffic.total.bytesReceived)),
    text: (bytes) => bytesText(Math.round(bytes)),
  },
  {
    name: 'frames received, per node and s',
    panel: 'cost',
    of: (report) => known(perNodeAndS(report, report.traffic.total.framesReceived)),
    text: numberText,
  },
  {
    name: 'to finality p50, s',
    panel: 'finality',
    of: ({ finality }) => seconds(finality?.p50Ms),
    text: numberText,
  },
  {
    name: 'to finality p99, s',
    panel: 'finality',
    of: ({ finality }) => seconds(finality?.p99Ms),
    text: numberText,
  },
  {
    name: 'final block',
    panel: 'finality',
    of: ({ finality }) => known(finality?.finalized ?? null),
    text: numberText,
  },
  {
    name: 'head',
    panel: 'finality',
    of: ({ blocks }) => known(blocks.head),
    text: numberText,
  },
  {
    name: 'conflicts',
    panel: 'finality',
    of: ({ finality }) => known(finality?.conflicts ?? null),
    text: numberText,
  },
  {
    name: 'nodes with a proof',
    panel: 'finality',
    of: ({ finality }) => known(finality?.evidenceAtNodes ?? null),
    text: numberText,
  },
  {
    name: 'memory of the simulator, per node',
    panel: 'cost',
    of: ({ simulation, nodes }) => known(simulation ? simulation.peakRssBytes / nodes : null),
    text: (bytes) => bytesText(Math.round(bytes)),
  },
  memberTimeFigure('death known, p50, s', 'deathKnownMs', 'p50'),
  memberTimeFigure('p99, s', 'deathKnownMs', 'p99'),
  memberTimeFigure('leave known, p50, s', 'leaveKnownMs', 'p50'),
  memberTimeFigure('leave, p99, s', 'leaveKnownMs', 'p99'),
  {
    name: 'running and suspected',
    panel: 'members',
    of: ({ members }) => known(members?.suspectedUp.members ?? null),
    text: numberText,
  },
  {
    name: 'running and held dead',
    panel: 'members',
    of: ({ members }) => known(members?.heldDeadUp.members ?? null),
    text: numberText,
  },
]

type Gone = 'deathKnownMs' | 'leaveKnownMs'

function memberTimeFigure(name: string, gone: Gone, rank: 'p50' | 'p99'): CaseFigure {
  return {
    name,
    panel: 'members',
    of: (report) => known(knownAfterS(report, gone, rank)),
    text: numberText,
  }
}

/** After how long nodes knew of a death or a leave, s; null where none was, or nobody looked. */
export function knownAfterS({ members }: Report, gone: Gone, which: 'p50' | 'p99'): number | null {
  const ms = members?.[gone]?.[which]
  return ms === undefined ? null : ms / 1000
}

/** A sum over all peers as what one had in a second of the load; null where there is none. */
export function perNodeAndS({ traffic, durationMs }: Report, sum: number): number | null {
  const count = traffic.peers * (durationMs / 1000)
  return count === 0 ? null : sum / count
}

/** A duration in ms, if there is one, in seconds. */
export function seconds(durationMs: number | null | undefined): RunFigure | undefined {
  return known(durationMs === null || durationMs === undefined ? null : durationMs / 1000)
}

/** A figure that is known, if there is one. */
export function known(value: number | null): RunFigure | undefined {
  return value === null ? undefined : { value, isAtLeast: false }
}

/** A figure of a summary, or its lower bound. */
export function figureOf(summary: LatencySummary, name: keyof Percentiles): RunFigure | undefined {
  const bound = summary.atLeast?.[name] ?? null
  return bound === null ? known(summary[name]) : { value: bound, isAtLeast: true }
}

/** The cases of an experiment in the order in which their values first came. */
export function casePoints(runs: readonly CaseRun[]): CasePoint[] {
  const points = new Map<string, CasePoint & { readonly reports: Report[] }>()
  for (const { value, group, report } of runs) {
    const key = JSON.stringify([group, value])
    const point = points.get(key) ?? { value, group, reports: [] }
    point.reports.push(report)
    points.set(key, point)
  }
  return [...points.values()]
}

/**
 * A Markdown table: a row for each value; behind a median, in brackets, from where to where its
 * runs reached.
 */
export function caseTable(
  runs: readonly CaseRun[],
  { parameter, kind, panels }: CaseOptions,
): string {
  const points = casePoints(runs)
  const figures = FIGURES.filter(
    ({ of, panel }) =>
      (panel === undefined || panels.includes(panel)) &&
      runs.some(({ report }) => of(report, kind) !== undefined),
  )
  const isGrouped = points.some(({ group }) => group !== undefined)
  const head = [
    ...(isGrouped ? [''] : []),
    parameter,
    'runs',
    'arrived',
    ...figures.map(({ name }) => name),
  ]
  const rows = points.map(({ value, group, reports }) => [
    ...(isGrouped ? [group ?? ''] : []),
    String(value),
    String(reports.length),
    arrivedText(reports, kind),
    ...figures.map(({ of, text }) => cellOf(rangeOf(reports.map((one) => of(one, kind))), text)),
  ])
  const texts = isGrouped ? 2 : 1
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  return [
    line(head),
    line(head.map((_, at) => (at < texts ? '---' : '--:'))),
    ...rows.map(line),
  ].join('')
}

/** First copies accepted of those that should have been, over all runs of a value. */
function arrivedText(reports: readonly Report[], kind: CaseOptions['kind']): string {
  const sum = (of: (summary: LatencySummary) => number): number =>
    reports.reduce((total, report) => total + of(report[kind].latencyMs), 0)
  return countText({ count: sum(({ count }) => count), of: sum(({ of }) => of) })
}

/** What several runs of the same value say of a figure. */
export interface FigureRange {
  readonly low: RunFigure
  readonly median: RunFigure
  readonly high: RunFigure
}

/**
 * The figures that are there, summed up; `undefined` if none is. Where a run below a figure has
 * only a lower bound, which may be exceeded by far, the figure is a lower bound, too.
 */
export function rangeOf(figures: readonly (RunFigure | undefined)[]): FigureRange | undefined {
  const ascending = figures
    .filter((figure) => figure !== undefined)
    .toSorted((a, b) => a.value - b.value || Number(a.isAtLeast) - Number(b.isAtLeast))
    .map(({ value }, at, all) => ({
      value,
      isAtLeast: all.slice(0, at + 1).some((one) => one.isAtLeast),
    }))
  const at = (percent: number): RunFigure | undefined =>
    ascending[percentile([...ascending.keys()], percent) ?? -1]
  const [low, median, high] = [at(0), at(50), at(100)]
  if (low === undefined || median === undefined || high === undefined) return undefined
  return { low, median, high }
}

function cellOf(range: FigureRange | undefined, text: CaseFigure['text']): string {
  if (range === undefined) return '-'
  const textOf = ({ value, isAtLeast }: RunFigure): string =>
    isAtLeast ? atLeastText(value) : text(value)
  const [low, median, high] = [textOf(range.low), textOf(range.median), textOf(range.high)]
  return low === high ? median : `${median} (${low} to ${high})`
}
