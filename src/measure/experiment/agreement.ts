/**
 * Two cases of an experiment side by side, and whether they agree: a simulation with what it
 * simulates.
 */
import { numberText } from '../numberText.ts'
import { intervalsOf, type RepeatInterval } from '../repeats.ts'
import type { Report } from '../report.ts'
import { casePoints, type CaseOptions, type CaseRun } from './caseFigures.ts'

/** A figure of two cases. */
export interface AgreementRow {
  readonly name: string
  readonly first: RepeatInterval
  readonly second: RepeatInterval
  /** Of the second over the first, less 1. */
  readonly difference: number
  readonly agrees: boolean
}

/**
 * The figures of the first two cases of which both have a value; those of the other kind of items
 * are left out.
 */
export function agreementOf(
  runs: readonly CaseRun[],
  { kind }: CaseOptions,
  within: number,
): readonly AgreementRow[] {
  const [one, other] = casePoints(runs)
  const seconds = new Map(intervals(other?.reports).map((interval) => [interval.name, interval]))
  const stranger = kind === 'transactions' ? 'blocks' : 'transactions'
  return intervals(one?.reports).flatMap((first): AgreementRow[] => {
    const second = seconds.get(first.name)
    if (second === undefined || first.name.startsWith(`${stranger}: `)) return []
    const difference = second.mean === first.mean ? 0 : second.mean / first.mean - 1
    const agrees = Math.abs(difference) <= within
    return [{ name: first.name, first, second, difference, agrees }]
  })
}

/** A Markdown table of them, with the means and their 95 % intervals. */
export function agreementTable(
  runs: readonly CaseRun[],
  options: CaseOptions,
  within: number,
): string {
  const [one, other] = casePoints(runs).map(({ value }) => String(value))
  const rows = agreementOf(runs, options, within).map(
    ({ name, first, second, difference, agrees }) => [
      name.replace(`${options.kind}: `, ''),
      intervalText(first),
      intervalText(second),
      `${difference < 0 ? '' : '+'}${(difference * 100).toFixed(1)} %`,
      agrees ? 'yes' : 'no',
    ],
  )
  const head = [
    options.kind,
    one ?? '',
    other ?? '',
    'difference',
    `within ${Math.round(within * 100)} %`,
  ]
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  return [line(head), line(['---', '--:', '--:', '--:', '--:']), ...rows.map(line)].join('')
}

function intervals(reports: readonly Report[] = []): readonly RepeatInterval[] {
  return intervalsOf(reports)
}

function intervalText({ mean, low, high }: RepeatInterval): string {
  if (low === null || high === null) return numberText(mean)
  return `${numberText(mean)} (${numberText(low)} to ${numberText(high)})`
}
