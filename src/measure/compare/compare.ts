/** Reports side by side: what differs, and whether more than chance would make it differ. */
import { seededRandom, type Random } from '../../lib/random.ts'
import { differenceIntervals, onceEach, type Interval, type Sampler } from '../bootstrap.ts'
import {
  differencesOf,
  headerOf,
  type ComparedReport,
  type DifferingFact,
  type NamedReport,
} from './compareFacts.ts'
import { measuresOf, sideOf, type FigureGroup, type Measure } from './comparedMeasures.ts'

/** A figure of one report. */
export interface FigureValue {
  /**
   * Null where there is none, and where it lies among messages that never arrived: `atLeast` then
   * has a lower bound.
   */
  readonly value: number | null
  readonly atLeast: number | null
  /**
   * Of `of` deliveries, messages or peers that there would be if everything had arrived, `count`
   * are there.
   */
  readonly count: number
  readonly of: number
}

/** How far a figure of a report is from that of the first report. */
export interface FigureDifference {
  /** Null where either has no value. */
  readonly value: number | null
  /**
   * With the confidence of the comparison; `undefined` where a side has no value or too few
   * messages.
   */
  readonly interval: Interval | undefined
  /** The interval leaves out zero: more than chance between the messages of these two runs. */
  readonly differs: boolean
}

/** One figure of all reports. */
export interface ComparedFigure {
  readonly group: FigureGroup
  readonly name: string
  readonly unit: 'ms' | 'share' | 'ratio'
  /** What `count` and `of` of the values count. */
  readonly sampleOf: Measure['sampleOf']
  /** One for each report. */
  readonly values: readonly FigureValue[]
  /** One for each report after the first: that report less the first. */
  readonly differences: readonly FigureDifference[]
}

/** All that is said of reports side by side. */
export interface Comparison {
  readonly confidence: number
  readonly replicates: number
  readonly seed: number
  /** What was compared, in the order given; the first is what the others are compared with. */
  readonly reports: readonly ComparedReport[]
  /** Those that any run has. */
  readonly figures: readonly ComparedFigure[]
  readonly facts: readonly DifferingFact[]
  /** Why the figures may differ for another reason than the one in question, in sentences. */
  readonly warnings: readonly string[]
}

/** How chance is estimated. */
export interface CompareOptions {
  readonly seed: number
  readonly replicates: number
}

const CONFIDENCE = 0.95

/**
 * Compares runs with the first of them; the same seed answers the same. A few seconds for 100,000
 * deliveries a side.
 */
export function compareReports(named: readonly NamedReport[], options: CompareOptions): Comparison {
  const reports = named.map(({ report }) => report)
  const sides = reports.map(sideOf)
  const random = seededRandom(options.seed)
  const figures = measuresOf(reports).flatMap((measure) =>
    comparedFigures(measure, sides.map(measure.sampler), random, options.replicates),
  )
  return {
    confidence: CONFIDENCE,
    ...options,
    reports: named.map(headerOf),
    figures: figures.filter(({ values }) => values.some(isThere)),
    ...differencesOf(reports),
  }
}

function isThere({ value, atLeast }: FigureValue): boolean {
  return value !== null || atLeast !== null
}

function comparedFigures(
  measure: Measure,
  samplers: readonly Sampler[],
  random: Random,
  replicates: number,
): ComparedFigure[] {
  const [base, ...others] = samplers
  if (base === undefined) return []
  const values = samplers.map(valuesOf)
  const intervals = others.map((other) =>
    differenceIntervals(base, other, { random, replicates, confidence: CONFIDENCE }),
  )
  return measure.figures.map(({ name, minClusters }, figure) => {
    const ofEach = values.flatMap((list) => list[figure] ?? [])
    return {
      group: measure.group,
      name,
      unit: measure.unit,
      sampleOf: measure.sampleOf,
      values: ofEach,
      differences: others.map((other, at) => {
        const clusters = Math.min(base.clusters, other.clusters)
        const interval = clusters < minClusters ? undefined : intervals[at]?.[figure]
        return differenceOf(ofEach[0]?.value ?? null, ofEach[at + 1]?.value ?? null, interval)
      }),
    }
  })
}

function valuesOf(sampler: Sampler): FigureValue[] {
  const weights = onceEach(sampler)
  const least = sampler.atLeast(weights)
  return sampler.figures(weights).map((value, figure) => ({
    value: value === Infinity ? null : value,
    atLeast: value === Infinity ? (least[figure] ?? null) : null,
    ...sampler.sample,
  }))
}

function differenceOf(
  base: number | null,
  other: number | null,
  interval: Interval | undefined,
): FigureDifference {
  const { low = null, high = null } = interval ?? {}
  return {
    value: base === null || other === null ? null : other - base,
    interval,
    differs: (low !== null && low > 0) || (high !== null && high < 0),
  }
}
