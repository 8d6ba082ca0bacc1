/**
 * What several runs of one experiment have in common: for each figure its mean over the runs and
 * the interval in which the mean of endlessly many lies with 95 % confidence (Student's t over the
 * runs, since runs and not messages are independent).
 */
import { maxOf, minOf } from '../lib/extremes.ts'
import { bytesText, numberText, percentText } from './numberText.ts'
import type { Report } from './report.ts'

/** One figure over several runs of the same plan. */
export interface RepeatInterval {
  readonly name: string
  /** Runs that have a value. */
  readonly runs: number
  readonly mean: number
  /** Of the 95 % interval of the mean; null with a single run, from which nothing follows. */
  readonly low: number | null
  readonly high: number | null
  /** What the runs themselves had. */
  readonly least: number
  readonly most: number
}

interface RepeatFigure {
  readonly name: string
  readonly of: (report: Report) => number | null
  readonly text: (value: number) => string
  /** No run can have more; none has less than 0. */
  readonly most?: number
}

const PROPAGATION = (['transactions', 'blocks'] as const).flatMap((kind): RepeatFigure[] => [
  { name: `${kind}: coverage`, of: (report) => report[kind].coverage, text: percentText, most: 1 },
  { name: `${kind}: p50, ms`, of: (report) => report[kind].latencyMs.p50, text: numberText },
  { name: `${kind}: p90, ms`, of: (report) => report[kind].latencyMs.p90, text: numberText },
  { name: `${kind}: p99, ms`, of: (report) => report[kind].latencyMs.p99, text: numberText },
  {
    name: `${kind}: to 99 % of peers, p50, ms`,
    of: (report) => report[kind].toCoverageMs[99].p50,
    text: numberText,
  },
  {
    name: `${kind}: duplicates per delivery`,
    of: (report) => report[kind].duplicatesPerDelivery,
    text: numberText,
  },
])

const FIGURES: readonly RepeatFigure[] = [
  ...PROPAGATION,
  {
    name: 'bytes per byte delivered',
    of: ({ traffic }) => traffic.amplification,
    text: numberText,
  },
  {
    name: 'bytes received per peer',
    of: ({ traffic }) => (traffic.peers === 0 ? null : traffic.total.bytesReceived / traffic.peers),
    text: (bytes) => bytesText(Math.round(bytes)),
  },
]

/**
 * Two-sided 95 % quantiles of Student's t by degrees of freedom from 1 on (NIST/SEMATECH e-Handbook
 * of Statistical Methods, section 1.3.6.7.2); beyond the last, that of the normal distribution is
 * less than 4 % smaller.
 */
const T_95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
  2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048,
  2.045, 2.042,
] as const

/** Every figure that at least one run has a value for. */
export function intervalsOf(reports: readonly Report[]): readonly RepeatInterval[] {
  return FIGURES.flatMap(({ name, of, most }) => {
    const values = reports.map(of).filter((value) => value !== null)
    return values.length === 0 ? [] : [{ name, ...intervalOf(values, most) }]
  })
}

/** A table for people, with a final line feed. */
export function renderIntervals(reports: readonly Report[]): string {
  const textOf = new Map(FIGURES.map(({ name, text }) => [name, text]))
  const rows = intervalsOf(reports).map(({ name, mean, low, high, least, most }) => {
    const text = textOf.get(name) ?? numberText
    const interval = low === null || high === null ? '-' : `${text(low)} to ${text(high)}`
    return [name, text(mean), interval, `${text(least)} to ${text(most)}`]
  })
  const table = [['', 'mean', '95 % interval', 'runs reached'], ...rows]
  const widths = [0, 1, 2, 3].map((at) => maxOf(table.map((row) => row[at]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  return `${runsText(reports.length)}\n\n${table.map(line).join('\n')}\n`
}

/** So many runs, in words. */
export function runsText(count: number): string {
  return count === 1 ? '1 run' : `${count} runs`
}

/**
 * `values` holds at least one. The interval ends where the figure itself does: at 0, and at the
 * most it can be.
 */
function intervalOf(values: readonly number[], limit = Infinity): Omit<RepeatInterval, 'name'> {
  const runs = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / runs
  const bounds = { runs, mean, least: minOf(values), most: maxOf(values) }
  if (runs === 1) return { ...bounds, low: null, high: null }
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const error = Math.sqrt(squares / (runs - 1) / runs) * (T_95[runs - 2] ?? 1.96)
  return { ...bounds, low: Math.max(0, mean - error), high: Math.min(limit, mean + error) }
}
