/** What can be asked of the whole network, as data: gauges, functions, and the words of a question. */
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

/** Every gauge; the order is that of the wire protocol. */
export const GAUGES = {
  members: {
    unit: 'members',
    worst: 'lowest',
    counted: 'nodes',
    about: 'live members that a node knows, itself included',
  },
  'txpool.pending': {
    unit: 'transactions',
    worst: 'highest',
    counted: 'nodes',
    about: 'executable transactions in the pool of a node',
  },
  'txpool.queued': {
    unit: 'transactions',
    worst: 'highest',
    counted: 'nodes',
    about: 'transactions in the pool of a node that wait for another one',
  },
  'chain.head': {
    unit: 'blocks',
    worst: 'lowest',
    counted: 'nodes',
    about: 'number of the head of a node',
  },
  peers: { unit: 'peers', worst: 'lowest', counted: 'nodes', about: 'connections of a node' },
} as const satisfies Readonly<Record<string, Gauge>>

/** The name of a gauge. */
export type GaugeName = keyof typeof GAUGES

/** All names, in the order of the wire protocol. */
export const GAUGE_NAMES = Object.keys(GAUGES) as readonly GaugeName[]

/** The gauges that can be asked, by name. */
export interface GaugeBook {
  readonly names: readonly string[]
  find(name: string): Gauge | undefined
}

/** The gauges of this table. */
export const GAUGE_BOOK: GaugeBook = {
  names: GAUGE_NAMES,
  find: (name) => (isGauge(name) ? GAUGES[name] : undefined),
}

/** What a node observes of each gauge now. */
export type NodeObservations = Readonly<Record<GaugeName, readonly number[]>>

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
  readonly gauge: GaugeName
}

/** Reads a question such as `mean txpool.pending`; throws a UserError that lists what can be asked. */
export function parseQuery(text: string): Query {
  const [what = '', gauge = '', ...rest] = text.trim().split(/\s+/)
  if (rest.length === 0 && isFunction(what) && isGauge(gauge)) return { what, gauge }
  const functions = Object.keys(AGGREGATE_FUNCTIONS).join(', ')
  throw new UserError(
    `cannot answer "${text.slice(0, 80)}": ask a function (${functions}) of a gauge (${GAUGE_NAMES.join(', ')}), such as "mean txpool.pending"`,
  )
}

/** The unit of an answer. */
export function unitOf({ what, gauge }: Query): string {
  const { unit, counted } = GAUGES[gauge]
  return what === 'count' ? counted : unit
}

function isFunction(name: string): name is AggregateFunction {
  return Object.hasOwn(AGGREGATE_FUNCTIONS, name)
}

function isGauge(name: string): name is GaugeName {
  return Object.hasOwn(GAUGES, name)
}
