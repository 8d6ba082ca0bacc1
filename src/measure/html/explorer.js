/**
 * The script of the page: choose a message, see who sent it to whom and when. It asks no network.
 *
 * @typedef {import('./messageData.ts').MessageData} MessageData
 * @typedef {import('./messageData.ts').MessageRow} MessageRow
 *
 * @typedef {object} Copy A node's first copy. Times in ms after the message entered.
 * @property {number} node
 * @property {number} from -1 where it came from outside the run
 * @property {number} receivedMs
 * @property {number} judgedMs
 * @property {number} hop 0 at the origin; -1 without a way back to it
 *
 * @typedef {object} Message
 * @property {string} kind
 * @property {string} hash
 * @property {number} origin
 * @property {number} atMs
 * @property {number} bytes
 * @property {number} others live nodes other than the origin when it entered
 * @property {number} copies
 * @property {Copy[]} first the origin's own first, then by arrival
 * @property {number} lastMs when the last node that got it had accepted it
 */

/**
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
function element(id, type) {
  const found = document.getElementById(id)
  if (!(found instanceof type)) throw new Error(`the page has no ${id}`)
  return found
}

const find = element('find', HTMLInputElement)
const order = element('order', HTMLSelectElement)
const list = element('messages', HTMLSelectElement)
const found = element('found', HTMLElement)
const facts = element('facts', HTMLElement)
const drawing = element('tree', SVGSVGElement)
const detail = element('detail', HTMLElement)
const rows = element('rows', HTMLTableSectionElement)

/** @type {MessageData} */
const data = JSON.parse(element('message-data', HTMLScriptElement).text)
const messages = data.messages.map(messageOf)

/** @type {Record<string, (a: Message, b: Message) => number>} */
const ORDERS = {
  slowest: (a, b) => b.lastMs - a.lastMs,
  earliest: (a, b) => a.atMs - b.atMs,
  fewest: (a, b) => a.first.length - b.first.length || b.lastMs - a.lastMs,
}

/**
 * @param {MessageRow} row
 * @returns {Message}
 */
function messageOf(row) {
  const [kind, hash, origin, atUs, bytes, others, copies, nodes, froms, arrivalUs, judgingUs] = row
  let us = 0
  /** @type {Copy[]} */
  const first = [{ node: origin, from: -1, receivedMs: 0, judgedMs: 0, hop: 0 }]
  for (const [at, node] of nodes.entries()) {
    us += arrivalUs[at] ?? 0
    const judgedMs = (us + (judgingUs[at] ?? 0)) / 1000
    first.push({ node, from: froms[at] ?? -1, receivedMs: us / 1000, judgedMs, hop: -1 })
  }
  setHops(first)
  const lastMs = Math.max(...first.map((copy) => copy.judgedMs))
  const name = kind === 0 ? 'transaction' : 'block'
  return { kind: name, hash, origin, atMs: atUs / 1000, bytes, others, copies, first, lastMs }
}

/** @param {Copy[]} first */
function setHops(first) {
  const children = childrenOf(first)
  /** @type {Copy[]} */
  const reached = first.slice(0, 1)
  for (let copy = reached.pop(); copy !== undefined; copy = reached.pop()) {
    for (const child of children.get(copy.node) ?? []) {
      child.hop = copy.hop + 1
      reached.push(child)
    }
  }
}

/**
 * @param {readonly Copy[]} first
 * @returns {Map<number, Copy[]>} by sender, in order of arrival
 */
function childrenOf(first) {
  /** @type {Map<number, Copy[]>} */
  const children = new Map()
  for (const copy of first.slice(1)) {
    const siblings = children.get(copy.from) ?? []
    siblings.push(copy)
    children.set(copy.from, siblings)
  }
  return children
}

/** @param {number} value in ms */
function msText(value) {
  return `${value.toFixed(value < 10 ? 2 : 1)} ms`
}

/**
 * @param {Message} message
 * @param {string} query
 */
function matches(message, query) {
  const node = /^(?:node|peer)\s*(\d+)$/.exec(query)
  if (node !== null) return message.origin === Number(node[1])
  if (data.regions[message.origin]?.toLowerCase() === query) return true
  return message.hash.includes(query) || message.kind.startsWith(query)
}

/** Fills the list with what the search finds, keeping the choice where it can. */
function fill() {
  const query = find.value.trim().toLowerCase()
  const shown = messages.filter((message) => query === '' || matches(message, query))
  shown.sort(ORDERS[order.value])
  const chosen = list.value
  list.replaceChildren(...shown.map(optionOf))
  list.value = shown.some(({ hash }) => hash === chosen) ? chosen : ''
  const left = data.left === 0 ? '' : `; ${data.left} more are in report.json only`
  found.textContent = `${shown.length} of ${messages.length} messages${left}`
}

/** @param {Message} message */
function optionOf({ hash, kind, origin, others, first, lastMs }) {
  const reached = `${first.length - 1}/${others}`
  const text = [
    hash.slice(0, 12),
    kind === 'block' ? 'block' : 'tx   ',
    `node ${origin}`.padEnd(8),
    reached.padStart(7),
    msText(lastMs).padStart(10),
  ]
  return new Option(text.join(' ').replaceAll(' ', '\u00a0'), hash)
}

/** @param {string} hash */
function show(hash) {
  const message = messages.find((one) => one.hash === hash)
  if (message === undefined) return
  list.value = hash
  facts.textContent = factsOf(message)
  draw(message)
  rows.replaceChildren(...message.first.map(rowOf))
}

/** @param {Message} message */
function factsOf({ kind, hash, origin, atMs, bytes, others, copies, first, lastMs }) {
  const deepest = Math.max(...first.map(({ hop }) => hop))
  const again = copies - (first.length - 1)
  const got = new Set(first.map(({ node }) => node))
  const missed = Array.from({ length: data.nodes }, (_, node) => node).filter((n) => !got.has(n))
  return [
    `${kind} ${hash}`,
    `entered at node ${origin} after ${(atMs / 1000).toFixed(3)} s, ${bytes} bytes`,
    `accepted by ${first.length - 1} of ${others} other live nodes within ${msText(lastMs)}, in at most ${deepest} hops`,
    `${again} duplicates`,
    ...(missed.length === 0 ? [] : [`never reached nodes ${missed.join(', ')}`]),
  ].join('; ')
}

/**
 * Where a node is, if the run has regions.
 *
 * @param {number} node
 */
function nameOf(node) {
  const region = data.regions[node] ?? ''
  return region === '' ? `node ${node}` : `${region} ${node}`
}

/** @param {Copy} copy */
function sentenceOf({ node, from, hop, receivedMs, judgedMs }) {
  const place = data.regions[node] ? ` (${data.regions[node]})` : ''
  if (hop === 0) return `node ${node}${place}: the message entered here`
  const sender = from === -1 ? 'from outside the run' : `from node ${from}`
  const depth = hop === -1 ? 'no way back to the origin' : `hop ${hop}`
  return `node ${node}${place}: ${sender}, ${depth}, received ${msText(receivedMs)}, accepted ${msText(judgedMs)}`
}

/** @param {Copy} copy */
function rowOf({ node, from, hop, receivedMs, judgedMs }) {
  const row = document.createElement('tr')
  const cells = [
    node,
    from === -1 ? '-' : from,
    hop === -1 ? '-' : hop,
    receivedMs.toFixed(3),
    judgedMs.toFixed(3),
    (judgedMs - receivedMs).toFixed(3),
  ]
  row.append(
    ...cells.map((text) => {
      const cell = document.createElement('td')
      cell.textContent = String(text)
      return cell
    }),
  )
  return row
}

/** Room for the names of the nodes. */
const LEFT = data.regions.length === 0 ? 72 : 132
const RIGHT = 24
const TOP = 26
const SVG = 'http://www.w3.org/2000/svg'

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {string} [text]
 */
function svg(name, attributes, text) {
  const made = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value))
  if (text !== undefined) made.textContent = text
  return made
}

/**
 * Every node is a line; it begins when its first copy came and is thick until it was judged. A thin
 * line comes down (or up) from the sender, at the moment that the sender had judged it. Senders
 * stand above those they sent it to.
 *
 * @param {Message} message
 */
function draw(message) {
  const step = message.first.length > 40 ? 13 : 18
  const width = Math.max(560, drawing.parentElement?.clientWidth ?? 0)
  const height = TOP + message.first.length * step + 8
  const scale = (width - LEFT - RIGHT) / Math.max(message.lastMs, 0.001)
  /** @param {number} timeMs */
  const x = (timeMs) => LEFT + timeMs * scale
  const lines = depthFirst(message)
  const lineOf = new Map(lines.map((copy, at) => [copy.node, TOP + (at + 0.5) * step]))
  const copyOf = new Map(lines.map((copy) => [copy.node, copy]))
  drawing.setAttribute('viewBox', `0 0 ${width} ${height}`)
  drawing.setAttribute('height', String(height))
  drawing.replaceChildren(
    ...axis(message.lastMs, x, height),
    ...lines.map((copy) => {
      const sender = copyOf.get(copy.from)
      return nodeLine(copy, x, lineOf.get(copy.node) ?? 0, {
        x: x(sender?.judgedMs ?? 0),
        y: lineOf.get(copy.from),
      })
    }),
  )
  const [first] = nodeLines()
  first?.setAttribute('tabindex', '0')
  mark(undefined)
}

/**
 * @param {Copy} copy
 * @param {(timeMs: number) => number} x
 * @param {number} y
 * @param {{ x: number, y: number | undefined }} sender where the line of the sender stands
 */
function nodeLine(copy, x, y, sender) {
  const [left, right] = [x(copy.receivedMs), x(copy.judgedMs)]
  const group = svg('g', {
    class: 'node',
    tabindex: -1,
    role: 'listitem',
    'data-node': copy.node,
    'data-from': copy.from,
    'aria-label': sentenceOf(copy),
  })
  const isSent = sender.y !== undefined
  group.append(
    svg('rect', { class: 'hit', x: 0, y: y - 7, width: right + 12, height: 14 }),
    svg('text', { x: LEFT - 12, y: y + 4, 'text-anchor': 'end' }, nameOf(copy.node)),
    ...(isSent ? [svg('path', { class: 'sent', d: `M${sender.x} ${sender.y}V${y}H${left}` })] : []),
    svg('line', { class: 'judging', x1: left, x2: Math.max(right, left + 1), y1: y, y2: y }),
    svg('circle', { cx: right, cy: y, r: copy.hop === 0 ? 5 : 3.5 }),
  )
  return group
}

/**
 * Each node after its sender; nodes without a way back to the origin last.
 *
 * @param {Message} message
 */
function depthFirst({ first }) {
  const children = childrenOf(first)
  /** @type {Copy[]} */
  const lines = []
  const waiting = first.slice(0, 1)
  for (let copy = waiting.pop(); copy !== undefined; copy = waiting.pop()) {
    lines.push(copy)
    waiting.push(...(children.get(copy.node) ?? []).toReversed())
  }
  return [...lines, ...first.filter(({ hop }) => hop === -1)]
}

/**
 * @param {number} lastMs
 * @param {(timeMs: number) => number} x
 * @param {number} height
 */
function axis(lastMs, x, height) {
  const rough = Math.max(lastMs, 0.001) / 6
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? rough
  const ticks = Array.from({ length: Math.floor(lastMs / step) + 1 }, (_, at) => at * step)
  return ticks.flatMap((ms) => [
    svg('line', { class: 'grid', x1: x(ms), x2: x(ms), y1: TOP - 6, y2: height }),
    svg(
      'text',
      { class: 'tick', x: x(ms), y: 12, 'text-anchor': 'middle' },
      ms === 0 ? '0 ms' : String(Number(ms.toPrecision(6))),
    ),
  ])
}

/** @returns {SVGGElement[]} */
function nodeLines() {
  return [...drawing.querySelectorAll('g.node')].filter((line) => line instanceof SVGGElement)
}

/** @param {SVGGElement | undefined} line whose way to the origin is shown */
function mark(line) {
  const lines = new Map(nodeLines().map((one) => [one.dataset['node'], one]))
  for (const one of lines.values()) one.classList.remove('path')
  drawing.classList.toggle('marked', line !== undefined)
  detail.textContent =
    line?.getAttribute('aria-label') ?? 'Point at a node, or move through them with the arrow keys.'
  for (let at = line; at !== undefined && !at.classList.contains('path');) {
    at.classList.add('path')
    at = lines.get(at.dataset['from'])
  }
}

/** @param {EventTarget | null} target */
function lineAt(target) {
  const line = target instanceof Element ? target.closest('g.node') : null
  return line instanceof SVGGElement ? line : undefined
}

/** @param {KeyboardEvent} event */
function move(event) {
  const lines = nodeLines()
  const here = lineAt(event.target)
  if (here === undefined) return
  const at = lines.indexOf(here)
  /** @type {Record<string, SVGGElement | undefined>} */
  const targets = {
    ArrowDown: lines[at + 1],
    ArrowUp: lines[at - 1],
    ArrowLeft: lines.find((one) => one.dataset['node'] === here.dataset['from']),
    ArrowRight: lines.find((one) => one.dataset['from'] === here.dataset['node']),
    Home: lines[0],
    End: lines.at(-1),
  }
  if (!(event.key in targets)) return
  event.preventDefault()
  const to = targets[event.key]
  if (to === undefined) return
  here.setAttribute('tabindex', '-1')
  to.setAttribute('tabindex', '0')
  to.focus()
}

/** Shows the message that the address names, if it names one. */
function showAddressed() {
  const hash = location.hash.slice(1)
  const isHere = messages.some((message) => message.hash === hash)
  if (isHere) show(hash)
  return isHere
}

find.addEventListener('input', fill)
order.addEventListener('change', fill)
list.addEventListener('change', () => {
  show(list.value)
  history.replaceState(null, '', `#${list.value}`)
})
drawing.addEventListener('pointerover', (event) => mark(lineAt(event.target)))
drawing.addEventListener('pointerleave', () => mark(lineAt(document.activeElement)))
drawing.addEventListener('focusin', (event) => mark(lineAt(event.target)))
drawing.addEventListener('keydown', move)
window.addEventListener('hashchange', () => {
  if (showAddressed()) element('message', HTMLElement).scrollIntoView()
})
new ResizeObserver(() => show(list.value)).observe(element('stage', HTMLElement))

fill()
if (!showAddressed()) show(list.options[0]?.value ?? '')
