/**
 * The page: its frame and controls. What is in it comes over the stream of events and is drawn by
 * the scripts.
 */
import { html } from '../../measure/html/html.ts'
import { DASHBOARD_LIMITS } from '../model/limits.ts'

/** The whole page as text. It carries `token`, which its actions need. */
export function pageOf(token: string): string {
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="token" content="${token}" />
      <title>grapevine devnet</title>
      <link rel="icon" href="/icon.svg" />
      <link rel="stylesheet" href="/style.css" />
      <script type="module" src="/main.js"></script>
    </head>
    <body>
      <a class="skip" href="#items-title">Skip to the transactions and blocks</a>
      <a class="skip" href="#peers-title">Skip to the peers</a>
      <header>
        <h1>grapevine devnet</h1>
        <p id="status" role="status" data-state="waiting">connecting</p>
        <p id="facts"></p>
      </header>
      <noscript><p class="warning">This page is drawn by scripts; scripts are off.</p></noscript>
      <main>
        ${tiles()} ${controls()}
        <div class="columns">
          ${network()}
          <div class="column">${items()} ${detail()}</div>
        </div>
        ${peers()} ${members()} ${events()}
      </main>
    </body>
  </html>`
  return `<!doctype html>\n${page.html}`
}

function tiles() {
  const tile = (id: string, name: string) =>
    html`<div class="tile">
      <dt>${name}</dt>
      <dd id="${id}"><b></b><small></small></dd>
    </div> `
  const latency = (id: string, name: string) =>
    html`<div class="tile">
      <dt>${name}</dt>
      <dd id="${id}">
        <b></b><small></small>
        <svg class="spark" viewBox="0 0 120 28" preserveAspectRatio="none" role="img"></svg>
      </dd>
    </div> `
  return html`<section aria-label="Figures of the last minute">
    <dl class="tiles">
      ${tile('tile-peers', 'Peers')} ${tile('tile-head', 'Head')}
      ${tile('tile-finality', 'Finality')} ${tile('tile-pool', 'Pools')}
      ${latency('tile-tx', 'Transactions, to all peers')}
      ${latency('tile-block', 'Blocks, to all peers')}
      ${tile('tile-network-tx', 'Transactions, by the network itself')}
      ${tile('tile-network-block', 'Blocks, by the network itself')}
    </dl>
  </section>`
}

function controls() {
  return html`<section class="controls" aria-label="Actions">
    <form id="submit-form">
      <label for="count">Submit</label>
      <input
        id="count"
        type="number"
        min="1"
        max="${DASHBOARD_LIMITS.maxBurst}"
        value="1"
        required
      />
      <label for="via">transfers by</label>
      <select id="via"></select>
      <button id="submit">Submit</button>
    </form>
    <div class="group" role="group" aria-labelledby="marked">
      <span id="marked">No peer is marked</span>
      <button data-act="kill">Kill</button>
      <button data-act="restart">Restart</button>
      <button data-act="pause">Pause</button>
      <button data-act="resume">Resume</button>
      <button data-act="cut">Cut off</button>
    </div>
    <button id="heal">Heal all links</button>
    <p id="outcome" role="status"></p>
  </section>`
}

function network() {
  return html`<section class="network" aria-labelledby="network-title">
    <h2 id="network-title">Peers and links</h2>
    <fieldset>
      <legend>Shown</legend>
      <label
        ><input type="checkbox" id="show-tx" checked /><i class="line tx"></i> transaction
        mesh</label
      >
      <label
        ><input type="checkbox" id="show-block" checked /><i class="line block"></i> block
        mesh</label
      >
      <label
        ><input type="checkbox" id="show-connected" checked /><i class="line connected"></i>
        connected only</label
      >
    </fieldset>
    <svg
      id="graph"
      class="drawn"
      viewBox="0 0 1000 760"
      role="group"
      aria-label="Peers: arrow keys move, Enter opens"
    ></svg>
    <div class="player">
      <button id="play" disabled>Play</button>
      <input
        id="moment"
        type="range"
        min="0"
        max="1000"
        value="0"
        disabled
        aria-label="Moment of the wave"
      />
      <output id="moment-text" for="moment"></output>
      <label><input type="checkbox" id="follow" /> follow new transactions</label>
    </div>
    <p id="wave-text" class="note"></p>
    ${legend()}
  </section>`
}

/** How a peer is drawn by its state, and by how far a wave has come. */
const LOOKS: readonly (readonly [classes: string, mark: string, meaning: string])[] = [
  ['state-running', '', 'running'],
  ['state-starting', '…', 'starting'],
  ['state-paused', '‖', 'paused'],
  ['state-cut', '✂', 'cut off from others'],
  ['state-silent', '?', 'does not answer'],
  ['state-gone', '×', 'not running'],
  ['origin reached', '', 'the wave entered here'],
  ['judging', '', 'received, not yet judged'],
  ['reached', '', 'accepted'],
]

function legend() {
  return html`<ul class="legend" aria-label="How peers are drawn">
    ${LOOKS.map(
      ([classes, mark, meaning]) =>
        html`<li>
          <svg class="drawn" viewBox="-19 -15 38 30" aria-hidden="true">
            <g class="peer ${classes}">
              <circle class="body" r="10" />
              <text class="mark" x="13" y="-3" font-size="12">${mark}</text>
            </g>
          </svg>
          ${meaning}
        </li> `,
    )}
  </ul>`
}

function items() {
  return html`<section aria-labelledby="items-title">
    <h2 id="items-title" tabindex="-1">Transactions and blocks</h2>
    <form id="find-form" role="search">
      <label for="find">Hash or kind</label>
      <input id="find" type="search" autocomplete="off" placeholder="0x..., tx, block" />
      <button>Show</button>
    </form>
    <div class="scroll list">
      <table role="grid" aria-labelledby="items-title">
        <thead>
          <tr>
            <th class="text" scope="col">entered</th>
            <th class="text" scope="col">kind</th>
            <th class="text" scope="col">hash</th>
            <th scope="col">by</th>
            <th scope="col">reached</th>
            <th scope="col">to half, ms</th>
            <th scope="col">to all, ms</th>
            <th scope="col">duplicates</th>
          </tr>
        </thead>
        <tbody id="items"></tbody>
      </table>
    </div>
    <p id="items-note" class="note"></p>
  </section>`
}

function detail() {
  return html`<section id="detail" aria-labelledby="detail-title">
    <h2 id="detail-title" tabindex="-1">Timeline</h2>
    <div id="detail-body">
      <p class="note">Choose a peer or a hash to see its timeline.</p>
    </div>
  </section>`
}

function peers() {
  return html`<section aria-labelledby="peers-title">
    <h2 id="peers-title" tabindex="-1">Peers</h2>
    <div class="scroll tall">
      <table role="grid" aria-labelledby="peers-title">
        <thead>
          <tr>
            <th class="text" scope="col">
              <input type="checkbox" id="mark-all" aria-label="Mark all peers" />
            </th>
            <th class="text" scope="col">peer</th>
            <th class="text" scope="col">state</th>
            <th scope="col">head</th>
            <th class="text" scope="col">head hash</th>
            <th scope="col">pending</th>
            <th scope="col">queued</th>
            <th scope="col">tx mesh</th>
            <th scope="col">block mesh</th>
            <th scope="col">connected</th>
            <th scope="col">score, lowest</th>
            <th scope="col">mean</th>
            <th class="text" scope="col">JSON-RPC</th>
          </tr>
        </thead>
        <tbody id="peers"></tbody>
      </table>
    </div>
  </section>`
}

function members() {
  return html`<section aria-labelledby="members-title">
    <h2 id="members-title">Members</h2>
    <div class="scroll list" role="region" aria-label="Table of members" tabindex="0">
      <table aria-labelledby="members-title">
        <thead>
          <tr>
            <th class="text" scope="col">member</th>
            <th class="text" scope="col">state</th>
            <th class="text" scope="col">since</th>
            <th class="text" scope="col">told by</th>
            <th class="text" scope="col">role</th>
            <th scope="col">incarnation</th>
          </tr>
        </thead>
        <tbody id="members"></tbody>
      </table>
    </div>
    <p id="members-note" class="note"></p>
  </section>`
}

function events() {
  return html`<section aria-labelledby="events-title">
    <h2 id="events-title">Events</h2>
    <div role="log" aria-labelledby="events-title" tabindex="0">
      <ol id="events"></ol>
    </div>
  </section>`
}
