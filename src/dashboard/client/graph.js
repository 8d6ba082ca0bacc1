/** The drawing of the network: peers at their places, links between them, a wave on top. */
import { element, svg, write } from './dom.js'
import { linksOf } from './links.js'

/**
 * @typedef {import('./links.js').Link} Link
 * @typedef {import('./store.js').ShownPeer} PeerRow
 * @typedef {import('./store.js').Place} Place
 *
 * @typedef {{ x: number, y: number }} Point
 */

const WIDTH = 1000
const HEIGHT = 760
/** With more peers than this, lines are thin and pale. */
const MANY = 24
/** Of a peer among few, CSS pixels. */
const LEAST_RADIUS = 13
/** Of two meshes over one link each has its line, so far from the middle. */
const BESIDE = 2.6

/**
 * What stands beside a peer that is not simply running: colour alone would not do. @type
 * {Record<string, string>}
 */
const MARKS = {
  gone: '×',
  ended: '×',
  paused: '‖',
  cut: '✂',
  silent: '?',
  starting: '…',
  running: '',
}

const drawing = element('graph', SVGSVGElement)
const linkLayer = svg('g', { class: 'links' })
const waveLayer = svg('g', { class: 'wave' })
const peerLayer = svg('g', { class: 'peers' })
drawing.append(linkLayer, waveLayer, peerLayer)

/** @type {Map<number, SVGGElement>} */
const groups = new Map()
/** @type {readonly Place[]} */
let places = []
let drawnLinks = ''
/** @type {number | undefined} */
let chosen
/** The one that Tab reaches. */
let current = 0

/** The layer on which a wave is drawn. */
export const waves = waveLayer

/**
 * Where a peer is drawn.
 *
 * @param {number} index
 * @returns {Point}
 */
export function pointOf(index) {
  const [x, y] = places[index] ?? [0.5, 0.5]
  return { x: x * WIDTH, y: y * HEIGHT }
}

/**
 * The drawing of a peer, if it is drawn.
 *
 * @param {number} index
 */
export function groupOf(index) {
  return groups.get(index)
}

/**
 * Radius of a peer, in units of the drawing. Few peers stay large enough for a finger on a narrow
 * screen.
 */
export function radius() {
  const units = WIDTH / (drawing.clientWidth || WIDTH)
  const usual = Math.min(28, Math.max(17, 34 - places.length * 0.17))
  return places.length > MANY ? usual : Math.max(usual, LEAST_RADIUS * units)
}

/**
 * Draws peers and links; what did not change stays as it is.
 *
 * @param {ReadonlyMap<number, PeerRow>} peers
 * @param {readonly Place[]} newPlaces
 */
export function drawNetwork(peers, newPlaces) {
  const moved = newPlaces !== places
  places = newPlaces
  drawing.classList.toggle('many', peers.size > MANY)
  for (const row of peers.values()) drawPeer(row, moved)
  drawLinks(peers, moved)
}

/**
 * Marks the chosen peer.
 *
 * @param {number | undefined} index whose links stand out
 */
export function choose(index) {
  chosen = index
  drawing.classList.toggle('chosen', index !== undefined)
  for (const [one, group] of groups) group.classList.toggle('selected', one === index)
  for (const line of linkLayer.children) {
    const { a, b } = line instanceof SVGElement ? line.dataset : {}
    line.classList.toggle('mine', a === String(index) || b === String(index))
  }
  if (index !== undefined) setCurrent(index)
}

/**
 * Under a wave the links are pale.
 *
 * @param {boolean} isWaving
 */
export function setWaving(isWaving) {
  drawing.classList.toggle('waving', isWaving)
}

/**
 * @param {PeerRow} row
 * @param {boolean} moved
 */
function drawPeer(row, moved) {
  const { index } = row
  const isNew = !groups.has(index)
  const group = groups.get(index) ?? makePeer(index)
  if (moved || isNew) {
    const { x, y } = pointOf(index)
    group.setAttribute('transform', `translate(${x} ${y})`)
    size(group)
  }
  for (const name of Object.keys(MARKS)) group.classList.toggle(`state-${name}`, name === row.state)
  const [mark] = group.getElementsByClassName('mark')
  if (mark !== undefined) write(mark, MARKS[row.state] ?? '')
  const label = `peer ${index}, ${row.state}, head ${row.head ?? 'unknown'}, transaction mesh of ${row.txMesh.length}`
  if (group.getAttribute('aria-label') !== label) group.setAttribute('aria-label', label)
}

/** @param {number} index */
function makePeer(index) {
  const group = svg('g', {
    class: 'peer',
    role: 'button',
    tabindex: index === current ? 0 : -1,
    'data-peer': index,
  })
  group.append(
    svg('circle', { class: 'ring' }),
    svg('circle', { class: 'body' }),
    svg('text', { class: 'name', dy: '.35em' }, String(index)),
    svg('text', { class: 'mark' }),
  )
  groups.set(index, group)
  const next = [...groups.keys()].sort((a, b) => a - b).find((other) => other > index)
  peerLayer.insertBefore(group, (next !== undefined && groups.get(next)) || null)
  return group
}

/** @param {SVGGElement} group */
function size(group) {
  const r = radius()
  const [ring, body, name, mark] = group.children
  ring?.setAttribute('r', String(r + 5))
  body?.setAttribute('r', String(r))
  name?.setAttribute('font-size', String(r * 0.9))
  mark?.setAttribute('font-size', String(r * 1.1))
  mark?.setAttribute('x', String(r * 1.05))
  mark?.setAttribute('y', String(-r * 0.6))
}

/**
 * @param {ReadonlyMap<number, PeerRow>} peers
 * @param {boolean} moved
 */
function drawLinks(peers, moved) {
  const links = [...linksOf(peers).values()]
  const text = JSON.stringify(links)
  if (text === drawnLinks && !moved) return
  drawnLinks = text
  linkLayer.replaceChildren(...links.flatMap(linesOf))
  choose(chosen)
}

/** @param {Link} link */
function linesOf({ a, b, tx, block }) {
  const beside = tx && block ? BESIDE : 0
  return [
    ...(tx ? [line(a, b, 'tx', beside)] : []),
    ...(block ? [line(a, b, 'block', -beside)] : []),
    ...(tx || block ? [] : [line(a, b, 'connected', 0)]),
  ]
}

/**
 * @param {number} a
 * @param {number} b
 * @param {string} className
 * @param {number} beside
 */
function line(a, b, className, beside) {
  const [from, to] = [pointOf(a), pointOf(b)]
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1
  const [dx, dy] = [(-(to.y - from.y) / length) * beside, ((to.x - from.x) / length) * beside]
  return svg('line', {
    class: className,
    'data-a': a,
    'data-b': b,
    x1: from.x + dx,
    y1: from.y + dy,
    x2: to.x + dx,
    y2: to.y + dy,
  })
}

new ResizeObserver(() => {
  for (const group of groups.values()) size(group)
}).observe(drawing)

/** @param {number} index */
function setCurrent(index) {
  groups.get(current)?.setAttribute('tabindex', '-1')
  current = index
  groups.get(current)?.setAttribute('tabindex', '0')
}

/**
 * Arrow keys go to the peer that stands nearest in their direction; Home and End to the first and
 * last.
 */
drawing.addEventListener('keydown', (event) => {
  const to = targetOf(event.key)
  if (to === undefined) return
  event.preventDefault()
  setCurrent(to)
  groups.get(to)?.focus()
})

/** @param {string} key */
function targetOf(key) {
  const indexes = [...groups.keys()].sort((a, b) => a - b)
  if (key === 'Home') return indexes[0]
  if (key === 'End') return indexes.at(-1)
  /** @type {Record<string, Point>} */
  const ways = {
    ArrowRight: { x: 1, y: 0 },
    ArrowLeft: { x: -1, y: 0 },
    ArrowDown: { x: 0, y: 1 },
    ArrowUp: { x: 0, y: -1 },
  }
  const way = ways[key]
  return way === undefined ? undefined : nearest(indexes, way)
}

/**
 * @param {readonly number[]} indexes
 * @param {Point} way
 */
function nearest(indexes, way) {
  const here = pointOf(current)
  let best = { index: current, cost: Infinity }
  for (const index of indexes) {
    const { x, y } = pointOf(index)
    const [dx, dy] = [x - here.x, y - here.y]
    const ahead = dx * way.x + dy * way.y
    const aside = Math.abs(dx * way.y) + Math.abs(dy * way.x)
    const cost = ahead + 2 * aside
    if (ahead > 1 && cost < best.cost) best = { index, cost }
  }
  return best.index
}
