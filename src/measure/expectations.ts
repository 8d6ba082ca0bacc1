/**
 * Expectations of a run: a figure of its report, a comparison and a number, such as `coverage=1` or
 * `tx.p99<250`.
 */
import { z } from 'zod'
import { nearestNames } from '../lib/editDistance.ts'
import type { Report } from './report.ts'
import { reportSchema } from './reportSchema.ts'

/** Which figure of a report is compared with which number, and how. */
export interface Expectation {
  /** As the user wrote it. */
  readonly text: string
  /** Names of the fields that lead to the figure in the report. */
  readonly path: readonly string[]
  readonly operator: Operator
  readonly number: number
}

const OPERATORS = {
  '<': (value: number, number: number) => value < number,
  '<=': (value: number, number: number) => value <= number,
  '=': (value: number, number: number) => value === number,
  '!=': (value: number, number: number) => value !== number,
  '>=': (value: number, number: number) => value >= number,
  '>': (value: number, number: number) => value > number,
} as const

type Operator = keyof typeof OPERATORS

const FORM = /^\s*([a-zA-Z][\w.]*)\s*(<=|>=|!=|<|>|=)\s*(-?\d+(?:\.\d+)?(?:e-?\d+)?)\s*$/

/** Names that are shown to who asks for a figure that there is not. */
const SUGGESTED = 5

/**
 * Every figure that can be expected, by name: the numbers of the report's schema, those in lists
 * left out.
 */
export function figureNames(): readonly string[] {
  return [...figures().keys()]
}

/**
 * Reads an expectation; throws an Error that says what was expected, with the nearest names where
 * there is no such figure.
 */
export function readExpectation(text: string): Expectation {
  const [, name = '', operator, number] = FORM.exec(text) ?? []
  if (!isOperator(operator))
    throw new Error(
      `expected a figure, a comparison and a number, such as tx.p99<250, got "${text}"`,
    )
  const path = figures().get(name) ?? pathAsWritten(name)
  if (path === undefined)
    throw new Error(
      `there is no figure ${name}; the nearest are ${nearestNames(name, figureNames(), SUGGESTED).join(', ')}; docs/report.md describes all, and --json prints them`,
    )
  return { text, path, operator, number: Number(number) }
}

/** One line for each expectation that does not hold; a figure without a value meets none. */
export function unmetExpectations(
  report: Report,
  expectations: readonly Expectation[],
): readonly string[] {
  return expectations.flatMap((expectation) => {
    const value = valueAt(report, expectation.path)
    if (value === undefined)
      return [`expected ${expectation.text}, but it has no value in this run`]
    if (OPERATORS[expectation.operator](value, expectation.number)) return []
    return [`expected ${expectation.text}, was ${value}`]
  })
}

let known: ReadonlyMap<string, readonly string[]> | undefined

function figures(): ReadonlyMap<string, readonly string[]> {
  known ??= new Map([
    ['coverage', ['transactions', 'coverage']],
    ...numberPaths(reportSchema, []).map((path) => [shortName(path), path] as const),
  ])
  return known
}

/** The name of the report's own fields is understood, too. */
function pathAsWritten(name: string): readonly string[] | undefined {
  return [...figures().values()].find((path) => path.join('.') === name)
}

/** `transactions.latencyMs.p99` is what is asked for most: `tx.p99`. */
function shortName(path: readonly string[]): string {
  return path
    .join('.')
    .replace(/^transactions\./, 'tx.')
    .replace(/^blocks\./, 'block.')
    .replace(/^(tx|block)\.latencyMs\./, '$1.')
}

function numberPaths(schema: unknown, path: readonly string[]): (readonly string[])[] {
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional)
    return numberPaths(schema.unwrap(), path)
  if (schema instanceof z.ZodNumber) return [path]
  if (!(schema instanceof z.ZodObject)) return []
  return Object.entries(schema.shape).flatMap(([name, part]) => numberPaths(part, [...path, name]))
}

function valueAt(report: Report, path: readonly string[]): number | undefined {
  let value: unknown = report
  for (const name of path)
    value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  return typeof value === 'number' ? value : undefined
}

function isOperator(text: string | undefined): text is Operator {
  return text !== undefined && text in OPERATORS
}
