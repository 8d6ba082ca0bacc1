/** The page put together: the stream of events, what is chosen, what is drawn when. */
import { drawControls, whenSubmitted } from './actions.js'
import {
  drawEnd,
  drawNote,
  drawPeerDetail,
  drawTimeline,
  focusDetail,
  startTimeline,
} from './detail.js'
import { element, make, shortHash, timeOfDay, write } from './dom.js'
import { choose, drawNetwork } from './graph.js'
import { Store } from './store.js'
import { drawMembers } from './members.js'
import { drawItems, drawPeers, foundItems, selectRow } from './tables.js'
import { drawTiles } from './tiles.js'
import { hideWave, isPlaying, isStill, showWave, shownHash } from './wave.js'

/**
 * @typedef {import('../model/terms.ts').EventLine} EventLine
 * @typedef {import('../model/terms.ts').Wave} Wave
 */

const MAX_EVENTS = 200
/** A stream that is silent for so long is taken as lost. */
const QUIET_MS = 10_000
const AGAIN_MS = 1_500
/** What is chosen is read again so often. */
const REFRESH_MS = 2_000
/** A timeline that somebody chose is read so many times: what becomes of an item comes later. */
const TIMELINE_READS = 8
/** A followed wave stays to be looked at before the next. */
const HOLD_MS = 1_200

const store = new Store()
const status = element('status', HTMLElement)
const facts = element('facts', HTMLElement)
const eventList = element('events', HTMLOListElement)
const follow = element('follow', HTMLInputElement)
const drawing = element('graph', SVGSVGElement)

/** @type {{ peer: number } | { hash: string } | undefined} */
let selected
let readsLeft = 0
let heardAt = 0
let followedAt = 0
let lastEvent = 0

/**
 * @param {'live' | 'waiting' | 'ended'} state
 * @param {string} text
 */
function setStatus(state, text) {
  status.dataset['state'] = state
  write(status, text)
}

/**
 * What is shown may be over: the state says of when it is.
 *
 * @param {string} what
 */
function setLost(what) {
  const since =
    heardAt === 0 ? '' : `, the page shows ${timeOfDay(Date.now() - (performance.now() - heardAt))}`
  setStatus('waiting', `${what}${since}: trying again`)
}

function draw() {
  drawNetwork(new Map(store.rows.map((row) => [row.index, row])), store.places)
  drawTiles(store)
  drawPeers(store)
  drawMembers(store.members)
  drawItems(store)
  drawControls(store.rows)
  selectRow(
    selected !== undefined && 'hash' in selected ? selected.hash : undefined,
    selected !== undefined && 'peer' in selected ? selected.peer : undefined,
  )
}

/** @param {readonly EventLine[]} lines */
function addEvents(lines) {
  const added = lines.filter(({ number }) => number > lastEvent)
  lastEvent = added.at(-1)?.number ?? lastEvent
  const made = added.map(({ atMs, text }) =>
    make('li', {}, make('time', {}, timeOfDay(atMs)), text),
  )
  eventList.prepend(...made.reverse())
  while (eventList.children.length > MAX_EVENTS) eventList.lastElementChild?.remove()
}

function connect() {
  const stream = new EventSource('/events')
  stream.addEventListener('hello', ({ data }) => {
    const hello = JSON.parse(data)
    if (store.hello !== undefined && store.hello.run !== hello.run) return location.reload()
    heardAt = performance.now()
    store.start(hello)
    write(facts, `chain ${hello.chainId}, a block every ${hello.periodS} s`)
    setStatus('live', 'live')
    addEvents(hello.events)
    draw()
    if (selected === undefined) openAddressed(false)
  })
  stream.addEventListener('update', ({ data }) => {
    const update = JSON.parse(data)
    heardAt = performance.now()
    store.take(update)
    addEvents(update.events)
    draw()
    void followNewest()
  })
  stream.addEventListener('ended', ({ data }) => {
    store.hasEnded = true
    setStatus('ended', JSON.parse(data).text)
    drawEnd()
    draw()
  })
  stream.addEventListener('error', () => {
    if (!store.hasEnded) setLost('connection lost')
    if (stream.readyState === EventSource.CLOSED) setTimeout(connect, AGAIN_MS)
  })
}

/**
 * @template T
 * @param {string} path
 * @returns {Promise<T | undefined>} undefined where the server knows nothing or does not answer
 */
async function read(path) {
  try {
    const response = await fetch(path)
    return response.ok ? ((await response.json()) ?? undefined) : undefined
  } catch {
    return undefined
  }
}

/** @param {number} index */
async function openPeer(index) {
  selected = { peer: index }
  follow.checked = false
  setAddress(`#peer-${index}`)
  choose(index)
  hideWave()
  await refresh()
}

/**
 * @param {string} hash
 * @param {boolean} [isFollowed] shown because it is new, and not chosen by anyone
 */
async function openHash(hash, isFollowed = false) {
  selected = { hash }
  if (!isFollowed) {
    follow.checked = false
    setAddress(`#${hash}`)
  }
  choose(undefined)
  readsLeft = isFollowed ? 1 : TIMELINE_READS
  startTimeline(store.peers.size)
  await Promise.all([playWave(hash), refresh()])
}

/**
 * What a person chose has an address, so that Back leads to what was chosen before.
 *
 * @param {string} name
 */
function setAddress(name) {
  if (location.hash !== name) history.pushState(null, '', name)
}

/** Nothing is chosen, as when the page was opened. */
function closeChosen() {
  selected = undefined
  choose(undefined)
  hideWave()
  drawNote('Timeline', 'Choose a peer or a hash to see its timeline.')
  draw()
}

/** @param {string} hash */
async function playWave(hash) {
  /** @type {Wave | undefined} */
  const wave = await read(`/wave/${hash}`)
  if (selected === undefined || !('hash' in selected) || selected.hash !== hash) return
  if (wave === undefined) hideWave()
  else
    showWave(wave, () => {
      followedAt = performance.now()
    })
}

/** Reads what is chosen again. */
async function refresh() {
  const wanted = selected
  if (wanted === undefined || store.hasEnded) return
  if ('peer' in wanted) {
    const detail = await read(`/peer/${wanted.peer}`)
    if (wanted !== selected) return
    if (detail === undefined) drawNote(`Peer ${wanted.peer}`, 'Nothing is known of this peer.')
    else drawPeerDetail(/** @type {import('../model/terms.ts').PeerDetail} */ (detail))
  } else if (readsLeft-- > 0) {
    const timeline = await read(`/timeline/${wanted.hash}`)
    if (wanted !== selected) return
    if (timeline === undefined)
      drawNote(shortHash(wanted.hash), 'No peer that answers knows this hash.')
    else drawTimeline(/** @type {import('../model/terms.ts').MergedTimeline} */ (timeline))
  }
  draw()
}

/** Shows the newest finished transaction when the last one has been seen. */
async function followNewest() {
  if (!follow.checked || isPlaying() || performance.now() - followedAt < HOLD_MS) return
  const newest = store.items.find(({ kind, isDone }) => kind === 'tx' && isDone)
  if (newest === undefined || newest.hash === shownHash()) return
  await openHash(newest.hash, true)
}

/** @param {EventTarget | null} target */
function openTarget(target) {
  const found = target instanceof Element ? target.closest('[data-peer], [data-hash]') : null
  if (!(found instanceof HTMLElement || found instanceof SVGElement)) return false
  const { peer, hash } = found.dataset
  if (hash !== undefined) void openHash(hash).then(focusDetail)
  else if (peer !== undefined) {
    const isDrawn = found instanceof SVGElement
    void openPeer(Number(peer)).then(() => isDrawn || focusDetail())
  }
  return true
}

/**
 * Opens what the address names.
 *
 * @param {boolean} isAsked by the person, just now
 */
function openAddressed(isAsked) {
  const name = location.hash.slice(1)
  const peer = /^peer-(\d+)$/.exec(name)
  if (peer !== null) void openPeer(Number(peer[1]))
  else if (/^0x[0-9a-f]{64}$/.test(name)) void openHash(name)
  else if (isAsked) closeChosen()
  else follow.checked = !isStill()
}

document.addEventListener('click', ({ target }) => openTarget(target))
drawing.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' && event.key !== ' ') return
  if (!openTarget(event.target)) return
  event.preventDefault()
  focusDetail()
})
for (const name of ['tx', 'block', 'connected']) {
  const box = element(`show-${name}`, HTMLInputElement)
  box.addEventListener('change', () => drawing.classList.toggle(`hide-${name}`, !box.checked))
}
element('find', HTMLInputElement).addEventListener('input', () => drawItems(store))
element('find-form', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault()
  const query = element('find', HTMLInputElement).value.trim().toLowerCase()
  const hash = /^0x[0-9a-f]{64}$/.test(query) ? query : foundItems(store)[0]?.hash
  if (hash !== undefined) void openHash(hash).then(focusDetail)
})
window.addEventListener('popstate', () => openAddressed(true))
/**
 * Of a burst that was submitted here the first is looked at, unless something else was chosen
 * meanwhile.
 */
whenSubmitted(([first]) => {
  const before = selected
  setTimeout(() => {
    if (first !== undefined && selected === before) void openHash(first)
  }, HOLD_MS)
})
setInterval(() => void refresh(), REFRESH_MS)
setInterval(() => {
  if (!store.hasEnded && heardAt > 0 && performance.now() - heardAt > QUIET_MS) setLost('no answer')
}, QUIET_MS)
connect()
