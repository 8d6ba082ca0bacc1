/**
 * A table of many buttons is one stop of the Tab key: arrow keys move inside it, Home and End go to
 * its first and last row (the pattern "grid" of the WAI-ARIA Authoring Practices).
 */

/** @type {WeakMap<HTMLTableSectionElement, HTMLElement>} */
const stops = new WeakMap()

/**
 * Makes the rows of a table one Tab stop.
 *
 * @param {HTMLTableSectionElement} body
 */
export function moveByArrows(body) {
  body.addEventListener('keydown', (event) => {
    const to = targetOf(body, event)
    if (to === undefined) return
    event.preventDefault()
    to.focus()
  })
  body.addEventListener('focusin', ({ target }) => {
    if (target instanceof HTMLElement) stops.set(body, target)
    keepOneStop(body)
  })
  keepOneStop(body)
}

/**
 * To be called when rows came or went: exactly one of what they hold can be reached by Tab.
 *
 * @param {HTMLTableSectionElement} body
 */
export function keepOneStop(body) {
  const all = controlsIn(body)
  const last = stops.get(body)
  const stop = last !== undefined && all.includes(last) ? last : all[0]
  for (const one of all) one.tabIndex = one === stop ? 0 : -1
}

/** @param {Element} where */
function controlsIn(where) {
  const found = [...where.querySelectorAll('button, input')]
  return found.filter((one) => one instanceof HTMLElement)
}

/**
 * @param {HTMLTableSectionElement} body
 * @param {KeyboardEvent} event
 */
function targetOf(body, { target, key }) {
  const row = target instanceof Element ? target.closest('tr') : null
  if (row === null || !(target instanceof HTMLElement)) return undefined
  const rows = [...body.rows].filter((one) => controlsIn(one).length > 0)
  const mine = controlsIn(row)
  const [line, place] = [rows.indexOf(row), mine.indexOf(target)]
  if (key === 'ArrowLeft') return mine[place - 1]
  if (key === 'ArrowRight') return mine[place + 1]
  /** @type {Record<string, HTMLTableRowElement | undefined>} */
  const ways = {
    ArrowDown: rows[line + 1],
    ArrowUp: rows[line - 1],
    Home: rows[0],
    End: rows.at(-1),
  }
  const to = ways[key]
  if (to === undefined) return undefined
  const controls = controlsIn(to)
  return controls[place] ?? controls[0]
}
