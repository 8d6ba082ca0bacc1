/**
 * The tables of peers and of items. Rows are kept and changed in place, so that the keyboard's
 * place stays.
 */
import {
  cell,
  element,
  figure,
  hashOpener,
  make,
  ms,
  peerOpener,
  shortHash,
  timeOfDay,
  write,
} from './dom.js'
import { keepOneStop, moveByArrows } from './roving.js'
import { headsOf } from './tiles.js'

/**
 * @typedef {import('./store.js').Store} Store
 * @typedef {import('./store.js').ShownPeer} PeerRow
 * @typedef {import('./store.js').ItemRow} ItemRow
 */

const peerBody = element('peers', HTMLTableSectionElement)
const itemBody = element('items', HTMLTableSectionElement)
const itemNote = element('items-note', HTMLElement)
const find = element('find', HTMLInputElement)
const markAll = element('mark-all', HTMLInputElement)

/** @type {Map<number, HTMLTableRowElement>} */
const peerRows = new Map()
/** @type {Map<string, HTMLTableRowElement>} */
const itemRows = new Map()

/** Peers whose box is ticked. */
export function markedPeers() {
  const boxes = [...peerBody.querySelectorAll('input')]
  return boxes.filter((box) => box.checked).map((box) => Number(box.value))
}

/**
 * Draws the table of peers.
 *
 * @param {Store} store
 */
export function drawPeers(store) {
  const rows = store.rows
  const { head } = headsOf(rows.filter(({ state }) => state !== 'gone'))
  const peers = peerRows.size
  for (const row of rows) {
    const line = peerRows.get(row.index) ?? makePeerRow(row.index)
    const texts = peerTexts(row)
    for (const [at, text] of texts.entries()) {
      const where = line.cells[at + 2]
      if (where !== undefined) write(where, text)
    }
    const state = line.cells[2]
    if (state !== undefined) state.className = `text state state-${row.state}`
    const hash = line.cells[4]
    hash?.classList.toggle('state-gone', row.headHash !== null && row.headHash !== head)
  }
  if (peerRows.size !== peers) keepOneStop(peerBody)
}

/** @param {PeerRow} row */
function peerTexts(row) {
  return [
    row.state,
    figure(row.head),
    row.headHash === null ? '–' : shortHash(row.headHash),
    figure(row.pending),
    figure(row.queued),
    String(row.txMesh.length),
    String(row.blockMesh.length),
    String(row.connected.length),
    row.lowestScore === null ? '–' : row.lowestScore.toFixed(1),
    row.meanScore === null ? '–' : row.meanScore.toFixed(1),
    row.rpcUrl,
  ]
}

/** @param {number} index */
function makePeerRow(index) {
  const box = make('input', { type: 'checkbox', value: index, 'aria-label': `Mark peer ${index}` })
  const classes = ['text', '', 'text mono', '', '', '', '', '', '', '', 'text mono']
  const line = make(
    'tr',
    {},
    cell(box, 'text'),
    cell(peerOpener(index), 'text'),
    ...classes.map((name) => cell('', name)),
  )
  peerRows.set(index, line)
  const next = [...peerRows.keys()].sort((a, b) => a - b).find((other) => other > index)
  peerBody.insertBefore(line, (next !== undefined && peerRows.get(next)) || null)
  return line
}

/**
 * Those that the search finds, the newest first.
 *
 * @param {Store} store
 */
export function foundItems({ items }) {
  const query = find.value.trim().toLowerCase()
  return items.filter(({ hash, kind }) => hash.includes(query) || kind.startsWith(query))
}

/**
 * Draws the table of transactions and blocks.
 *
 * @param {Store} store
 */
export function drawItems(store) {
  const { items, unread } = store
  const shown = foundItems(store)
  const wanted = new Set(shown.map(({ hash }) => hash))
  for (const [hash, line] of itemRows) {
    if (wanted.has(hash)) continue
    line.remove()
    itemRows.delete(hash)
  }
  let place = itemBody.firstElementChild
  for (const item of shown) {
    const line = itemRows.get(item.hash) ?? makeItemRow(item)
    fillItem(line, item)
    if (line === place) place = place.nextElementSibling
    else itemBody.insertBefore(line, place)
  }
  keepOneStop(itemBody)
  const skipped = unread === 0 ? '' : `; ${unread} sightings came faster than they could be read`
  write(itemNote, `${shown.length} of the ${items.length} newest${skipped}`)
}

/** @param {ItemRow} item */
function makeItemRow({ hash, kind, atMs, origin }) {
  const line = make(
    'tr',
    {},
    cell(timeOfDay(atMs), 'text'),
    cell(kind, 'text'),
    cell(hashOpener(hash), 'text'),
    cell(`peer ${origin}`),
    ...Array.from({ length: 4 }, () => cell('')),
  )
  itemRows.set(hash, line)
  return line
}

/**
 * @param {HTMLTableRowElement} line
 * @param {ItemRow} item
 */
function fillItem(line, { reached, live, halfMs, allMs, duplicates, isDone, isUnsure }) {
  const plain = (/** @type {number | null} */ value) =>
    value === null ? '–' : ms(value).replace(/ ms$/, '')
  const texts = [
    `${isUnsure ? '≥' : ''}${reached}/${live}`,
    plain(halfMs),
    plain(allMs),
    String(duplicates),
  ]
  for (const [at, text] of texts.entries()) {
    const where = line.cells[at + 4]
    if (where !== undefined) write(where, text)
  }
  line.classList.toggle('odd', isDone && !isUnsure && reached < live)
  line.title = isUnsure ? 'Some sightings were skipped: open the hash to ask the peers' : ''
}

/**
 * Marks the rows of what is chosen.
 *
 * @param {string} [hash]
 * @param {number} [peer]
 */
export function selectRow(hash, peer) {
  for (const [one, line] of itemRows) line.setAttribute('aria-selected', String(one === hash))
  for (const [one, line] of peerRows) line.setAttribute('aria-selected', String(one === peer))
}

markAll.addEventListener('change', () => {
  for (const box of peerBody.querySelectorAll('input')) box.checked = markAll.checked
})
for (const body of [peerBody, itemBody]) moveByArrows(body)
