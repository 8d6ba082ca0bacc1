/** The buttons: what each asks of the server, and the answer. */
import { element, make, write } from './dom.js'
import { markedPeers } from './tables.js'

/**
 * @typedef {import('../model/terms.ts').PageAction} Action
 * @typedef {import('../model/terms.ts').ActionResult} ActionResult
 * @typedef {import('../model/terms.ts').PeerAction} PeerAction
 * @typedef {import('./store.js').ShownPeer} PeerRow
 */

const outcome = element('outcome', HTMLElement)
const marked = element('marked', HTMLElement)
const via = element('via', HTMLSelectElement)
const count = element('count', HTMLInputElement)
const submit = element('submit', HTMLButtonElement)
const heal = element('heal', HTMLButtonElement)
let isOver = false
const token = document.querySelector('meta[name="token"]')?.getAttribute('content') ?? ''

/** @type {(hashes: readonly string[]) => void} */
let onSubmitted = () => {}

/**
 * Sets who is called with the hashes of what was submitted on this page.
 *
 * @param {(hashes: readonly string[]) => void} listener
 */
export function whenSubmitted(listener) {
  onSubmitted = listener
}

/**
 * Asks the server for an action and says what came of it.
 *
 * @param {Action} action
 */
export async function act(action) {
  say(`${action.act} …`, false)
  try {
    const response = await fetch('/act', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-grapevine-token': token },
      body: JSON.stringify(action),
    })
    if (!response.ok) return say(await reasonOf(response), true)
    /** @type {ActionResult} */
    const result = await response.json()
    say(result.text, false)
    if (result.hashes !== undefined) onSubmitted(result.hashes)
  } catch {
    say('the devnet does not answer', true)
  }
}

/** @param {Response} response */
async function reasonOf(response) {
  const text = await response.text()
  try {
    return String(JSON.parse(text).error)
  } catch {
    return text
  }
}

/**
 * @param {string} text
 * @param {boolean} hasFailed
 */
function say(text, hasFailed) {
  outcome.classList.toggle('failed', hasFailed)
  write(outcome, hasFailed ? `Not done: ${text}` : text)
}

/**
 * Offers the running peers; after the end of the devnet nothing can be done.
 *
 * @param {readonly PeerRow[]} rows
 */
export function drawControls(rows) {
  const running = rows.filter(({ state }) => state !== 'gone' && state !== 'ended')
  isOver = rows.some(({ state }) => state === 'ended')
  for (const button of [submit, heal]) button.disabled = running.length === 0
  const names = running.map(({ index }) => String(index))
  const shown = [...via.options].map(({ value }) => value)
  if (names.join() !== shown.join()) {
    const chosen = via.value
    via.replaceChildren(...names.map((name) => make('option', { value: name }, `peer ${name}`)))
    if (names.includes(chosen)) via.value = chosen
  }
  drawMarked()
}

function drawMarked() {
  const peers = markedPeers()
  write(marked, peers.length === 0 ? 'No peer is marked' : `Marked: ${peers.join(', ')}`)
  for (const button of document.querySelectorAll('.group button'))
    if (button instanceof HTMLButtonElement) button.disabled = isOver || peers.length === 0
}

/** @param {string} text */
function isPeerAction(text) {
  return ['kill', 'restart', 'pause', 'resume', 'cut'].includes(text)
}

document.addEventListener('change', drawMarked)
document.addEventListener('click', ({ target }) => {
  const button = target instanceof Element ? target.closest('button[data-act]') : null
  if (!(button instanceof HTMLButtonElement)) return
  const name = button.dataset['act'] ?? ''
  if (!isPeerAction(name)) return
  const { on } = button.dataset
  const peers = on === undefined ? markedPeers() : [Number(on)]
  void act({ act: /** @type {PeerAction} */ (name), peers })
})
heal.addEventListener('click', () => void act({ act: 'heal' }))
element('submit-form', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault()
  void act({ act: 'submit', peer: Number(via.value), count: Number(count.value) })
})
