/**
 * What can be asked of the whole network: named gauges, and every series of the metrics table. A
 * series is asked by its name without `grapevine_` and `_total`, and one value of it by its labels
 * after dots: `messages.tx.accept`.
 */
import { MAX_GAUGE_BYTES, type Gauge, type GaugeBook } from '../aggregate/gauges.ts'
import type { FollowedKind } from '../item/itemKinds.ts'
import { NODE_SERIES, type MeasuredNode, type Series } from './series.ts'
import type { SpreadTimes } from './spreadTimes.ts'
import { VERSION_NUMBER } from './version.ts'

/** What the gauges of a node are read from. */
export interface GaugedNode extends MeasuredNode {
  readonly spreadTimes: Pick<SpreadTimes, 'latenciesMs' | 'errorsMs' | 'arrived'>
}

interface NamedGauge extends Gauge {
  /** Of which items the first sightings must be known before it can be observed. */
  readonly needs?: FollowedKind
  readonly observe: (node: GaugedNode) => readonly number[]
}

/** Gauges with a name of their own. */
const NAMED: Readonly<Record<string, NamedGauge>> = {
  members: {
    unit: 'members',
    worst: 'lowest',
    counted: 'nodes',
    about: 'live members that a node knows, itself included',
    observe: ({ members }) => [members.liveCount],
  },
  'txpool.pending': {
    unit: 'transactions',
    worst: 'highest',
    counted: 'nodes',
    about: 'executable transactions in the pool of a node',
    observe: ({ mempool }) => [mempool.pendingCount],
  },
  'txpool.queued': {
    unit: 'transactions',
    worst: 'highest',
    counted: 'nodes',
    about: 'transactions in the pool of a node that wait for another one',
    observe: ({ mempool }) => [mempool.queuedCount],
  },
  'chain.head': {
    unit: 'blocks',
    worst: 'lowest',
    counted: 'nodes',
    about: 'number of the head of a node',
    observe: ({ chain }) => [Number(chain.head.header.number)],
  },
  peers: {
    unit: 'peers',
    worst: 'lowest',
    counted: 'nodes',
    about: 'connections of a node',
    observe: ({ parts }) => [parts.network.peers().length],
  },
  version: {
    unit: 'version',
    worst: 'lowest',
    counted: 'nodes',
    about: 'version of the program: 1,002,003 is 1.2.3',
    observe: () => [VERSION_NUMBER],
  },
  ...spreadGauges('tx', 'transaction'),
  ...spreadGauges('block', 'block'),
}

/** The propagation of the whole network, by what each node knows. */
function spreadGauges(needs: FollowedKind, item: string): Record<string, NamedGauge> {
  const common = { needs, counted: `pairs of ${item} and node` }
  return {
    [`${needs}.latency`]: {
      ...common,
      unit: 'ms',
      worst: 'highest',
      about: `from when a ${item} of the last minute entered the network until a node accepted it`,
      observe: ({ spreadTimes }) => spreadTimes.latenciesMs(needs),
    },
    [`${needs}.latencyError`]: {
      ...common,
      unit: 'ms',
      worst: 'highest',
      about: `bound on the error of each ${needs}.latency, by what nodes know of clocks`,
      observe: ({ spreadTimes }) => spreadTimes.errorsMs(needs),
    },
    [`${needs}.coverage`]: {
      ...common,
      unit: 'share',
      worst: 'lowest',
      about: `1 where a node accepted a ${item} of the last minute, 0 where it did not: ask the mean`,
      observe: ({ spreadTimes }) => spreadTimes.arrived(needs).map(Number),
    },
  }
}

/** Every named gauge as the documentation has it. */
export const NAMED_GAUGES: readonly (readonly [string, Gauge])[] = Object.entries(NAMED)

/** All gauges as a person can name them, whichever labels a node has. */
export const GAUGE_BOOK: GaugeBook = {
  names: [...Object.keys(NAMED), 'or a metric such as head_number or messages.tx.accept'],
  find: (name) => (Object.hasOwn(NAMED, name) ? NAMED[name] : ofSeries(seriesOf(name))),
}

/** Of which items the first sightings must be known before the gauge can be observed. */
export function spreadNeededBy(name: string): FollowedKind | undefined {
  return Object.hasOwn(NAMED, name) ? NAMED[name]?.needs : undefined
}

/** The gauges of a node: of a series, only labels that it has. */
export function gaugesOfNode(node: () => GaugedNode): GaugeBook {
  return {
    names: GAUGE_BOOK.names,
    find: (name) => {
      if (Object.hasOwn(NAMED, name)) return NAMED[name]
      return observationsOf(node(), name).length > 0 ? GAUGE_BOOK.find(name) : undefined
    },
  }
}

/** What a node observes of a gauge now; nothing of one that it does not know. */
export function observationsOf(node: GaugedNode, name: string): readonly number[] {
  if (Object.hasOwn(NAMED, name)) return NAMED[name]?.observe(node) ?? []
  const series = seriesOf(name)
  if (series === undefined) return []
  const labels = labelsOf(name)
  return Object.entries(series.read(node)).flatMap(([values, value]) =>
    labels === '' || dotted(values) === labels ? [value] : [],
  )
}

/** The series of a name such as `messages.tx.accept`. */
function seriesOf(name: string): Series | undefined {
  if (name.length > MAX_GAUGE_BYTES) return undefined
  const [first = ''] = name.split('.')
  return NODE_SERIES.find((series) => shortName(series) === first)
}

function labelsOf(name: string): string {
  return name.split('.').slice(1).join('.')
}

/** The values of labels, `tx,accept,` as `tx.accept`. */
function dotted(values: string): string {
  return values.split(',').filter(Boolean).join('.')
}

function shortName({ name }: Series): string {
  return name.replace(/^grapevine_/, '').replace(/_total$/, '')
}

function ofSeries(series: Series | undefined): Gauge | undefined {
  if (series === undefined) return undefined
  const unit = shortName(series).split('_').at(-1) ?? ''
  return { unit, worst: 'highest', counted: 'values', about: series.help }
}
