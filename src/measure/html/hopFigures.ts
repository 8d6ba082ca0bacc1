/** How deep the trees of first copies are, and what each step costs. */
import { maxOf } from '../../lib/extremes.ts'
import { numberText } from '../numberText.ts'
import { html } from './html.ts'
import { LEAST_MS, logAxis } from './logAxis.ts'
import { kindColour, type KindData } from './kinds.ts'
import { COLOURS, HALF_WIDTH, PLOT_HEIGHT, type Figure, shareAxis } from './plot.ts'

const BAR = 0.36

/**
 * The share of the deliveries at each depth. `ideal` is the depth of an ideal spread, drawn if
 * given.
 */
export function hopCountFigure(kinds: readonly KindData[], ideal: number | undefined): Figure {
  const values = kinds.flatMap(({ name, figures }, at) => {
    const all = figures.hops.reduce((sum, { deliveries }) => sum + deliveries, 0)
    return figures.hops.map(({ hop, deliveries }) => ({
      from: hop + offsetOf(kinds, at) - BAR / 2,
      to: hop + offsetOf(kinds, at) + BAR / 2,
      share: deliveries / all,
      kind: name,
    }))
  })
  const mean = kinds.map(({ name, figures }) => `${name} ${numberText(figures.meanHop)}`)
  return {
    title: 'Hops from the origin',
    caption: html`Share of the deliveries at each depth of the tree of first copies; mean:
    ${mean.join(', ')}.
    ${ideal === undefined ? '' : html`The dashed line is log<sub>D</sub>(n) = ${ideal.toFixed(2)}: the rounds that would do if every node reached D others that did not have the message.`}`,
    spec: {
      width: HALF_WIDTH,
      height: PLOT_HEIGHT,
      layer: [
        {
          data: { values },
          mark: { type: 'bar' },
          encoding: {
            x: hopAxis('from', kinds),
            x2: { field: 'to' },
            y: shareAxis('deliveries'),
            y2: { datum: 0 },
            color: kindColour(kinds),
          },
        },
        {
          data: { values: ideal === undefined ? [] : [{ from: ideal }] },
          mark: { type: 'rule', strokeDash: [4, 3], color: COLOURS.ink },
          encoding: { x: hopAxis('from', kinds) },
        },
      ],
    },
  }
}

/** The delay of a hop at each depth, ms. */
export function hopDelayFigure(kinds: readonly KindData[]): Figure {
  const values = kinds.flatMap(({ name, figures }, at) =>
    figures.hops.map(({ hop, delayMs: { p50, p90, p99 } }) => ({
      hop: hop + offsetOf(kinds, at),
      p50,
      p90,
      p99,
      kind: name,
    })),
  )
  const x = hopAxis('hop', kinds)
  const y = {
    type: 'quantitative' as const,
    title: 'ms',
    ...logAxis(values.flatMap(({ p50, p99 }) => [p50 ?? LEAST_MS, p99 ?? LEAST_MS])),
  }
  const color = kindColour(kinds)
  return {
    title: 'Delay of a hop',
    caption: html`From the arrival at the sender to the arrival at the receiver. Circle: median;
    thick line: to the 90th percentile; thin line: to the 99th.`,
    spec: {
      width: HALF_WIDTH,
      height: PLOT_HEIGHT,
      data: { values },
      layer: [
        {
          mark: { type: 'rule', strokeWidth: 1.5 },
          encoding: { x, y: { ...y, field: 'p50' }, y2: { field: 'p99' }, color },
        },
        {
          mark: { type: 'rule', strokeWidth: 6, opacity: 0.7 },
          encoding: { x, y: { ...y, field: 'p50' }, y2: { field: 'p90' }, color },
        },
        {
          mark: { type: 'point', filled: true, size: 60, opacity: 1 },
          encoding: { x, y: { ...y, field: 'p50' }, color },
        },
      ],
    },
  }
}

/** Kinds stand side by side within their hop. */
function offsetOf(kinds: readonly KindData[], at: number): number {
  return (at - (kinds.length - 1) / 2) * (BAR + 0.04)
}

function hopAxis(field: string, kinds: readonly KindData[]) {
  const last = Math.max(
    maxOf(kinds.flatMap(({ figures }) => figures.hops.map(({ hop }) => hop))),
    1,
  )
  return {
    field,
    type: 'quantitative' as const,
    title: 'hop',
    scale: { domain: [0.5, last + 0.5], nice: false },
    axis: { values: Array.from({ length: last }, (_, at) => at + 1), format: 'd' },
  }
}
