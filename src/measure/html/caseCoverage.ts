/**
 * How the items of each case of an experiment cover the nodes, beside the shortest paths of its
 * network.
 */

import {
  casePoints,
  type CaseOptions,
  type CasePoint,
  type CaseRun,
} from '../experiment/caseFigures.ts'
import { percentile } from '../percentile.ts'
import { timeToCoverageMs } from '../propagation.ts'
import { shareAxis } from './plot.ts'
import { shortestPaths } from '../shortestPaths.ts'
import { spreadOfRecord } from '../spreadRecord.ts'

/** Width of a drawing of an experiment, CSS pixels. */
export const PANEL_WIDTH = 330
/** Its height. */
export const PANEL_HEIGHT = 220

const PERCENTS = Array.from({ length: 101 }, (_, at) => at)
const COLOURS = [
  'var(--tx)',
  'var(--block)',
  'var(--fault)',
  'var(--part-again)',
  'var(--part-control)',
] as const
const MEASURED = 'median item'
const BOUND = 'shortest paths'

/**
 * A point of a curve: at which time the median item, or its bound, has reached a share of the
 * nodes.
 */
interface CoveragePoint {
  readonly value: string
  readonly line: typeof MEASURED | typeof BOUND
  readonly ms: number
  readonly share: number
}

/** Solid, the items of each case; dashed, what the links alone would take. */
export function coveragePanel(runs: readonly CaseRun[], { kind }: CaseOptions) {
  const points = casePoints(runs)
  const values = points.flatMap((point) => coverageOf(point, kind))
  const names = points.map(({ value }) => String(value))
  return {
    width: PANEL_WIDTH,
    height: PANEL_HEIGHT,
    data: { values },
    layer: [
      {
        mark: { type: 'line' as const },
        encoding: {
          x: {
            field: 'ms',
            type: 'quantitative' as const,
            title: 'ms after the item entered',
          },
          y: shareAxis('share of the nodes'),
          color: {
            field: 'value',
            type: 'nominal' as const,
            sort: null,
            scale: {
              domain: names,
              range: names.map((_, at) => COLOURS[at % COLOURS.length] ?? ''),
            },
            legend: { symbolType: 'stroke' as const },
          },
          strokeDash: {
            field: 'line',
            type: 'nominal' as const,
            scale: { domain: [MEASURED, BOUND], range: [[], [4, 3]] },
            legend: { symbolType: 'stroke' as const },
          },
        },
      },
    ],
  }
}

function coverageOf({ value, reports }: CasePoint, kind: CaseOptions['kind']): CoveragePoint[] {
  const measured: number[][] = []
  const bounds: number[][] = []
  for (const report of reports) {
    const paths = report.scenario === null ? undefined : shortestPaths(report.scenario.links)
    for (const record of report.spreads[kind]) {
      const spread = spreadOfRecord(record)
      measured.push(PERCENTS.map((percent) => timeToCoverageMs(spread, percent) ?? Infinity))
      const least = [...spread.first.keys(), ...spread.missed].flatMap(
        (node) => paths?.(spread.origin, node) ?? [],
      )
      if (least.length === spread.first.size + spread.missed.length) bounds.push(curveOf(least))
    }
  }
  return [...medians(value, MEASURED, measured), ...medians(value, BOUND, bounds)]
}

function curveOf(values: readonly number[]): number[] {
  const ascending = values.toSorted((a, b) => a - b)
  return PERCENTS.map((percent) => percentile(ascending, percent) ?? Infinity)
}

/** At each share the median over the items. */
function medians(
  value: CasePoint['value'],
  line: CoveragePoint['line'],
  curves: readonly (readonly number[])[],
): CoveragePoint[] {
  return PERCENTS.flatMap((percent, at) => {
    const times = curves.map((curve) => curve[at] ?? Infinity).toSorted((a, b) => a - b)
    const ms = percentile(times, 50) ?? Infinity
    return ms < Infinity ? [{ value: String(value), line, ms, share: percent / 100 }] : []
  })
}
