/** What a comparison compares: each figure with the sample that it is of. */
import {
  percentileSampler,
  ratioSampler,
  type DurationCluster,
  type Sampler,
} from '../bootstrap.ts'
import { hopOf, latencyMs, othersOf, type Spread } from '../delivery.ts'
import {
  ascendingLatencies,
  timeToCoverageMs,
  waitedForCoverageMs,
  waitedMs,
  type Propagation,
} from '../propagation.ts'
import type { Report } from '../report.ts'
import { pairErrors } from '../clocks/runClocks.ts'
import { shortestPaths } from '../shortestPaths.ts'
import { spreadOfRecord } from '../spreadRecord.ts'

/** To what a figure belongs. */
export type FigureGroup = 'transactions' | 'blocks' | 'network'

/** The kinds of items of a report. */
type ItemGroup = Exclude<FigureGroup, 'network'>

/** One figure of a measure. */
export interface MeasuredFigure {
  readonly name: string
  /** With fewer clusters in a sample no interval is given. */
  readonly minClusters: number
}

/** Figures that come from one pass over the same sample. */
export interface Measure {
  readonly group: FigureGroup
  readonly unit: 'ms' | 'share' | 'ratio'
  /** What the sample consists of, in the plural. */
  readonly sampleOf: 'deliveries' | 'messages' | 'peers'
  readonly figures: readonly MeasuredFigure[]
  readonly sampler: (side: Side) => Sampler
}

/** A report, its spreads unpacked once. */
export interface Side {
  readonly report: Report
  readonly spreads: Readonly<Record<ItemGroup, readonly Spread[]>>
  readonly endMs: number
  readonly errorMs: (a: number, b: number) => number
  /**
   * The least time between two nodes over the planned links, ms; `undefined` where no links were
   * planned.
   */
  readonly boundMs: ((origin: number, node: number) => number | undefined) | undefined
}

/** Shares of the nodes to which times are compared, per cent. */
const COVERAGES = [50, 90, 99, 100] as const

/**
 * With fewer clusters than this, drawing them again says little of a figure: the tail of few
 * messages is one message.
 */
const MIN_CLUSTERS = { ratio: 5, p50: 10, p90: 20, p99: 100 } as const

/** Unpacks a report for a comparison. */
export function sideOf(report: Report): Side {
  const { transactions, blocks } = report.spreads
  return {
    report,
    endMs: report.observedMs,
    errorMs: pairErrors(report.clock),
    boundMs: report.scenario === null ? undefined : shortestPaths(report.scenario.links),
    spreads: {
      transactions: transactions.map(spreadOfRecord),
      blocks: blocks.map(spreadOfRecord),
    },
  }
}

/** What is compared: the same for all runs, and the regions that any has. */
export function measuresOf(reports: readonly Report[]): readonly Measure[] {
  return [
    ...(['transactions', 'blocks'] as const).flatMap((kind) => [
      ...durationMeasures(kind),
      ...ratioMeasures(kind),
      ...regionMeasures(
        kind,
        reports.flatMap((report) => report[kind].regions),
      ),
    ]),
    BYTES_PER_BYTE,
  ]
}

const BYTES_PER_BYTE: Measure = {
  group: 'network',
  unit: 'ratio',
  sampleOf: 'peers',
  figures: [{ name: 'bytes per byte delivered', minClusters: MIN_CLUSTERS.ratio }],
  sampler: ({ report }) => {
    const counted = report.peers.flatMap(({ traffic }) =>
      traffic === null ? [] : [{ above: traffic.bytesReceived, below: traffic.payloadBytes }],
    )
    return ratioSampler(counted, { count: counted.length, of: report.peers.length })
  },
}

function durationMeasures(group: ItemGroup): Measure[] {
  return [
    {
      group,
      unit: 'ms',
      sampleOf: 'deliveries',
      figures: percentilesOf('latency of a node', ['p50', 'p90', 'p99']),
      sampler: (side) => latencySampler(side, group, [50, 90, 99]),
    },
    ...COVERAGES.map((percent): Measure => ({
      group,
      unit: 'ms',
      sampleOf: 'messages',
      figures: percentilesOf(`to ${percent} % of nodes`, ['p50', 'p99']),
      sampler: (side) =>
        percentileSampler(
          side.spreads[group]
            .filter((spread) => othersOf(spread) > 0)
            .map((spread) => coverageCluster(side, spread, percent)),
          [50, 99],
        ),
    })),
    {
      group,
      unit: 'ms',
      sampleOf: 'deliveries',
      figures: percentilesOf('judging', ['p50', 'p99']),
      sampler: ({ spreads }) =>
        percentileSampler(
          spreads[group].map((spread) => ({ knownMs: judgingTimes(spread), unendedMs: [] })),
          [50, 99],
        ),
    },
  ]
}

function latencySampler(side: Side, group: ItemGroup, percents: readonly number[]): Sampler {
  return percentileSampler(
    side.spreads[group].map((spread) => ({
      knownMs: ascendingLatencies(spread),
      unendedMs: spread.missed.map((node) => waitedMs(spread, node, side)),
    })),
    percents,
  )
}

function coverageCluster(side: Side, spread: Spread, percent: number): DurationCluster {
  const ms = timeToCoverageMs(spread, percent)
  return ms === undefined
    ? { knownMs: [], unendedMs: [waitedForCoverageMs(spread, side)] }
    : { knownMs: [ms], unendedMs: [] }
}

/** What is no duration: how far items came, and what it took. */
function ratioMeasures(group: ItemGroup): Measure[] {
  const ratio = (
    name: string,
    unit: 'share' | 'ratio',
    clusterOf: (spread: Spread, report: Report) => { above: number; below: number },
    of: (spread: Spread) => number,
  ): Measure => ({
    group,
    unit,
    sampleOf: 'deliveries',
    figures: [{ name, minClusters: MIN_CLUSTERS.ratio }],
    sampler: ({ spreads, report }) =>
      ratioSampler(
        spreads[group].map((spread) => clusterOf(spread, report)),
        {
          count: spreads[group].reduce((sum, { first }) => sum + first.size, 0),
          of: spreads[group].reduce((sum, spread) => sum + of(spread), 0),
        },
      ),
  })
  const arrived = ({ first }: Spread): number => first.size
  return [
    ratio(
      'coverage',
      'share',
      (spread) => ({ above: spread.first.size, below: othersOf(spread) }),
      othersOf,
    ),
    ratio('mean hop', 'ratio', hopSum, arrived),
    ratio(
      'duplicates per delivery',
      'ratio',
      ({ first, later }) => ({ above: later.length, below: first.size }),
      arrived,
    ),
    ratio(
      'duplicates/(degree - 2)',
      'ratio',
      ({ first, later }, report) => ({
        above: later.length,
        below: spareDegree(report, group) * first.size,
      }),
      arrived,
    ),
    {
      group,
      unit: 'ratio',
      sampleOf: 'deliveries',
      figures: [{ name: 'p99 over shortest paths', minClusters: MIN_CLUSTERS.p99 }],
      sampler: (side) => boundSampler(side, group),
    },
  ]
}

/**
 * Mesh links beyond the two of a line, on which nothing comes twice; without any there is no ratio
 * to them.
 */
function spareDegree(report: Report, group: ItemGroup): number {
  const { meshDegree } = report[group]
  return meshDegree === null || meshDegree <= 2 ? 0 : meshDegree - 2
}

/** p99 of the latencies over p99 of the shortest paths of the same messages and nodes. */
function boundSampler(side: Side, group: ItemGroup): Sampler {
  const { spreads, boundMs } = side
  const measured = latencySampler(side, group, [99])
  const least = percentileSampler(
    spreads[group].map(({ origin, first, missed }) => ({
      knownMs: [...first.keys(), ...missed].flatMap((node) => boundMs?.(origin, node) ?? []),
      unendedMs: [],
    })),
    [99],
  )
  return {
    clusters: measured.clusters,
    sample: measured.sample,
    figures: (weights) => [ratioOf(measured.figures(weights), least.figures(weights))],
    atLeast: (weights) => [ratioOf(measured.atLeast(weights), least.figures(weights))],
  }
}

function ratioOf(
  [above = null]: readonly (number | null)[],
  [below = null]: readonly (number | null)[],
): number | null {
  return above === null || below === null || below === 0 ? null : above / below
}

/** Time to the nodes of each region, from wherever it entered. */
function regionMeasures(group: ItemGroup, regions: Propagation['regions']): Measure[] {
  return [...new Set(regions.map(({ to }) => to))].toSorted().map((region) => ({
    group,
    unit: 'ms',
    sampleOf: 'deliveries',
    figures: percentilesOf(`to ${region}`, ['p50']),
    sampler: (side) => {
      const there = new Set(
        side.report.peers.filter((peer) => peer.region === region).map(({ index }) => index),
      )
      return percentileSampler(
        side.spreads[group].map((spread) => ({
          knownMs: [...spread.first.values()]
            .filter(({ node }) => there.has(node))
            .map((copy) => latencyMs(spread, copy)),
          unendedMs: spread.missed
            .filter((node) => there.has(node))
            .map((node) => waitedMs(spread, node, side)),
        })),
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

function judgingTimes({ first }: Spread): number[] {
  return [...first.values()].map((copy) => copy.judgedMs - copy.receivedMs)
}

function hopSum(spread: Spread): { above: number; below: number } {
  const hops = [...spread.first.keys()].flatMap((node) => hopOf(spread, node) ?? [])
  return { above: hops.reduce((sum, hop) => sum + hop, 0), below: hops.length }
}
