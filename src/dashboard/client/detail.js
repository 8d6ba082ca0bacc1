/** The chosen peer, or the timeline of the chosen hash. */
import {
  cell,
  element,
  figure,
  hashOpener,
  make,
  ms,
  peerOpener,
  replaceKeepingFocus,
  timeOfDay,
  write,
} from './dom.js'
import { moveByArrows } from './roving.js'

/**
 * @typedef {import('../model/terms.ts').PeerDetail} PeerDetail
 * @typedef {import('../model/terms.ts').ConnectionRow} ConnectionRow
 * @typedef {import('../model/terms.ts').SightingRow} SightingRow
 * @typedef {import('../model/terms.ts').MergedTimeline} MergedTimeline
 * @typedef {import('../model/terms.ts').TimelineEvent} TimelineEvent
 * @typedef {import('./store.js').ShownPeer} PeerRow
 * @typedef {Omit<PeerDetail, 'row'> & { readonly row: PeerRow }} ShownDetail
 */

/** A timeline of more peers than this begins with its first copies alone. */
const MANY = 16

const title = element('detail-title', HTMLElement)
const body = element('detail-body', HTMLElement)
let showsAll = true
/** @type {ShownDetail | undefined} */
let shownPeer

/**
 * Draws a peer with its connections and last sightings.
 *
 * @param {ShownDetail} detail
 */
export function drawPeerDetail(detail) {
  shownPeer = detail
  const { row, connections, sightings } = detail
  write(title, `Peer ${row.index}: ${row.state}`)
  replaceKeepingFocus(
    body,
    peerButtons(row),
    make(
      'p',
      { class: 'note' },
      `head ${figure(row.head)}, pool ${figure(row.pending)} pending and ${figure(row.queued)} queued, pid ${row.pid}, `,
      make('span', { class: 'mono' }, row.peerId),
    ),
    make('h3', {}, `Connected to ${connections.length}`),
    tableOf(
      ['peer', 'mesh', 'dialled', 'score it gives', 'score it gets', 'round trip'],
      connections.map((one) => connectionRow(one, row)),
      'Connections',
    ),
    make('h3', {}, 'Last sightings'),
    tableOf(
      ['at', 'kind', 'hash', 'from', 'judging', 'verdict'],
      sightings.map(sightingRow),
      'Last sightings',
    ),
  )
}

/** @param {PeerRow} row */
function peerButtons({ index, state }) {
  const isGone = state === 'gone' || state === 'ended'
  const isPaused = state === 'paused'
  /** @type {[string, string, boolean][]} */
  const buttons = [
    ['kill', 'Kill', !isGone],
    ['restart', 'Restart', state === 'gone'],
    ['pause', 'Pause', !isGone && !isPaused],
    ['resume', 'Resume', isPaused],
    ['cut', 'Cut off', !isGone && !isPaused],
  ]
  const made = buttons.map(([act, text, isOn]) => {
    const button = make('button', { type: 'button', 'data-act': act, 'data-on': index }, text)
    button.disabled = !isOn
    return button
  })
  return make('div', { class: 'buttons', role: 'group', 'aria-label': `Peer ${index}` }, ...made)
}

/**
 * @param {ConnectionRow} connection
 * @param {PeerRow} row
 */
function connectionRow({ peer, peerId, direction, score, scoreBack, roundTripMs }, row) {
  const meshes = [
    ...(peer !== null && row.txMesh.includes(peer) ? ['tx'] : []),
    ...(peer !== null && row.blockMesh.includes(peer) ? ['block'] : []),
  ]
  return [
    cell(peer === null ? peerId.slice(-8) : peerOpener(peer), 'text'),
    cell(meshes.length === 0 ? '–' : meshes.join(', '), 'text'),
    cell(direction === 'outbound' ? 'by it' : 'by the other', 'text'),
    cell(score === null ? '–' : score.toFixed(2)),
    cell(scoreBack === null ? '–' : scoreBack.toFixed(2)),
    cell(ms(roundTripMs)),
  ]
}

/** @param {SightingRow} sighting */
function sightingRow({ atMs, kind, hash, from, judgingMs, action, reason }) {
  return [
    cell(timeOfDay(atMs), 'text'),
    cell(kind, 'text'),
    cell(hashOpener(hash), 'text'),
    cell(/^\d+$/.test(from) ? peerOpener(Number(from)) : from, 'text'),
    cell(ms(judgingMs)),
    cell(reason === '' ? action : `${action}: ${reason}`, 'text'),
  ]
}

/** The devnet has ended, and the peer that is shown with it. */
export function drawEnd() {
  if (shownPeer === undefined || shownPeer.row.state === 'gone') return
  drawPeerDetail({ ...shownPeer, row: { ...shownPeer.row, state: 'ended' } })
}

/**
 * Draws the timeline of a transaction or block.
 *
 * @param {MergedTimeline} timeline
 */
export function drawTimeline(timeline) {
  shownPeer = undefined
  const { hash, kind, atMs, knownTo, answered, events, omitted } = timeline
  write(title, `${kind === 'tx' ? 'Transaction' : 'Block'} ${hash}`)
  const shown = showsAll ? events : events.filter(isMain)
  const more = omitted === 0 ? '' : `; ${omitted} more events are left out`
  replaceKeepingFocus(
    body,
    make(
      'p',
      { class: 'note' },
      `Entered at ${timeOfDay(atMs)}; ${knownTo.length} of the ${answered} peers that answered know it${more}.`,
    ),
    allBox(timeline),
    tableOf(
      ['ms after entry', 'peer', 'what'],
      shown.map(({ atMs: afterMs, peer, text }) => [
        cell(afterMs.toFixed(3)),
        cell(peerOpener(peer), 'text'),
        cell(text, 'text wide'),
      ]),
      'Timeline',
    ),
  )
}

/** @param {TimelineEvent} event */
function isMain({ kind }) {
  return kind === 'first' || kind === 'verdict'
}

/** @param {MergedTimeline} timeline */
function allBox(timeline) {
  const box = make('input', { type: 'checkbox', id: 'all-events' })
  box.checked = showsAll
  box.addEventListener('change', () => {
    showsAll = box.checked
    drawTimeline(timeline)
  })
  return make('label', {}, box, ' with duplicates, forwarding and fates')
}

/**
 * Says whether the next timeline begins with all its events.
 *
 * @param {number} peers in the network: the timeline of many peers begins short
 */
export function startTimeline(peers) {
  showsAll = peers <= MANY
}

/**
 * A sentence in place of a timeline.
 *
 * @param {string} heading
 * @param {string} text
 */
export function drawNote(heading, text) {
  shownPeer = undefined
  write(title, heading)
  body.replaceChildren(make('p', { class: 'note' }, text))
}

/** The keyboard goes on from the chosen peer or timeline. */
export function focusDetail() {
  title.focus({ preventScroll: true })
  title.scrollIntoView({ block: 'nearest' })
}

/**
 * @param {readonly string[]} heads
 * @param {readonly HTMLTableCellElement[][]} rows
 * @param {string} name
 */
function tableOf(heads, rows, name) {
  const classes = rows[0]?.map((one) => one.className) ?? []
  const head = make(
    'tr',
    {},
    ...heads.map((text, at) => make('th', { scope: 'col', class: classes[at] ?? 'text' }, text)),
  )
  const tableBody = make('tbody', {}, ...rows.map((cells) => make('tr', {}, ...cells)))
  const table = make(
    'table',
    { role: 'grid', 'aria-label': name },
    make('thead', {}, head),
    tableBody,
  )
  moveByArrows(tableBody)
  return make('div', { class: 'scroll' }, table)
}
