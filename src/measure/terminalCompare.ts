/** A comparison of two reports as a person reads it on a terminal. */
import type { ComparedFigure, Comparison } from './compare.ts'
import { numberText, percentText } from './numberText.ts'

const LABEL_WIDTH = 28
const CELL_WIDTH = 11

/** The whole comparison as text, with a final line feed. */
export function renderComparison(comparison: Comparison, names: readonly [string, string]): string {
  const groups = (['transactions', 'blocks', 'network'] as const).flatMap((group) => {
    const rows = comparison.figures.filter((figure) => figure.group === group)
    return rows.every(({ a, b }) => a === null && b === null) ? [] : [groupText(group, rows)]
  })
  return `${[heading(names), ...warnings(comparison), ...facts(comparison), ...groups, legend(comparison)].join('\n\n')}\n`
}

function heading([a, b]: readonly [string, string]): string {
  return `comparison of two reports\n  A  ${a}\n  B  ${b}`
}

function warnings({ warnings }: Comparison): string[] {
  return warnings.length === 0 ? [] : [warnings.map((one) => `warning: ${one}`).join('\n')]
}

function facts({ facts }: Comparison): string[] {
  if (facts.length === 0) return []
  const rows = facts.map(({ name, a, b }) => `  ${name}: ${a} | ${b}`)
  return [['not the same in both runs:', ...rows].join('\n')]
}

function groupText(group: string, figures: readonly ComparedFigure[]): string {
  const head = ['A', 'B', 'B - A', '95 % interval of B - A']
  const title = `${group.padEnd(LABEL_WIDTH + 2)}${head
    .map((name, at) => (at === 3 ? `   ${name}` : name.padStart(CELL_WIDTH)))
    .join('')}`
  return [title, ...figures.map(rowOf)].join('\n')
}

function rowOf(figure: ComparedFigure): string {
  const { name, a, b, interval, differs } = figure
  const text = (value: number | null): string => valueText(figure, value)
  const difference = a === null || b === null ? null : b - a
  const cells = [text(a), text(b), signed(text(difference), difference)]
  const range = interval === undefined ? '' : `   ${text(interval.low)} to ${text(interval.high)}`
  const mark = differs ? ' *' : ''
  return `  ${name.padEnd(LABEL_WIDTH)}${cells.map((cell) => cell.padStart(CELL_WIDTH)).join('')}${range}${mark}`
}

/** A value of a figure with its unit, where it has one. */
export function valueText({ unit }: ComparedFigure, value: number | null): string {
  if (unit === 'share') return percentText(value)
  return unit === 'ms' && value !== null ? `${numberText(value)} ms` : numberText(value)
}

/** The text of a difference with its sign. */
export function signed(text: string, difference: number | null): string {
  return difference !== null && difference > 0 ? `+${text}` : text
}

/** What the intervals mean, in sentences. */
export function legend({ confidence, replicates, seed }: Comparison): string {
  return [
    `* the ${confidence * 100} % interval leaves out zero. Bootstrap over messages (over peers for the network),`,
    `${replicates} replicates, seed ${seed}. It speaks of the messages of these two runs; what differs`,
    'between runs of the same kind (meshes, load of the machine) is seen by repeating both.',
    'Where a run has too few messages for a figure, no interval is given.',
  ].join('\n')
}
