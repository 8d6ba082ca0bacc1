/**
 * `report.html`: one file that opens without a network, with every figure of the report and the
 * tree of any message.
 */
import { idealHops } from '../idealHops.ts'
import {
  bytesText,
  countText,
  errorText,
  figureText,
  numberText,
  percentText,
} from '../numberText.ts'
import { shortfallsOf } from '../outcome.ts'
import type { LatencySummary } from '../percentile.ts'
import type { Report } from '../report.ts'
import {
  blockFacts,
  clockFacts,
  hostFacts,
  machineFacts,
  peersText,
  programFacts,
  scenarioFacts,
  transactionFacts,
} from '../terminal/reportFacts.ts'
import { hasLosses, LOSSES, warningsOf } from '../terminal/reportWarnings.ts'
import { boundFigures } from './boundFigure.ts'
import {
  bytesFigure,
  controlFigure,
  judgingFigure,
  meshFigure,
  peerBytesFigure,
} from './costFigures.ts'
import { coverageFigures } from './coverageFigure.ts'
import { documentOf } from './document.ts'
import { hopCountFigure, hopDelayFigure } from './hopFigures.ts'
import { html, scriptJson, scrollable, trusted, type Html } from './html.ts'
import { carriedKinds, type KindData } from './kinds.ts'
import { histogramFigures } from './latencyFigures.ts'
import { messageData } from './messageData.ts'
import { mapFigures, regionTable } from './regionFigures.ts'
import { runFigure } from './runFigure.ts'
import { renderFigure, type Figure } from './plot.ts'
import {
  clockTable,
  durationTable,
  faultTable,
  memberTable,
  ownSettings,
  peerTable,
  questionTable,
  valueTable,
} from './tables.ts'

/** The section that the page's own script fills; without items there is neither. */
const MESSAGE_SECTION = 'message'

interface Section {
  readonly id: string
  readonly title: string
  readonly body: Html
}

/**
 * The whole page as text: the same report makes the same page. `explorerScript` is the text of
 * `explorer.js`, which stands in the page.
 */
export async function reportPage(report: Report, explorerScript: string): Promise<string> {
  const sections = await sectionsOf(report)
  const { nodes, peers } = report
  const title = `Propagation over ${peersText({ measured: peers.length, nodes })}`
  const body = html`<header>
      <h1>${title}</h1>
      <p class="lead">
        ${(report.durationMs / 1000).toFixed(1)} s measured, ${report.ratePerS} transactions/s,
        begun ${report.startedAt}, seed ${report.seed ?? 'none'}; ${report.grapevine}
      </p>
      ${report.scenario === null ? undefined : html`<p class="lead">Scenario: ${scenarioFacts(report.scenario)}</p>`}
      ${shortfallsOf(report).map(({ text }) => html`<p class="warning">${text}</p>`)}
      ${warningsOf(report).map((one) => html`<p class="warning">${one}</p>`)} ${tiles(report)}
      <nav aria-label="Sections">
        ${sections.map(({ id, title }) => html`<a href="#${id}">${title}</a> `)}
      </nav>
    </header>
    <main>${sections.map(sectionHtml)}</main>
    <footer>
      Made by ${report.grapevine}; form of the data: version ${report.version}. What each term means
      stands <a href="#terms">above</a>.
    </footer>
    ${sections.some(({ id }) => id === MESSAGE_SECTION) ? scripts(report, explorerScript) : undefined}`
  return documentOf(title, body)
}

function scripts(report: Report, explorerScript: string): Html {
  return html`<script type="application/json" id="message-data">
      ${scriptJson(messageData(report))}
    </script>
    <script type="module">
      ${trusted(explorerScript.replace(/^\/\/# sourceMappingURL=.*$/m, ''))}
    </script>`
}

function sectionHtml({ id, title, body }: Section): Html {
  return html`<section id="${id}">
    <h2>${title}</h2>
    ${body}
  </section> `
}

async function sectionsOf(report: Report): Promise<readonly Section[]> {
  const kinds = carriedKinds(report)
  const ideal = idealHops(report)
  const spreading = kinds.length === 0 ? [] : await spreadSections(report, kinds, ideal)
  return [
    ...spreading,
    { id: 'cost', title: 'Cost', body: await costSection(report) },
    {
      id: 'peers',
      title: 'Peers',
      body: html`${await pair([meshFigure(report), ...(kinds.length === 0 ? [] : [judgingFigure(kinds)])])}
        <details open>
          <summary>Every peer</summary>
          ${peerTable(report)}
        </details>`,
    },
    ...(report.questions.length === 0
      ? []
      : [{ id: 'questions', title: 'Questions to the network', body: questionTable(report) }]),
    { id: 'faults', title: 'Faults', body: html`${faultTable(report)}${memberTable(report)}` },
    { id: 'configuration', title: 'Configuration', body: configuration(report) },
    { id: 'terms', title: 'Terms', body: definitions(report) },
    { id: 'citing', title: 'Citing this run', body: citation(report) },
  ]
}

async function spreadSections(
  report: Report,
  kinds: readonly KindData[],
  ideal: number | undefined,
): Promise<readonly Section[]> {
  return [
    { id: 'coverage', title: 'Coverage', body: await pair(coverageFigures(kinds)) },
    {
      id: 'latency',
      title: 'Latency',
      body: html`${await pair([...histogramFigures(kinds), ...boundFigures(report, kinds)])}
        ${await renderFigure(runFigure(kinds, report))}
        <div class="pair">${kinds.map(durationTable)}</div>
        <p class="note">
          Clock: ${clockFacts(report)}. Percentiles by nearest rank: “latency of a node” over
          (message, node) pairs, “to x %” over messages. ${hasLosses(report) ? LOSSES : ''}
          ${lateness(report)}
        </p>`,
    },
    ...(await regionSection(report, kinds)),
    {
      id: MESSAGE_SECTION,
      title: 'One message',
      body: explorer(report.peers.some(({ region }) => region !== undefined)),
    },
    {
      id: 'hops',
      title: 'Hops',
      body: await pair([hopCountFigure(kinds, ideal), hopDelayFigure(kinds)]),
    },
  ]
}

function lateness({ transactions: { sentLateMs } }: Report): string {
  return sentLateMs.max === null
    ? ''
    : `The load was sent at most ${numberText(sentLateMs.max)} ms after it was due.`
}

async function regionSection(
  report: Report,
  kinds: readonly KindData[],
): Promise<readonly Section[]> {
  const tables = kinds.flatMap((kind) => regionTable(kind) ?? [])
  if (tables.length === 0) return []
  const maps = await Promise.all(mapFigures(report, kinds).map(renderFigure))
  return [{ id: 'regions', title: 'Regions', body: html`${maps}${tables}` }]
}

async function costSection(report: Report): Promise<Html> {
  if (report.traffic.total.payloadBytes === 0)
    return html`<p class="note">No traffic was counted.</p>`
  return html`${await pair([bytesFigure(report), controlFigure(report)])}
  ${await renderFigure(peerBytesFigure(report))}`
}

async function pair(figures: readonly Figure[]): Promise<Html> {
  return html`<div class="pair">${await Promise.all(figures.map(renderFigure))}</div>`
}

function tiles(report: Report): Html {
  const { transactions, blocks, traffic, clock } = report
  const ideal = idealHops(report)
  const list: readonly Tile[] = [
    ['Coverage', percentText(transactions.coverage), transactionFacts(report)],
    latencyTile('Transaction latency, p50', transactions.latencyMs),
    latencyTile('To 99 % of the nodes, p50', transactions.toCoverageMs[99]),
    ...boundTile(report),
    latencyTile('Block latency, p50', blocks.latencyMs, `; ${blockFacts(report)}`),
    [
      'Duplicates per delivery',
      numberText(transactions.duplicatesPerDelivery),
      `of blocks ${numberText(blocks.duplicatesPerDelivery)}; over (mesh degree ${numberText(transactions.meshDegree)} - 2): ${numberText(transactions.duplicatesOverMesh)}`,
    ],
    [
      'Bytes per byte delivered',
      numberText(traffic.amplification),
      `${bytesText(traffic.total.bytesReceived)} received`,
    ],
    [
      'Hops, mean',
      numberText(transactions.meanHop),
      `of blocks ${numberText(blocks.meanHop)}${ideal === undefined ? '' : `; log_D(n) ${ideal.toFixed(2)}`}`,
    ],
    [
      'Error of a latency by clocks',
      clock.errorMs === 0 ? 'none' : `± ${numberText(clock.errorMs)} ms`,
      clock.errorMs === 0
        ? 'one clock for all sightings'
        : `${clock.clocks.length} clocks, at most`,
    ],
  ]
  return html`<dl class="tiles">
    ${list.map(
      ([name, value, more]) =>
        html`<div class="tile">
          <dt>${name}</dt>
          <dd>${value}<small>${more}</small></dd>
        </div> `,
    )}
  </dl>`
}

type Tile = readonly [name: string, value: string, more: string]

function latencyTile(name: string, summary: LatencySummary, more = ''): Tile {
  return [
    name,
    `${figureText(summary, 'p50')} ms`,
    `p99 ${figureText(summary, 'p99')} ms${errorText(summary)}; ${countText(summary)} arrived${more}`,
  ]
}

/** How far from what the links allow, where they were planned. */
function boundTile({ transactions, blocks }: Report): Tile[] {
  if (transactions.bound === null) return []
  return [
    [
      'p99 over the shortest paths',
      numberText(transactions.bound.ratioP99),
      `shortest p99 ${figureText(transactions.bound.latencyMs, 'p99')} ms; ${countText(transactions.latencyMs)} arrived; of blocks ${numberText(blocks.bound?.ratioP99 ?? null)}`,
    ],
  ]
}

/** The controls of `explorer.js`; it fills and draws. */
function explorer(hasRegions: boolean): Html {
  return html`<p class="note">
      Who sent it to whom, and when. Each line is a node: it begins when the first copy came, is
      thick until the node had judged it, and hangs from the sender of that copy.
    </p>
    <div class="explorer">
      <div class="picker">
        <div class="fields">
          <label
            >Find
            <input
              id="find"
              type="search"
              placeholder="${hasRegions ? 'hash, node 3, region' : 'hash, block, node 3'}"
              autocomplete="off"
          /></label>
          <label
            >Order
            <select id="order">
              <option value="slowest">slowest first</option>
              <option value="earliest">earliest first</option>
              <option value="fewest">fewest nodes first</option>
            </select></label
          >
        </div>
        <label for="messages">Message, origin, nodes reached, time to the last</label>
        <select id="messages" size="20"></select>
        <p id="found" class="note" aria-live="polite"></p>
      </div>
      <div>
        <p id="facts" aria-live="polite"></p>
        <div id="stage">
          <svg id="tree" role="list" aria-label="Tree of first copies"></svg>
        </div>
        <p id="detail" class="note" aria-live="polite"></p>
      </div>
    </div>
    <noscript
      ><p class="warning">The tree is drawn by a script in this page; scripts are off.</p></noscript
    >
    <details>
      <summary>First copies as a table</summary>
      ${scrollable('First copies', firstCopies())}
    </details>`
}

function firstCopies(): Html {
  return html`<table>
    <thead>
      <tr>
        <th>node</th>
        <th>sender</th>
        <th>hop</th>
        <th>received, ms</th>
        <th>accepted, ms</th>
        <th>judging, ms</th>
      </tr>
    </thead>
    <tbody id="rows"></tbody>
  </table>`
}

function configuration(report: Report): Html {
  return html`<p>Program: ${programFacts(report)}.</p>
    <p>
      Machine: ${machineFacts(report)}; ${numberText(report.loadPerCore)} processes for each core.
    </p>
    ${hostFacts(report).map((line) => html`<p>Host: ${line}.</p>`)}
    <p>Clock: ${clockFacts(report)}.</p>
    ${clockTable(report)}
    <div class="pair">
      <div>${valueTable('Settings that all peers share', report.settings)}</div>
      <div>
        ${valueTable('Versions', { grapevine: report.grapevine, ...report.versions })}
        ${valueTable('Implementations', report.crypto)} ${valueTable('Topics', report.topics)}
        ${ownSettings(report)}
      </div>
    </div>
    ${scenarioDetails(report)}`
}

function definitions(report: Report): Html {
  return html`<details>
    <summary>What the words of this report mean, exactly</summary>
    <dl class="terms">
      ${Object.entries(report.definitions).map(
        ([term, meaning]) =>
          html`<dt>${term}</dt>
            <dd>${meaning}</dd> `,
      )}
    </dl>
  </details>`
}

function citation({ citation: { text, bibtex } }: Report): Html {
  return html`<p>${text}</p>
    <pre tabindex="0" role="group" aria-label="BibTeX entry">${bibtex}</pre>`
}

function scenarioDetails({ scenario }: Report): Html | undefined {
  if (scenario === null) return undefined
  return html`<details>
    <summary>The scenario with every default filled in</summary>
    <pre tabindex="0" role="group" aria-label="scenario">
${JSON.stringify(scenario.definition, null, 2)}</pre>
  </details>`
}
