/**
 * The table of the members of the network, as one peer holds them. Rows are kept and changed in
 * place.
 */
import { cell, element, make, peerOpener, shortHash, timeOfDay, write } from './dom.js'

/** @typedef {import('../model/terms.ts').MemberRow} MemberRow */
/** @typedef {import('../model/terms.ts').MembersView} MembersView */

const body = element('members', HTMLTableSectionElement)
const note = element('members-note', HTMLElement)

/** @type {Map<string, HTMLTableRowElement>} */
const lines = new Map()

/**
 * Draws the table of members.
 *
 * @param {MembersView | null} view
 */
export function drawMembers(view) {
  const rows = view?.rows ?? []
  const known = new Set(rows.map(({ peerId }) => peerId))
  for (const [peerId, line] of lines) {
    if (known.has(peerId)) continue
    line.remove()
    lines.delete(peerId)
  }
  for (const row of rows) fill(lines.get(row.peerId) ?? makeLine(row), row)
  write(note, view === null ? 'No peer has told yet.' : noteOf(view))
}

/** @param {MembersView} view */
function noteOf({ by, rows, total }) {
  const live = rows.filter(({ state }) => state === 'alive' || state === 'suspect').length
  const shown = rows.length === total ? '' : `; ${rows.length} are shown`
  return `As peer ${by} holds them: ${total} members${shown}, ${live} live`
}

/** @param {MemberRow} row */
function makeLine({ peer, peerId }) {
  const name = peer === null ? shortHash(peerId) : peerOpener(peer)
  const line = make(
    'tr',
    {},
    cell(name, 'text'),
    cell('', 'text'),
    cell('', 'text'),
    cell('', 'text'),
    cell('', 'text'),
    cell(''),
  )
  lines.set(peerId, line)
  body.append(line)
  return line
}

/**
 * @param {HTMLTableRowElement} line
 * @param {MemberRow} row
 */
function fill(line, { state, sinceMs, toldBy, role, incarnation }) {
  const texts = [state, timeOfDay(sinceMs), toldBy, role, String(incarnation)]
  for (const [at, text] of texts.entries()) {
    const where = line.cells[at + 1]
    if (where !== undefined) write(where, text)
  }
  const first = line.cells[1]
  if (first !== undefined) first.className = `text state member-${state}`
}
