/** The result for a reader: one table, numbers with as many digits as they deserve. */
import { isMet, type Figure } from './benchmark.ts'
import type { Environment } from './environment.ts'

export interface Result {
  readonly benchmark: string
  readonly figures: readonly Figure[]
  /** Why it could not run. */
  readonly failure?: string
}

const HEADINGS = ['benchmark', 'figure', 'measured', 'baseline', 'ratio', 'quartiles', 'goal', '']
const NUMERIC = new Set([2, 4])

export function renderEnvironment(env: Environment): string {
  const { recover, keccak } = env.crypto
  return [
    `machine   ${env.cpu}, ${env.cores} cores, ${env.memoryGiB} GiB, ${env.platform}`,
    `node      ${env.node}`,
    `crypto    recover ${recover}, keccak ${keccak}`,
    `commit    ${env.commit}`,
    `load      ${env.loadAverage} over the last minute`,
  ].join('\n')
}

export function renderTable(results: readonly Result[]): string {
  const rows = [HEADINGS, ...results.flatMap(rowsOf)]
  const widths = HEADINGS.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, NUMERIC.has(column)))
      .join('  ')
      .trimEnd()
  return rows.map(line).join('\n')
}

/** 1,234,567 and 12.3 and 0.87: three figures or all of the whole ones. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '-'
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

function rowsOf({ benchmark, figures, failure }: Result): string[][] {
  if (failure !== undefined) return [[benchmark, `could not run: ${failure}`]]
  return figures.map((figure) => rowOf(benchmark, figure))
}

function rowOf(benchmark: string, figure: Figure): string[] {
  const { name, unit, measured, baseline, ratio, goal } = figure
  const spread = ratio ?? measured
  return [
    benchmark,
    name,
    `${number(measured.median)} ${unit}`,
    baseline === undefined ? '' : `${baseline.name} ${number(baseline.measured.median)}`,
    ratio === undefined ? '' : number(ratio.median),
    spread.q1 === spread.q3 ? '' : `${number(spread.q1)} to ${number(spread.q3)}`,
    goal === undefined ? '' : `${goal.bound} ${number(goal.value)}`,
    metText(figure),
  ]
}

function metText(figure: Figure): string {
  const met = isMet(figure)
  if (met === undefined) return ''
  return met ? 'met' : 'NOT MET'
}

function pad(text: string, width: number, right: boolean): string {
  return right ? text.padStart(width) : text.padEnd(width)
}
