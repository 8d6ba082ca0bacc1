/** Two reports on one page: the figures side by side, their differences with intervals, their curves on one plot. */
import type { ComparedFigure, Comparison } from '../compare.ts'
import { percentile } from '../percentile.ts'
import { ascendingLatencies } from '../propagation.ts'
import type { Report } from '../report.ts'
import { legend, signed, valueText } from '../terminalCompare.ts'
import { documentOf } from './document.ts'
import { html, type Html } from './html.ts'
import { kindsOf } from './kinds.ts'
import { logAxis, onLogAxis } from './logAxis.ts'
import { HALF_WIDTH, PLOT_HEIGHT, renderFigure, type Figure } from './plot.ts'

interface Side {
  readonly name: string
  readonly report: Report
}

const COLOURS = { a: 'var(--tx)', b: 'var(--block)' } as const

export async function comparisonPage(
  [a, b]: readonly [Side, Side],
  comparison: Comparison,
): Promise<string> {
  const figures = (['transactions', 'blocks'] as const).flatMap((kind) =>
    latencyFigure(kind, a.report, b.report),
  )
  const body = html`<header>
      <h1>Comparison of two reports</h1>
      <p class="lead">
        A: ${a.name}, begun ${a.report.startedAt}. B: ${b.name}, begun ${b.report.startedAt}.
      </p>
      ${comparison.warnings.map((one) => html`<p class="warning">${one}</p>`)}
    </header>
    <main>
      <section>
        <h2>Latency</h2>
        <div class="pair">${await Promise.all(figures.map(renderFigure))}</div>
      </section>
      <section>
        <h2>Figures</h2>
        ${(['transactions', 'blocks', 'network'] as const).map((group) => figureTable(group, comparison))}
        <p class="note">${legend(comparison)}</p>
      </section>
      <section>
        <h2>What was not the same</h2>
        ${factTable(comparison)}
      </section>
    </main>`
  return documentOf('Comparison of two reports', body)
}

function latencyFigure(kind: 'transactions' | 'blocks', a: Report, b: Report): Figure[] {
  const values = [
    ...curveOf(a, kind).map((point) => ({ ...point, run: 'A' })),
    ...curveOf(b, kind).map((point) => ({ ...point, run: 'B' })),
  ]
  if (values.length === 0) return []
  return [
    {
      title: `Latency of a node: ${kind}`,
      caption: html`Share of all deliveries that took at most so long.`,
      spec: {
        width: HALF_WIDTH,
        height: PLOT_HEIGHT,
        data: { values },
        mark: { type: 'line', interpolate: 'step-after' },
        encoding: {
          x: {
            field: 'ms',
            type: 'quantitative',
            title: 'ms',
            ...logAxis(values.map(({ ms }) => ms)),
          },
          y: {
            field: 'share',
            type: 'quantitative',
            title: 'deliveries',
            axis: { format: '.0%', tickCount: 5 },
          },
          color: {
            field: 'run',
            type: 'nominal',
            scale: { domain: ['A', 'B'], range: [COLOURS.a, COLOURS.b] },
          },
        },
      },
    },
  ]
}

function curveOf(report: Report, name: 'transactions' | 'blocks'): { ms: number; share: number }[] {
  const spreads = kindsOf(report).find((kind) => kind.name === name)?.spreads ?? []
  const ascending = spreads.flatMap(ascendingLatencies).sort((one, other) => one - other)
  return Array.from({ length: 200 }, (_, at) => (at + 1) / 2).flatMap((percent) => {
    const ms = percentile(ascending, percent)
    return ms === undefined ? [] : [{ ms: onLogAxis(ms), share: percent / 100 }]
  })
}

function figureTable(group: ComparedFigure['group'], { figures }: Comparison): Html | undefined {
  const rows = figures.filter((figure) => figure.group === group)
  if (rows.every(({ a, b }) => a === null && b === null)) return undefined
  return html`<div class="scroll">
    <table>
      <caption>
        ${group}
      </caption>
      <thead>
        <tr>
          <th></th>
          <th>A</th>
          <th>B</th>
          <th>B - A</th>
          <th>95 % interval of B - A</th>
          <th></th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(figureRow)}
      </tbody>
    </table>
  </div>`
}

function figureRow(figure: ComparedFigure): Html {
  const { name, a, b, interval, differs } = figure
  const difference = a === null || b === null ? null : b - a
  const cells = [
    valueText(figure, a),
    valueText(figure, b),
    signed(valueText(figure, difference), difference),
    interval === undefined
      ? '-'
      : `${valueText(figure, interval.low)} to ${valueText(figure, interval.high)}`,
    differs ? '*' : '',
  ]
  return html`<tr>
    <td>${name}</td>
    ${cells.map((cell) => html`<td>${cell}</td>`)}
  </tr>`
}

function factTable({ facts }: Comparison): Html {
  if (facts.length === 0)
    return html`<p class="note">Settings, versions and machine were the same.</p>`
  return html`<table>
    <thead>
      <tr>
        <th></th>
        <th class="text">A</th>
        <th class="text">B</th>
      </tr>
    </thead>
    <tbody>
      ${facts.map(
        ({ name, a, b }) =>
          html`<tr>
            <td>${name}</td>
            <td class="text mono">${a}</td>
            <td class="text mono">${b}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
}
