/** Measured latency beside what the links alone would take. */
import { latencyMs } from '../delivery.ts'
import { numberText } from '../numberText.ts'
import { percentile } from '../percentile.ts'
import type { Report } from '../report.ts'
import { shortestPaths } from '../shortestPaths.ts'
import { html } from './html.ts'
import type { KindData } from './kinds.ts'
import { COLOURS, HALF_WIDTH, PLOT_HEIGHT, type Figure } from './plot.ts'

const PERCENTS = Array.from({ length: 101 }, (_, at) => at)

/** One figure for each kind, none where the links were not planned. */
export function boundFigures(report: Report, kinds: readonly KindData[]): Figure[] {
  const { scenario } = report
  if (scenario === null) return []
  const boundMs = shortestPaths(scenario.links)
  return kinds.map(({ name, figures, spreads }) => {
    const pairs = spreads.flatMap((spread) =>
      [...spread.first.values()].map((copy) => ({ spread, copy })),
    )
    const measured = pairs.map(({ spread, copy }) => latencyMs(spread, copy))
    const least = pairs.flatMap(({ spread, copy }) => boundMs(spread.origin, copy.node) ?? [])
    const p99 = figures.bound?.latencyMs.p99 ?? null
    return {
      title: `Against the shortest paths: ${name}`,
      caption: html`Share of the (message, node) pairs within a time; dashed, if every node had
        passed every message on at once and along the quickest planned links. p99 of that
        ${numberText(p99)} ms; measured over it
        <b>${numberText(figures.bound?.ratioP99 ?? null)}</b>.`,
      spec: {
        width: HALF_WIDTH,
        height: PLOT_HEIGHT,
        data: {
          values: [...curveOf(measured, 'measured'), ...curveOf(least, 'shortest paths')],
        },
        mark: { type: 'line', interpolate: 'step-after', color: COLOURS[name] },
        encoding: {
          x: { field: 'ms', type: 'quantitative', title: 'ms after the message entered' },
          y: {
            field: 'share',
            type: 'quantitative',
            title: 'deliveries',
            axis: { format: '.0%', tickCount: 5 },
          },
          strokeDash: { field: 'line', sort: null, scale: { range: [[], [4, 3]] } },
        },
      },
    }
  })
}

function curveOf(values: readonly number[], line: string) {
  const ascending = values.toSorted((a, b) => a - b)
  return PERCENTS.flatMap((percent) => {
    const ms = percentile(ascending, percent)
    return ms === undefined ? [] : [{ ms, share: percent / 100, line }]
  })
}
