/** Measured latency beside what the links alone would take. */
import { countText, figureText, numberText } from '../numberText.ts'
import { percentile } from '../percentile.ts'
import { ascendingLatencies } from '../propagation.ts'
import type { Report } from '../report.ts'
import { shortestPaths } from '../shortestPaths.ts'
import { html } from './html.ts'
import type { KindData } from './kinds.ts'
import { logAxis, onLogAxis } from './logAxis.ts'
import { COLOURS, HALF_WIDTH, PLOT_HEIGHT, type Figure, shareAxis } from './plot.ts'

const PERCENTS = Array.from({ length: 101 }, (_, at) => at)

/** One figure for each kind, with the same axes; none where the links were not planned. */
export function boundFigures(report: Report, kinds: readonly KindData[]): Figure[] {
  const { scenario } = report
  if (scenario === null) return []
  const boundMs = shortestPaths(scenario.links)
  const drawn = kinds.map((kind) => {
    const measured = kind.spreads.flatMap(ascendingLatencies)
    const least = kind.spreads.flatMap(({ origin, first, missed }) =>
      [...first.keys(), ...missed].flatMap((node) => boundMs(origin, node) ?? []),
    )
    const curves = [
      ...curveOf(measured, kind.figures.latencyMs.of, 'measured'),
      ...curveOf(least, least.length, 'shortest paths'),
    ]
    return { kind, curves }
  })
  const axis = logAxis(drawn.flatMap(({ curves }) => curves.map(({ ms }) => ms)))
  return drawn.map(({ kind: { name, figures }, curves }) => {
    const p99 = figures.bound === null ? '-' : figureText(figures.bound.latencyMs, 'p99')
    return {
      title: `Against the shortest paths: ${name}`,
      caption: html`Share of the (message, node) pairs within a time,
        ${countText(figures.latencyMs)} arrived; dashed, if every node had forwarded every message
        at once and along the quickest planned links. p99 of that ${p99} ms; measured over it
        <b>${numberText(figures.bound?.ratioP99 ?? null)}</b>.`,
      spec: {
        width: HALF_WIDTH,
        height: PLOT_HEIGHT,
        data: { values: curves },
        mark: { type: 'line', interpolate: 'step-after', color: COLOURS[name] },
        encoding: {
          x: {
            field: 'ms',
            type: 'quantitative',
            title: 'ms after the message entered',
            ...axis,
          },
          y: shareAxis('deliveries'),
          strokeDash: {
            field: 'line',
            sort: null,
            scale: { domain: ['measured', 'shortest paths'], range: [[], [4, 3]] },
          },
        },
      },
    }
  })
}

/** Ends at the share of `count` that is known. */
function curveOf(values: readonly number[], count: number, line: string) {
  const ascending = values.toSorted((a, b) => a - b)
  return PERCENTS.flatMap((percent) => {
    const ms = percentile(ascending, percent, count)
    return ms === undefined ? [] : [{ ms: onLogAxis(ms), share: percent / 100, line }]
  })
}
