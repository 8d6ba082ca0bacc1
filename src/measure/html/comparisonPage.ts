/**
 * Reports on one page: the figures side by side, their differences with intervals, their curves on
 * one plot.
 */
import type { ComparedFigure, Comparison } from '../compare/compare.ts'
import { headerFacts, letterOf, type NamedReport } from '../compare/compareFacts.ts'
import { countText } from '../numberText.ts'
import { percentile } from '../percentile.ts'
import { ascendingLatencies } from '../propagation.ts'
import type { Report } from '../report.ts'
import { differenceText, intervalText, legend, valueText } from '../terminal/terminalCompare.ts'
import { documentOf } from './document.ts'
import { html, scrollable, type Html } from './html.ts'
import { carriedKinds } from './kinds.ts'
import { logAxis, onLogAxis } from './logAxis.ts'
import { HALF_WIDTH, PLOT_HEIGHT, renderFigure, type Figure, shareAxis } from './plot.ts'

/** By report; with more reports than colours they begin again, with other dashes. */
const COLOURS = ['var(--tx)', 'var(--block)', 'var(--fault)', 'var(--muted)', 'var(--ink)'] as const
const DASHES = [[], [6, 3], [2, 2]] as const

/** The whole page as text. Pure: the same reports make the same page. */
export async function comparisonPage(
  named: readonly NamedReport[],
  comparison: Comparison,
): Promise<string> {
  const reports = named.map(({ report }) => report)
  const kinds = ['transactions', 'blocks'] as const
  const axis = logAxis(
    kinds.flatMap((kind) => reports.flatMap((report) => curveOf(report, kind).map(({ ms }) => ms))),
  )
  const figures = kinds.flatMap((kind) => latencyFigure(kind, reports, axis))
  const title = `Comparison of ${reports.length} reports`
  const body = html`<header>
      <h1>${title}</h1>
      ${headerTable(comparison)}
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
  return documentOf(title, body)
}

function headerTable({ reports }: Comparison): Html {
  const columns = reports.map(headerFacts)
  return scrollable(
    'The reports',
    html`<table>
      <thead>
        <tr>
          <td></td>
          ${reports.map(({ file }, at) => html`<th scope="col" class="text">${letterOf(at)}: ${file}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${(columns[0] ?? []).map(
          ([name], row) =>
            html`<tr>
              <td>${name}</td>
              ${columns.map((facts) => html`<td class="text">${facts[row]?.[1]}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>`,
  )
}

/** With the axis that the figures of both kinds share. */
function latencyFigure(
  kind: 'transactions' | 'blocks',
  reports: readonly Report[],
  axis: ReturnType<typeof logAxis>,
): Figure[] {
  const runs = reports.map((_, at) => letterOf(at))
  const values = reports.flatMap((report, at) =>
    curveOf(report, kind).map((point) => ({ ...point, run: letterOf(at) })),
  )
  const arrived = reports.map(
    (report, at) => `${letterOf(at)} ${countText(report[kind].latencyMs)}`,
  )
  if (values.length === 0) return []
  return [
    {
      title: `Latency of a node: ${kind}`,
      caption: html`Share of the (message, node) pairs that took at most so long; a curve ends at
      the share that arrived: ${arrived.join(', ')}.`,
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
            ...axis,
          },
          y: shareAxis('deliveries'),
          color: {
            field: 'run',
            type: 'nominal',
            scale: {
              domain: runs,
              range: runs.map((_, at) => COLOURS[at % COLOURS.length] ?? COLOURS[0]),
            },
          },
          strokeDash: {
            field: 'run',
            type: 'nominal',
            scale: {
              domain: runs,
              range: runs.map((_, at) => [...(DASHES[Math.floor(at / COLOURS.length)] ?? [1, 1])]),
            },
          },
        },
      },
    },
  ]
}

function curveOf(report: Report, name: 'transactions' | 'blocks'): { ms: number; share: number }[] {
  const spreads = carriedKinds(report).find((kind) => kind.name === name)?.spreads ?? []
  const ascending = spreads.flatMap(ascendingLatencies).sort((one, other) => one - other)
  return Array.from({ length: 200 }, (_, at) => (at + 1) / 2).flatMap((percent) => {
    const ms = percentile(ascending, percent, report[name].latencyMs.of)
    return ms === undefined ? [] : [{ ms: onLogAxis(ms), share: percent / 100 }]
  })
}

function figureTable(
  group: ComparedFigure['group'],
  { figures, reports }: Comparison,
): Html | undefined {
  const rows = figures.filter((figure) => figure.group === group)
  if (rows.length === 0) return undefined
  const others = reports.slice(1).map((_, at) => letterOf(at + 1))
  return scrollable(
    `Figures of ${group}`,
    html`<table>
      <caption>
        ${group}
      </caption>
      <thead>
        <tr>
          <td></td>
          ${reports.map((_, at) => html`<th scope="col">${letterOf(at)}</th>`)}
          ${others.map(
            (letter) =>
              html`<th scope="col">${letter} - A</th>
                <th scope="col">95 % interval of ${letter} - A</th>
                <th scope="col">differs</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.map(figureRow)}
      </tbody>
    </table>`,
  )
}

function figureRow(figure: ComparedFigure): Html {
  return html`<tr>
    <td>${figure.name}</td>
    ${figure.values.map(
      (value) =>
        html`<td>
          ${valueText(figure, value)}
          <small>${countText(value)} ${figure.sampleOf}</small>
        </td>`,
    )}
    ${figure.differences.map(
      (difference) =>
        html`<td>${differenceText(figure, difference)}</td>
          <td>${intervalText(figure, difference.interval) || '-'}</td>
          <td>${difference.differs ? '*' : ''}</td>`,
    )}
  </tr>`
}

function factTable({ facts, reports }: Comparison): Html {
  if (facts.length === 0)
    return html`<p class="note">Settings, versions and machine were the same.</p>`
  return scrollable(
    'What was not the same',
    html`<table>
      <thead>
        <tr>
          <td></td>
          ${reports.map((_, at) => html`<th scope="col" class="text">${letterOf(at)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${facts.map(
          ({ name, values }) =>
            html`<tr>
              <td>${name}</td>
              ${values.map((value) => html`<td class="text mono">${value}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>`,
  )
}
