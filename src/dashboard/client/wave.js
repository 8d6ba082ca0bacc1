/**
 * One item as it spreads: first copies on their way along the links, slowed down so that a person
 * can see them.
 */
import { element, ms, shortHash, svg, write } from './dom.js'
import { groupOf, pointOf, radius, setWaving, waves } from './graph.js'

/**
 * @typedef {import('../model/terms.ts').Wave} Wave
 * @typedef {import('../model/terms.ts').Arrival} Arrival
 *
 * @typedef {object} Flight A first copy on its way.
 * @property {Arrival} arrival
 * @property {number} leftMs when the sender had judged it
 * @property {SVGLineElement} line
 * @property {SVGCircleElement} dot
 */

/** A wave takes so long on the screen, however long it took. */
const SHOWN_MS = 4_000
/** Steps of the slider. */
const STEPS = 1_000

const play = element('play', HTMLButtonElement)
const slider = element('moment', HTMLInputElement)
const moment = element('moment-text', HTMLOutputElement)
const text = element('wave-text', HTMLElement)
const still = matchMedia('(prefers-reduced-motion: reduce)')

/** @type {Wave | undefined} */
let wave
/** @type {Flight[]} */
let flights = []
let lastMs = 0
let shownMs = 0
let frame = 0
let onEnd = () => {}

/** Whether the person asked for no motion. */
export function isStill() {
  return still.matches
}

/** Whether a wave is moving. */
export function isPlaying() {
  return frame !== 0
}

/** The hash of the wave that is shown. */
export function shownHash() {
  return wave?.hash
}

/**
 * Shows a wave: plays it, or shows its end where no motion is wanted.
 *
 * @param {Wave} next
 * @param {() => void} [whenDone]
 */
export function showWave(next, whenDone = () => {}) {
  stop()
  clear()
  wave = next
  lastMs = Math.max(0.001, ...next.arrivals.map(({ judgedMs }) => judgedMs))
  flights = next.arrivals.flatMap((arrival) => flightOf(arrival, next))
  waves.replaceChildren(...flights.flatMap(({ line, dot }) => [line, dot]))
  for (const control of [play, slider]) control.disabled = false
  setWaving(true)
  write(text, sentenceOf(next))
  onEnd = whenDone
  if (isStill()) at(lastMs)
  else start()
}

/** Takes the wave away. */
export function hideWave() {
  stop()
  clear()
  wave = undefined
  for (const control of [play, slider]) control.disabled = true
  setWaving(false)
  write(text, '')
  write(moment, '')
}

/** @param {Wave} shown */
function sentenceOf({ kind, hash, origin, reached, live, duplicates }) {
  const slower = Math.max(1, Math.round(SHOWN_MS / lastMs))
  const what = `${kind === 'tx' ? 'transaction' : 'block'} ${shortHash(hash)}`
  const pace = isStill() ? '' : `, shown ${slower} times slower`
  return `${what}: entered at peer ${origin}, accepted by ${reached} of ${live} within ${ms(lastMs)}${pace}; ${duplicates} duplicates`
}

/**
 * @param {Arrival} arrival
 * @param {Wave} from
 * @returns {Flight[]}
 */
function flightOf(arrival, { arrivals }) {
  const sender = arrivals.find(({ peer }) => peer === arrival.from)
  if (sender === undefined) return []
  const [a, b] = [pointOf(sender.peer), pointOf(arrival.peer)]
  const line = svg('line', { class: 'sent', x1: a.x, y1: a.y, x2: a.x, y2: a.y })
  const dot = svg('circle', { class: 'dot', r: radius() * 0.32, cx: a.x, cy: a.y })
  const leftMs = Math.min(sender.judgedMs, arrival.receivedMs)
  dot.dataset['to'] = String(arrival.peer)
  line.dataset['x'] = String(b.x)
  line.dataset['y'] = String(b.y)
  return [{ arrival, leftMs, line, dot }]
}

/** @param {number} timeMs after entry */
function at(timeMs) {
  shownMs = timeMs
  slider.value = String(Math.round((timeMs / lastMs) * STEPS))
  write(moment, ms(timeMs))
  slider.setAttribute('aria-valuetext', ms(timeMs))
  for (const flight of flights) place(flight, timeMs)
  for (const arrival of wave?.arrivals ?? []) {
    const classes = groupOf(arrival.peer)?.classList
    classes?.toggle('judging', arrival.receivedMs <= timeMs && timeMs < arrival.judgedMs)
    classes?.toggle('reached', arrival.judgedMs <= timeMs)
    classes?.toggle('origin', arrival.peer === wave?.origin)
  }
}

/**
 * @param {Flight} flight
 * @param {number} timeMs
 */
function place({ arrival, leftMs, line, dot }, timeMs) {
  const took = Math.max(arrival.receivedMs - leftMs, 1e-6)
  const share = Math.min(1, Math.max(0, (timeMs - leftMs) / took))
  const [x1, y1] = [Number(line.getAttribute('x1')), Number(line.getAttribute('y1'))]
  const x = x1 + (Number(line.dataset['x']) - x1) * share
  const y = y1 + (Number(line.dataset['y']) - y1) * share
  line.setAttribute('x2', String(x))
  line.setAttribute('y2', String(y))
  dot.setAttribute('cx', String(x))
  dot.setAttribute('cy', String(y))
  dot.setAttribute('visibility', share > 0 && share < 1 ? 'visible' : 'hidden')
}

function start() {
  const fromMs = shownMs >= lastMs ? 0 : shownMs
  let begun = 0
  write(play, 'Pause')
  const step = (/** @type {number} */ now) => {
    begun ||= now
    const timeMs = fromMs + ((now - begun) / SHOWN_MS) * lastMs
    at(Math.min(timeMs, lastMs))
    if (timeMs < lastMs) frame = requestAnimationFrame(step)
    else {
      stop()
      onEnd()
    }
  }
  frame = requestAnimationFrame(step)
}

function stop() {
  cancelAnimationFrame(frame)
  frame = 0
  write(play, shownMs >= lastMs ? 'Replay' : 'Play')
}

function clear() {
  for (const { peer } of wave?.arrivals ?? [])
    groupOf(peer)?.classList.remove('judging', 'reached', 'origin')
  waves.replaceChildren()
  flights = []
  shownMs = 0
}

play.addEventListener('click', () => {
  if (isPlaying()) stop()
  else start()
})
slider.addEventListener('input', () => {
  stop()
  at((Number(slider.value) / STEPS) * lastMs)
})
