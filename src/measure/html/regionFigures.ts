/** Where the nodes were, and what it took from region to region. */
import { maxOf } from '../../lib/extremes.ts'
import { countText, figureText, numberText } from '../numberText.ts'
import { percentile } from '../percentile.ts'
import { latencyMs } from '../delivery.ts'
import type { Report } from '../report.ts'
import { regionNames } from '../regions.ts'
import { html, scrollable, type Html } from './html.ts'
import type { KindData } from './kinds.ts'
import { COLOURS, FULL_WIDTH, type Figure } from './plot.ts'

/** With more regions than this their labels would lie on each other. */
const MAX_LABELS = 16
const MAP_HEIGHT = 440

interface Place {
  readonly region: string
  readonly lat: number
  readonly lon: number
  readonly nodes: number
  readonly label: string
}

/** Where the regions lie; none where the run gives them no places. */
export function mapFigures(report: Report, kinds: readonly KindData[]): Figure[] {
  const [kind] = kinds
  const places = kind === undefined ? [] : placesOf(report, kind)
  if (kind === undefined || places.length === 0) return []
  const shown =
    places.length <= MAX_LABELS
      ? places
      : places.map(({ region, ...rest }) => ({ ...rest, region, label: region }))
  const at = {
    longitude: { field: 'lon', type: 'quantitative' },
    latitude: { field: 'lat', type: 'quantitative' },
  } as const
  return [
    {
      title: 'Nodes by region',
      isWide: true,
      caption: html`The area of a circle is the number of nodes, which stands beside it with the
      median time until a node there had accepted a message, over the ${kind.name} of all origins.`,
      spec: {
        width: FULL_WIDTH - 60,
        height: MAP_HEIGHT,
        projection: { type: 'naturalEarth1' },
        layer: [
          {
            data: { sphere: true },
            mark: { type: 'geoshape', fill: 'var(--card)', stroke: 'var(--line)' },
          },
          {
            data: { graticule: { step: [30, 30] } },
            mark: { type: 'geoshape', stroke: 'var(--grid)', filled: false },
          },
          {
            data: { values: shown },
            mark: { type: 'circle', color: COLOURS[kind.name], opacity: 0.55 },
            encoding: {
              ...at,
              size: {
                field: 'nodes',
                type: 'quantitative',
                scale: { type: 'linear', zero: true, range: [0, 1_400] },
                legend: null,
              },
            },
          },
          {
            data: { values: shown },
            mark: { type: 'circle', color: COLOURS.ink, size: 14, opacity: 1 },
            encoding: at,
          },
          {
            data: { values: shown },
            mark: { type: 'text', dy: 22, lineBreak: '\n', lineHeight: 13, baseline: 'top' },
            encoding: { ...at, text: { field: 'label', type: 'nominal' } },
          },
        ],
      },
    },
  ]
}

function placesOf({ scenario, peers }: Report, { spreads }: KindData): Place[] {
  if (scenario === null) return []
  const regionOf = new Map(peers.map(({ index, region }) => [index, region]))
  const latencies = new Map<string, (number | undefined)[]>()
  const add = (node: number, ms: number | undefined): void => {
    const region = regionOf.get(node) ?? ''
    const list = latencies.get(region)
    if (list === undefined) latencies.set(region, [ms])
    else list.push(ms)
  }
  for (const spread of spreads) {
    for (const copy of spread.first.values()) add(copy.node, latencyMs(spread, copy))
    for (const node of spread.missed) add(node, undefined)
  }
  return Object.entries(scenario.places).flatMap(([region, { lat, lon }]) => {
    const nodes = peers.filter((peer) => peer.region === region).length
    const all = latencies.get(region) ?? []
    const ascending = all.filter((ms) => ms !== undefined).toSorted((a, b) => a - b)
    const median = percentile(ascending, 50, all.length)
    const label = `${region}\n${nodes}${median === undefined ? '' : `, ${numberText(median)} ms`}`
    return nodes === 0 ? [] : [{ region, lat, lon, nodes, label }]
  })
}

/** Median latency from each region to each, darker where longer; nothing without regions. */
export function regionTable({ name, figures: { regions } }: KindData): Html | undefined {
  const names = regionNames(regions)
  if (names.length === 0) return undefined
  const origins = names.filter((name) => regions.some(({ from }) => from === name))
  const largest = maxOf(regions.map(({ latencyMs: { p50 } }) => p50 ?? 0))
  const cell = (from: string, to: string): Html => {
    const latency = regions.find((one) => one.from === from && one.to === to)?.latencyMs
    if (latency === undefined) return html`<td>-</td>`
    const content = html`${figureText(latency, 'p50')} <small>${countText(latency)}</small>`
    if (latency.p50 === null) return html`<td>${content}</td>`
    const share = Math.round((45 * latency.p50) / Math.max(largest, 0.001))
    const shade = `color-mix(in srgb, ${COLOURS[name]} ${share}%, transparent)`
    return html`<td class="shaded" style="background: ${shade}">${content}</td>`
  }
  return scrollable(
    `Median latency of ${name} by region`,
    html`<table>
      <caption>
        Median latency of ${name} by region, ms, and how many arrived: from the row to the column
      </caption>
      <thead>
        <tr>
          <td></td>
          ${names.map((to) => html`<th scope="col">${to}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${origins.map(
          (from) =>
            html`<tr>
              <td>${from}</td>
              ${names.map((to) => cell(from, to))}
            </tr>`,
        )}
      </tbody>
    </table>`,
  )
}
