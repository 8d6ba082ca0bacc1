/** The run along its time: every message, and what went wrong when. */
import { maxOf } from '../../lib/extremes.ts'
import { ascendingLatencies } from '../propagation.ts'
import type { FaultRecord, Report } from '../report.ts'
import { html } from './html.ts'
import { logAxis, onLogAxis } from './logAxis.ts'
import { kindColour, type KindData } from './kinds.ts'
import { COLOURS, FULL_WIDTH, PLOT_HEIGHT, type Figure } from './plot.ts'

/** An x, in the unit square of Vega's symbols. */
const CROSS = 'M-.8,-.8L.8,.8M-.8,.8L.8,-.8'
/** More points lie on top of each other. */
const MAX_POINTS = 1_500
/** Labels of faults stand in rows above the plot, so that none covers another. */
const MAX_LABEL_ROWS = 6
const LABEL_ROW_HEIGHT = 12
/** Of a letter at the size of the plots' text, CSS pixels. */
const LETTER_WIDTH = 6.2
/** Faults of one kind so close to each other cannot be told apart by their labels, CSS pixels. */
const TOGETHER_WIDTH = 20

/** Each message at the time it entered, with the faults of the run. */
export function runFigure(
  kinds: readonly KindData[],
  { faults, durationMs }: Pick<Report, 'faults' | 'durationMs'>,
): Figure {
  const points = kinds.flatMap(pointsOf)
  const endS = Math.max(durationMs, maxOf(faults.map(endOf))) / 1000
  const labels = labelsOf(faults, endS)
  const x = {
    field: 's',
    type: 'quantitative' as const,
    title: 's after the start of the run',
    scale: { domain: [0, endS], nice: false },
  }
  return {
    title: 'Latency over the run',
    isWide: true,
    caption: html`One mark for each message: when it entered, and how long until the last node that
    got it had accepted it. Crosses never reached all live nodes.
    ${faults.length === 0 ? 'No fault was seen.' : 'Dashed lines are faults, listed below; a band is one that lasted.'}`,
    spec: {
      width: FULL_WIDTH,
      height: PLOT_HEIGHT,
      layer: [
        {
          data: { values: faults.filter(isLasting).map(bandOf) },
          mark: { type: 'rect', color: COLOURS.fault, opacity: 0.1 },
          encoding: { x, x2: { field: 'endS' } },
        },
        {
          data: { values: points },
          mark: { type: 'point', size: 22, opacity: 0.7, filled: false },
          encoding: {
            x,
            y: {
              field: 'ms',
              type: 'quantitative',
              title: 'ms to the last node',
              ...logAxis(points.map(({ ms }) => ms)),
            },
            color: { ...kindColour(kinds), legend: { orient: 'bottom' } },
            shape: {
              field: 'reached',
              legend: null,
              scale: { domain: ['all', 'some'], range: ['circle', CROSS] },
            },
          },
        },
        {
          data: { values: faults.map(bandOf) },
          mark: { type: 'rule', strokeDash: [4, 3], color: COLOURS.fault },
          encoding: { x },
        },
        ...labels.map((row, at) => ({
          data: { values: row },
          mark: {
            type: 'text' as const,
            y: -8 - LABEL_ROW_HEIGHT * (labels.length - 1 - at),
            align: 'left' as const,
            color: COLOURS.fault,
          },
          encoding: { x, text: { field: 'label', type: 'nominal' as const } },
        })),
      ],
    },
  }
}

function endOf({ atMs, untilMs }: FaultRecord): number {
  return untilMs ?? atMs
}

function isLasting({ untilMs }: FaultRecord): boolean {
  return untilMs !== undefined
}

function bandOf(fault: FaultRecord): { s: number; endS: number } {
  return { s: fault.atMs / 1000, endS: endOf(fault) / 1000 }
}

interface FaultLabel {
  readonly s: number
  readonly label: string
}

/**
 * Rows of labels, each as far left as its fault allows; faults of one kind at about one time share
 * a label.
 */
function labelsOf(faults: readonly FaultRecord[], endS: number): FaultLabel[][] {
  const pixels = FULL_WIDTH / Math.max(endS, 0.001)
  const rows: { until: number; labels: FaultLabel[] }[] = []
  for (const { s, label } of together(faults, TOGETHER_WIDTH / pixels)) {
    const from = s * pixels
    const free = rows.find(({ until }) => until <= from)
    const row = free ?? (rows.length < MAX_LABEL_ROWS ? newRow(rows) : undefined)
    if (row === undefined) continue
    const width = LETTER_WIDTH * (label.length + 1)
    row.labels.push({ s: Math.max(0, Math.min(from, FULL_WIDTH - width)) / pixels, label })
    row.until = from + width
  }
  return rows.map(({ labels }) => labels)
}

function newRow(rows: { until: number; labels: FaultLabel[] }[]) {
  const row = { until: 0, labels: [] as FaultLabel[] }
  rows.push(row)
  return row
}

function together(faults: readonly FaultRecord[], withinS: number): FaultLabel[] {
  const groups: { s: number; kind: string; count: number }[] = []
  for (const { atMs, kind } of faults.toSorted((a, b) => a.atMs - b.atMs)) {
    const s = atMs / 1000
    const same = groups.findLast((group) => group.kind === kind)
    if (same !== undefined && s - same.s <= withinS) same.count++
    else groups.push({ s, kind, count: 1 })
  }
  return groups.map(({ s, kind, count }) => ({ s, label: count === 1 ? kind : `${count} ${kind}` }))
}

interface RunPoint {
  readonly s: number
  readonly ms: number
  readonly kind: string
  readonly reached: 'all' | 'some'
}

/** The slowest always stay; of the others evenly as many as can be drawn. */
function pointsOf({ name, spreads }: KindData): RunPoint[] {
  const points = spreads.flatMap((spread): RunPoint[] => {
    const ms = ascendingLatencies(spread).at(-1)
    if (ms === undefined) return []
    const reached = spread.missed.length === 0 ? 'all' : 'some'
    return [{ s: spread.originMs / 1000, ms: onLogAxis(ms), kind: name, reached }]
  })
  const slowestFirst = points.sort((a, b) => b.ms - a.ms)
  const step = Math.ceil(points.length / MAX_POINTS)
  return slowestFirst.filter((_, at) => at < MAX_POINTS / 10 || at % step === 0)
}
