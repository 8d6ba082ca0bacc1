/** Small things that every part of the page needs: finding and making elements, writing figures. */

/**
 * An element of the page that is there from the start.
 *
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function element(id, type) {
  const found = document.getElementById(id)
  if (!(found instanceof type)) throw new Error(`the page has no ${id}`)
  return found
}

/** @typedef {Node | string} Child what an element can hold */

/**
 * Makes an HTML element.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string | number>} attributes
 * @param {Child[]} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function make(name, attributes, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value))
  made.append(...children)
  return made
}

/**
 * Makes an SVG element.
 *
 * @template {keyof SVGElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string | number>} attributes
 * @param {string} [text]
 * @returns {SVGElementTagNameMap[Name]}
 */
export function svg(name, attributes, text) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value))
  if (text !== undefined) made.textContent = text
  return made
}

/**
 * Writes only what is new, so that nothing is drawn or read out again.
 *
 * @param {Element} where
 * @param {string} text
 */
export function write(where, text) {
  if (where.textContent !== text) where.textContent = text
}

/**
 * A cell of a table.
 *
 * @param {Child} content
 * @param {string} [className]
 */
export function cell(content, className = '') {
  return make('td', className === '' ? {} : { class: className }, content)
}

/**
 * A button that looks like a link; `data-peer` or `data-hash` says what it opens.
 *
 * @param {string} text
 * @param {Record<string, string | number>} data
 */
export function opener(text, data) {
  return make('button', { class: 'link', type: 'button', ...data }, text)
}

/**
 * Opens a peer.
 *
 * @param {number} index
 */
export function peerOpener(index) {
  return opener(`peer ${index}`, { 'data-peer': index })
}

/**
 * Opens a transaction or block.
 *
 * @param {string} hash
 */
export function hashOpener(hash) {
  const button = opener(shortHash(hash), { 'data-hash': hash, title: hash })
  button.classList.add('mono')
  return button
}

/**
 * Begin and end of a hash.
 *
 * @param {string} hash
 */
export function shortHash(hash) {
  return `${hash.slice(0, 8)}…${hash.slice(-4)}`
}

/**
 * A duration as text, with its unit.
 *
 * @param {number | null} value in ms
 */
export function ms(value) {
  if (value === null) return '–'
  if (value >= 1000) return (value / 1000).toFixed(2) + ' s'
  return `${value.toFixed(value < 10 ? 2 : 1)} ms`
}

/**
 * A number as text; a dash where there is none.
 *
 * @param {number | null} value
 */
export function figure(value) {
  return value === null ? '–' : String(value)
}

/**
 * Hours, minutes and seconds where the page is.
 *
 * @param {number} atMs ms since 1970
 */
export function timeOfDay(atMs) {
  const at = new Date(atMs)
  const two = (/** @type {number} */ part) => String(part).padStart(2, '0')
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

/**
 * Replaces what is in `where` and keeps the keyboard's place in it: the element with the same key
 * has the focus after.
 *
 * @param {Element} where
 * @param {Child[]} children
 */
export function replaceKeepingFocus(where, ...children) {
  const focused = document.activeElement
  const key = focused !== null && where.contains(focused) ? keyOf(focused) : ''
  const alike = key === '' ? [] : focusable(where).filter((one) => keyOf(one) === key)
  const at = focused instanceof HTMLElement ? alike.indexOf(focused) : -1
  where.replaceChildren(...children)
  if (at < 0) return
  const again = focusable(where).filter((one) => keyOf(one) === key)
  ;(again[at] ?? again[0])?.focus({ preventScroll: true })
}

/** @param {Element} where */
function focusable(where) {
  const found = [...where.querySelectorAll('button, input, select, [tabindex]')]
  return found.filter((one) => one instanceof HTMLElement)
}

/** @param {Element} one */
function keyOf(one) {
  if (!(one instanceof HTMLElement)) return ''
  const { peer, hash, act } = one.dataset
  return peer ?? hash ?? act ?? one.id
}
