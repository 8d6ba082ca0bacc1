/** Two reports side by side: what differs, and whether more than chance would make it differ. */
import { seededRandom } from '../lib/random.ts'
import {
  differenceIntervals,
  onceEach,
  percentileSampler,
  ratioSampler,
  type Interval,
  type Sampler,
} from './bootstrap.ts'
import { differencesOf, type DifferingFact } from './compareFacts.ts'
import { hopOf, latencyMs, type Spread } from './delivery.ts'
import { ascendingLatencies, timeToCoverageMs, type Propagation } from './propagation.ts'
import type { Report } from './report.ts'
import { shortestPaths } from './shortestPaths.ts'
import { spreadOfRecord } from './spreadRecord.ts'

export interface ComparedFigure {
  readonly group: 'transactions' | 'blocks' | 'network'
  readonly name: string
  readonly unit: 'ms' | 'share' | 'ratio'
  readonly a: number | null
  readonly b: number | null
  /** Of b - a, with the confidence of the comparison; `undefined` where a side has no value or too few messages. */
  readonly interval: Interval | undefined
  /** The interval leaves out zero: more than chance between the messages of these two runs. */
  readonly differs: boolean
}

export interface Comparison {
  readonly confidence: number
  readonly replicates: number
  readonly seed: number
  /** Those that either run has. */
  readonly figures: readonly ComparedFigure[]
  readonly facts: readonly DifferingFact[]
  /** Why the figures may differ for another reason than the one in question, in sentences. */
  readonly warnings: readonly string[]
}

export interface CompareOptions {
  readonly seed: number
  readonly replicates: number
}

const CONFIDENCE = 0.95

/** Shares of the nodes to which times are compared. */
const COVERAGES = [50, 90, 99, 100] as const

/** With fewer clusters than this, drawing them again says little of a figure: the tail of few messages is one message. */
const MIN_CLUSTERS = { ratio: 5, p50: 10, p90: 20, p99: 100 } as const

interface MeasuredFigure {
  readonly name: string
  readonly minClusters: number
}

/** Figures that come from one pass over the same sample. */
interface Measure {
  readonly group: ComparedFigure['group']
  readonly unit: ComparedFigure['unit']
  readonly figures: readonly MeasuredFigure[]
  readonly sampler: (side: Side) => Sampler
}

/** A report, its spreads unpacked once. */
interface Side {
  readonly report: Report
  readonly spreads: Readonly<Record<'transactions' | 'blocks', readonly Spread[]>>
  readonly boundMs: ((origin: number, node: number) => number | undefined) | undefined
}

/** What is compared: the same for all runs, and the regions that either has. */
function measuresOf(a: Report, b: Report): readonly Measure[] {
  return [
    ...(['transactions', 'blocks'] as const).flatMap((kind) => [
      ...durationMeasures(kind),
      ...ratioMeasures(kind),
      ...regionMeasures(kind, [...a[kind].regions, ...b[kind].regions]),
    ]),
    BYTES_PER_BYTE,
  ]
}

const BYTES_PER_BYTE: Measure = {
  group: 'network',
  unit: 'ratio',
  figures: [{ name: 'bytes per byte delivered', minClusters: MIN_CLUSTERS.ratio }],
  sampler: ({ report }) =>
    ratioSampler(
      report.peers.flatMap(({ traffic }) =>
        traffic === null ? [] : [{ above: traffic.bytesReceived, below: traffic.payloadBytes }],
      ),
    ),
}

function durationMeasures(group: 'transactions' | 'blocks'): Measure[] {
  return [
    {
      group,
      unit: 'ms',
      figures: percentilesOf('latency of a node', ['p50', 'p90', 'p99']),
      sampler: ({ spreads }) =>
        percentileSampler(spreads[group].map(ascendingLatencies), [50, 90, 99]),
    },
    ...COVERAGES.map((percent): Measure => ({
      group,
      unit: 'ms',
      figures: percentilesOf(`to ${percent} % of nodes`, ['p50', 'p99']),
      sampler: ({ spreads }) =>
        percentileSampler(
          spreads[group].map((spread) => listed(timeToCoverageMs(spread, percent))),
          [50, 99],
        ),
    })),
    {
      group,
      unit: 'ms',
      figures: percentilesOf('judging', ['p50', 'p99']),
      sampler: ({ spreads }) => percentileSampler(spreads[group].map(judgingTimes), [50, 99]),
    },
  ]
}

/** What is no duration: how far items came, and what it took. */
function ratioMeasures(group: 'transactions' | 'blocks'): Measure[] {
  return [
    {
      group,
      unit: 'share',
      figures: [{ name: 'coverage', minClusters: MIN_CLUSTERS.ratio }],
      sampler: ({ spreads }) =>
        ratioSampler(
          spreads[group].map(({ first, others }) => ({ above: first.size, below: others })),
        ),
    },
    {
      group,
      unit: 'ratio',
      figures: [{ name: 'mean hop', minClusters: MIN_CLUSTERS.ratio }],
      sampler: ({ spreads }) => ratioSampler(spreads[group].map(hopSum)),
    },
    {
      group,
      unit: 'ratio',
      figures: [{ name: 'duplicates per delivery', minClusters: MIN_CLUSTERS.ratio }],
      sampler: ({ spreads }) =>
        ratioSampler(
          spreads[group].map(({ first, later }) => ({ above: later.length, below: first.size })),
        ),
    },
    {
      group,
      unit: 'ratio',
      figures: [{ name: 'duplicates/(degree - 2)', minClusters: MIN_CLUSTERS.ratio }],
      sampler: ({ spreads, report }) => {
        const spare = Math.max(0, (report[group].meshDegree ?? 0) - 2)
        return ratioSampler(
          spreads[group].map(({ first, later }) => ({
            above: later.length,
            below: spare * first.size,
          })),
        )
      },
    },
    {
      group,
      unit: 'ratio',
      figures: [{ name: 'p99 over shortest paths', minClusters: MIN_CLUSTERS.p99 }],
      sampler: (side) => boundSampler(side, group),
    },
  ]
}

/** p99 of the latencies over p99 of the shortest paths of the same messages and nodes. */
function boundSampler({ spreads, boundMs }: Side, group: 'transactions' | 'blocks'): Sampler {
  const measured = percentileSampler(spreads[group].map(ascendingLatencies), [99])
  const least = percentileSampler(
    spreads[group].map(({ origin, first }) =>
      [...first.keys()].flatMap((node) => boundMs?.(origin, node) ?? []),
    ),
    [99],
  )
  return {
    clusters: measured.clusters,
    figures: (weights) => {
      const [above = null] = measured.figures(weights)
      const [below = null] = least.figures(weights)
      return [above === null || below === null || below === 0 ? null : above / below]
    },
  }
}

/** Time to the nodes of each region, from wherever it entered. */
function regionMeasures(
  group: 'transactions' | 'blocks',
  regions: Propagation['regions'],
): Measure[] {
  return [...new Set(regions.map(({ to }) => to))].toSorted().map((region) => ({
    group,
    unit: 'ms',
    figures: percentilesOf(`to ${region}`, ['p50']),
    sampler: ({ spreads, report }) => {
      const there = new Set(
        report.peers.filter((peer) => peer.region === region).map(({ index }) => index),
      )
      return percentileSampler(
        spreads[group].map((spread) =>
          [...spread.first.values()]
            .filter(({ node }) => there.has(node))
            .map((copy) => latencyMs(spread, copy)),
        ),
        [50],
      )
    },
  }))
}

function percentilesOf(
  name: string,
  percentiles: readonly ('p50' | 'p90' | 'p99')[],
): MeasuredFigure[] {
  return percentiles.map((one) => ({ name: `${name}, ${one}`, minClusters: MIN_CLUSTERS[one] }))
}

/** Compares two runs; the same seed answers the same. A few seconds for 100,000 deliveries a side. */
export function compareReports(a: Report, b: Report, options: CompareOptions): Comparison {
  const [sideA, sideB] = [sideOf(a), sideOf(b)]
  const random = seededRandom(options.seed)
  const figures = measuresOf(a, b).flatMap((measure) => {
    const [samplerA, samplerB] = [measure.sampler(sideA), measure.sampler(sideB)]
    const [valuesA, valuesB] = [samplerA, samplerB].map((one) => one.figures(onceEach(one)))
    const intervals = differenceIntervals(samplerA, samplerB, {
      random,
      replicates: options.replicates,
      confidence: CONFIDENCE,
    })
    const clusters = Math.min(samplerA.clusters, samplerB.clusters)
    return measure.figures.map(({ name, minClusters }, at): ComparedFigure => {
      const interval = clusters < minClusters ? undefined : intervals[at]
      return {
        group: measure.group,
        name,
        unit: measure.unit,
        a: valuesA?.[at] ?? null,
        b: valuesB?.[at] ?? null,
        interval,
        differs: interval !== undefined && (interval.low > 0 || interval.high < 0),
      }
    })
  })
  const measured = figures.filter((figure) => figure.a !== null || figure.b !== null)
  return { confidence: CONFIDENCE, ...options, figures: measured, ...differencesOf(a, b) }
}

function sideOf(report: Report): Side {
  const { transactions, blocks } = report.spreads
  return {
    report,
    boundMs: report.scenario === null ? undefined : shortestPaths(report.scenario.links),
    spreads: {
      transactions: transactions.map(spreadOfRecord),
      blocks: blocks.map(spreadOfRecord),
    },
  }
}

function judgingTimes({ first }: Spread): number[] {
  return [...first.values()].map((copy) => copy.judgedMs - copy.receivedMs)
}

function hopSum(spread: Spread): { above: number; below: number } {
  const hops = [...spread.first.keys()].flatMap((node) => hopOf(spread, node) ?? [])
  return { above: hops.reduce((sum, hop) => sum + hop, 0), below: hops.length }
}

function listed(value: number | undefined): readonly number[] {
  return value === undefined ? [] : [value]
}
