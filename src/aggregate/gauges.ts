/** What can be asked of the whole network: functions, gauges, and the words of a question. */
import { UserError } from '../lib/userError.ts'

/** A quantity of every node. */
export interface Gauge {
  readonly unit: string
  /** Which end of it is the bad one. */
  readonly worst: 'highest' | 'lowest'
  /** What one observation is of. */
  readonly counted: string
  readonly about: string
}

/** The gauges that a node knows, by name. */
export interface GaugeBook {
  /** All names, as a person is told them. */
  readonly names: readonly string[]
  find(name: string): Gauge | undefined
}

/** Bytes of the name of a gauge. */
export const MAX_GAUGE_BYTES = 96

/** What can be made of the observations of all nodes. */
export const AGGREGATE_FUNCTIONS = {
  count: 'how many observations there are',
  sum: 'all of them together',
  mean: 'the arithmetic mean',
  min: 'the lowest',
  max: 'the highest',
  p50: 'the median, from a histogram',
  p90: 'what nine of ten do not exceed, from a histogram',
  p99: 'what 99 of 100 do not exceed, from a histogram',
} as const

/** The name of a function. */
export type AggregateFunction = keyof typeof AGGREGATE_FUNCTIONS

/** A question that was understood. */
export interface Query {
  readonly what: AggregateFunction
  /** The name of a gauge. */
  readonly gauge: string
}

/**
 * Reads a question such as `mean txpool.pending`; throws a UserError that lists what can be asked.
 */
export function parseQuery(text: string, gauges: GaugeBook): Query {
  const [what = '', gauge = '', ...rest] = text.trim().split(/\s+/)
  if (rest.length === 0 && isFunction(what) && gauges.find(gauge) !== undefined)
    return { what, gauge }
  const functions = Object.keys(AGGREGATE_FUNCTIONS).join(', ')
  throw new UserError(
    `cannot answer "${text.slice(0, 80)}": ask a function (${functions}) of a gauge (${gauges.names.join(', ')}), such as "mean txpool.pending"`,
  )
}

/** The unit of an answer. */
export function unitOf(what: AggregateFunction, { unit, counted }: Gauge): string {
  return what === 'count' ? counted : unit
}

function isFunction(name: string): name is AggregateFunction {
  return Object.hasOwn(AGGREGATE_FUNCTIONS, name)
}
