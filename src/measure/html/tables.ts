/** The tables of the page. */
import { bytesText, countText, figureText, numberText } from '../numberText.ts'
import type { LatencySummary } from '../percentile.ts'
import { settingValueText } from '../settingValueText.ts'
import type { PeerReport, Report, SettingValue } from '../report.ts'
import { COVERAGE_PERCENTS } from '../reportTerms.ts'
import { answerText, memberFacts, questionText, truthText } from '../terminal/reportFacts.ts'
import { html, scrollable, type Html } from './html.ts'
import type { KindData } from './kinds.ts'

const FIGURES = ['p50', 'p90', 'p99', 'max'] as const

/** All durations of one kind of item. */
export function durationTable({ name, figures }: KindData): Html {
  const rows: readonly (readonly [string, LatencySummary])[] = [
    ['latency of a node', figures.latencyMs],
    ...(figures.bound === null ? [] : [['shortest paths', figures.bound.latencyMs] as const]),
    ...COVERAGE_PERCENTS.map(
      (percent) => [`to ${percent} % of the nodes`, figures.toCoverageMs[percent]] as const,
    ),
    ...figures.hops.map(({ hop, delayMs }) => [`delay of hop ${hop}`, delayMs] as const),
    ['judging a first copy', figures.validationMs],
    ['wait for the verifier', figures.queueMs],
  ]
  return scrollable(
    `Durations of ${name}`,
    html`<table>
      <caption>
        ${name}, ms
      </caption>
      <thead>
        <tr>
          <td></td>
          <th>n of N</th>
          <th>p50</th>
          <th>p90</th>
          <th>p99</th>
          <th>largest</th>
          <th>±</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([label, summary]) =>
            html`<tr>
              <td>${label}</td>
              <td>${countText(summary)}</td>
              ${FIGURES.map((name) => html`<td>${figureText(summary, name)}</td>`)}
              <td>${numberText(summary.errorMs)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`,
  )
}

/** The end of a peer id tells peers apart; the whole is in report.json. */
const ID_LETTERS = 8

/** Mesh and traffic of every peer. */
export function peerTable({ peers, topics }: Report): Html {
  const hasRegions = peers.some(({ region }) => region !== undefined)
  const row = (peer: PeerReport): Html => {
    const { traffic, mesh } = peer
    const bytes = (of: (one: NonNullable<typeof traffic>) => number): string =>
      traffic === null ? '-' : bytesText(of(traffic))
    return html`<tr>
      <td>${peer.index}</td>
      ${hasRegions ? html`<td class="text name">${peer.region}</td>` : ''}
      <td class="text mono name" title="${peer.peerId}">…${peer.peerId.slice(-ID_LETTERS)}</td>
      <td>${mesh[topics['tx'] ?? ''] ?? '-'}</td>
      <td>${mesh[topics['block'] ?? ''] ?? '-'}</td>
      <td>${bytes((one) => one.bytesSent)}</td>
      <td>${bytes((one) => one.bytesReceived)}</td>
      <td>${bytes((one) => one.duplicateBytes)}</td>
      <td>${bytes((one) => one.otherBytes)}</td>
    </tr>`
  }
  return scrollable(
    'Every peer',
    html`<table>
      <thead>
        <tr>
          <th>peer</th>
          ${hasRegions ? html`<th class="text">region</th>` : ''}
          <th class="text">id</th>
          <th>mesh tx</th>
          <th>mesh block</th>
          <th>sent</th>
          <th>received</th>
          <th>duplicates</th>
          <th>control, framing</th>
        </tr>
      </thead>
      <tbody>
        ${peers.map(row)}
      </tbody>
    </table>`,
  )
}

/** What went wrong or was made to, in order of time. */
export function faultTable({ faults }: Report): Html {
  if (faults.length === 0) return html`<p class="note">No fault was seen during the run.</p>`
  return html`<table>
    <thead>
      <tr>
        <th>s</th>
        <th>until</th>
        <th class="text">fault</th>
        <th class="text">what happened</th>
      </tr>
    </thead>
    <tbody>
      ${faults.map(
        ({ atMs, untilMs, kind, detail }) =>
          html`<tr>
            <td>${(atMs / 1000).toFixed(3)}</td>
            <td>${untilMs === undefined ? '' : (untilMs / 1000).toFixed(3)}</td>
            <td class="text">${kind}</td>
            <td class="text">${detail}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

/** What nodes knew of each other; nothing where there is nothing to tell. */
export function memberTable(report: Report): Html | undefined {
  const facts = memberFacts(report)
  if (facts.length === 0) return undefined
  return html`<table>
    <caption>
      What nodes knew of each other
    </caption>
    <tbody>
      ${facts.map(
        ([name, text]) =>
          html`<tr>
            <td class="text">${name}</td>
            <td class="text">${text}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

/** What was asked of the network, what it answered, and what is true. */
export function questionTable({ questions }: Report): Html {
  return scrollable(
    'Questions to the network',
    html`<table>
      <thead>
        <tr>
          <th class="text">question</th>
          <th class="text">answer</th>
          <th class="text">true</th>
        </tr>
      </thead>
      <tbody>
        ${questions.map(
          (one) =>
            html`<tr>
              <td class="text">${questionText(one)}</td>
              <td class="text">${answerText(one)}</td>
              <td class="text">${truthText(one)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`,
  )
}

/** Names and values, such as settings or versions. */
export function valueTable(caption: string, values: Readonly<Record<string, SettingValue>>): Html {
  return html`<table>
    <caption>
      ${caption}
    </caption>
    <tbody>
      ${Object.entries(values).map(
        ([name, value]) =>
          html`<tr>
            <td>${name}</td>
            <td class="text mono">${settingValueText(value)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

/** The clocks that were read and what was taken from their times; nothing where it was one. */
export function clockTable({ clock: { clocks } }: Report): Html | undefined {
  if (clocks.length <= 1) return undefined
  return html`<table>
    <caption>
      Clocks: ahead of the instrument's, ms
    </caption>
    <thead>
      <tr>
        <th class="text">read by peers</th>
        <th>at the start</th>
        <th>at the end</th>
        <th>±</th>
      </tr>
    </thead>
    <tbody>
      ${clocks.map(
        ({ nodes, startOffsetMs, endOffsetMs, errorMs }) =>
          html`<tr>
            <td class="text">${nodes.join(', ')}</td>
            ${[startOffsetMs, endOffsetMs, errorMs].map((ms) => html`<td>${numberText(ms)}</td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`
}

/** What single peers have set other than the rest; nothing where all are alike. */
export function ownSettings({ peers }: Report): Html {
  const differing = peers.filter(({ settings }) => Object.keys(settings).length > 0)
  if (differing.length === 0) return html`<p class="note">All peers had the same settings.</p>`
  return html`<table>
    <caption>
      Settings in which peers differ
    </caption>
    <tbody>
      ${differing.map(
        ({ index, settings }) =>
          html`<tr>
            <td>peer ${index}</td>
            <td class="text mono">
              ${Object.entries(settings).map(([name, value]) => `${name}=${settingValueText(value)} `)}
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`
}
