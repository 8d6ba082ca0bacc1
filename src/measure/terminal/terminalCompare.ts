/** A comparison of reports as a person reads it on a terminal. */
import type { Interval } from '../bootstrap.ts'
import type {
  ComparedFigure,
  Comparison,
  FigureDifference,
  FigureValue,
} from '../compare/compare.ts'
import { headerFacts, letterOf } from '../compare/compareFacts.ts'
import { atLeastText, countText, numberText, percentText } from '../numberText.ts'

const LABEL_WIDTH = 28
const CELL_WIDTH = 12
const HEADER_WIDTH = 10

/** The whole comparison as text, with a final line feed. */
export function renderComparison(comparison: Comparison): string {
  const groups = (['transactions', 'blocks', 'network'] as const).flatMap((group) => {
    const rows = comparison.figures.filter((figure) => figure.group === group)
    return rows.length === 0 ? [] : [groupText(group, rows)]
  })
  const parts = [
    heading(comparison),
    ...warnings(comparison),
    ...facts(comparison),
    ...groups,
    legend(comparison),
  ]
  return `${parts.join('\n\n')}\n`
}

function heading({ reports }: Comparison): string {
  const blocks = reports.map((one, at) =>
    [
      `  ${letterOf(at)}  ${one.file}`,
      ...headerFacts(one).map(([name, text]) => `     ${name.padEnd(HEADER_WIDTH)}${text}`),
    ].join('\n'),
  )
  return [`comparison of ${reports.length} reports`, ...blocks].join('\n')
}

function warnings({ warnings }: Comparison): string[] {
  return warnings.length === 0 ? [] : [warnings.map((one) => `warning: ${one}`).join('\n')]
}

function facts({ facts }: Comparison): string[] {
  if (facts.length === 0) return []
  const rows = facts.map(({ name, values }) => `  ${name}: ${values.join(' | ')}`)
  return [['not the same in all runs:', ...rows].join('\n')]
}

/**
 * The rows of a group; before each run of figures that are of the same samples, how large those
 * are.
 */
function groupText(group: string, figures: readonly ComparedFigure[]): string {
  const letters = figures[0]?.values.map((_, at) => letterOf(at)) ?? []
  const isPair = letters.length === 2
  const head = [...letters, ...(isPair ? ['B - A'] : [])].map((name) => name.padStart(CELL_WIDTH))
  const title = `${group.padEnd(LABEL_WIDTH + 2)}${head.join('')}${isPair ? '   95 % interval of B - A' : ''}`
  const lines = [title]
  let told = ''
  for (const figure of figures) {
    const samples = samplesText(figure)
    if (samples !== told) lines.push(`  ${samples}`)
    told = samples
    lines.push(isPair ? pairRow(figure) : rowOf(figure))
  }
  return lines.join('\n')
}

/** Of how many deliveries, messages or peers the figure is in each report. */
export function samplesText({ sampleOf, values }: ComparedFigure): string {
  const each = values.map((value, at) => `${letterOf(at)} ${countText(value)}`)
  return `(${sampleOf}: ${each.join(', ')})`
}

/** Two reports: both values, their difference and where it lies. */
function pairRow(figure: ComparedFigure): string {
  const [difference] = figure.differences
  const cells = [
    ...figure.values.map((value) => valueText(figure, value)),
    differenceText(figure, difference),
  ]
  const interval = intervalText(figure, difference?.interval)
  const range = interval === '' ? '' : `   ${interval}`
  return `${labelAndCells(figure, cells)}${range}${markOf(difference)}`
}

/** More than two: the values, marked where they differ from the first. */
function rowOf(figure: ComparedFigure): string {
  const cells = figure.values.map((value, at) => {
    const mark = at === 0 ? '' : markOf(figure.differences[at - 1])
    return `${valueText(figure, value)}${mark}`
  })
  return labelAndCells(figure, cells)
}

function labelAndCells({ name }: ComparedFigure, cells: readonly string[]): string {
  return `  ${name.padEnd(LABEL_WIDTH)}${cells.map((cell) => cell.padStart(CELL_WIDTH)).join('')}`
}

function markOf(difference: FigureDifference | undefined): string {
  return difference?.differs === true ? ' *' : ''
}

/** A value of a figure with its unit, or what it is at least. */
export function valueText({ unit }: ComparedFigure, { value, atLeast }: FigureValue): string {
  if (value !== null || atLeast === null) return unitText(unit, value)
  return unit === 'ms' ? `${atLeastText(atLeast)} ms` : atLeastText(atLeast)
}

/** A difference of a figure with its sign; `-` where there is none. */
export function differenceText(
  { unit }: ComparedFigure,
  difference: FigureDifference | undefined,
): string {
  const value = difference?.value ?? null
  const text = unitText(unit, value)
  return value !== null && value > 0 ? `+${text}` : text
}

/** Where a difference lies; empty where nothing is known of it. */
export function intervalText({ unit }: ComparedFigure, interval: Interval | undefined): string {
  const { low = null, high = null } = interval ?? {}
  if (low !== null && high !== null) return `${unitText(unit, low)} to ${unitText(unit, high)}`
  if (low !== null) return `more than ${unitText(unit, low)}`
  return high === null ? '' : `less than ${unitText(unit, high)}`
}

function unitText(unit: ComparedFigure['unit'], value: number | null): string {
  if (unit === 'share') return percentText(value)
  return unit === 'ms' && value !== null ? `${numberText(value)} ms` : numberText(value)
}

/** What the intervals mean, in sentences. */
export function legend({ confidence, replicates, seed }: Comparison): string {
  return [
    `* the ${confidence * 100} % interval of the difference to A leaves out zero. Bootstrap over messages (over`,
    `peers for the network), ${replicates} replicates, seed ${seed}. It speaks of the messages of these runs; what`,
    'differs between runs of the same kind (meshes, load of the machine) is seen by repeating them. Where',
    'a run has too few messages for a figure, no interval is given. In brackets: how many deliveries,',
    'messages or peers of all that there should be the figures are of. What never arrived counts as slowest;',
    '>= is a lower bound of a percentile that lies among what had not arrived when the run ended.',
  ].join('\n')
}
