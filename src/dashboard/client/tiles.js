/** The figures at the top of the page. */
import { element, figure, ms, shortHash, svg, write } from './dom.js'

/**
 * @typedef {import('./store.js').Store} Store
 * @typedef {import('./store.js').ShownPeer} PeerRow
 * @typedef {import('../model/terms.ts').KindWindow} KindWindow
 * @typedef {import('../model/terms.ts').NetworkView} NetworkView
 * @typedef {import('../model/terms.ts').PairFigures} PairFigures
 */

/** Size of a sparkline's drawing. */
const WIDTH = 120
const HEIGHT = 28

/**
 * Draws the figures. After the end of the devnet they are those of its end.
 *
 * @param {Store} store
 */
export function drawTiles(store) {
  const rows = store.rows
  const live = rows.filter(({ state }) => state !== 'gone')
  if (store.hasEnded) fill('tile-peers', `0 of ${rows.length} running`, 'the devnet has ended')
  else peersTile(rows, live)
  headTile(live)
  finalityTile(live)
  poolTile(live)
  networkTile('tile-network-tx', store.network?.tx)
  networkTile('tile-network-block', store.network?.block)
  if (store.latency === undefined) return
  latencyTile('tile-tx', 'transactions', store.latency.tx)
  latencyTile('tile-block', 'blocks', store.latency.block)
}

/**
 * @param {string} id
 * @param {string} value
 * @param {string} more
 */
function fill(id, value, more) {
  const tile = element(id, HTMLElement)
  const [bold, small] = tile.children
  if (bold !== undefined) write(bold, value)
  if (small !== undefined) write(small, more)
}

/**
 * @param {readonly PeerRow[]} rows
 * @param {readonly PeerRow[]} live
 */
function peersTile(rows, live) {
  const others = new Map()
  for (const { state } of rows)
    if (state !== 'running') others.set(state, (others.get(state) ?? 0) + 1)
  const odd = [...others].map(([state, count]) => `${count} ${state}`).join(', ')
  const meshes = live.map(({ txMesh }) => txMesh.length).sort((a, b) => a - b)
  const mesh = live.length === 0 ? '' : `mesh degree ${meshes[0]} to ${meshes.at(-1)}`
  const running = rows.filter(({ state }) => state === 'running').length
  fill('tile-peers', `${running} of ${rows.length} running`, odd === '' ? mesh : `${odd}; ${mesh}`)
}

/** @param {readonly PeerRow[]} live */
function headTile(live) {
  const { most, hashes, head } = headsOf(live)
  const known = live.filter(({ headHash }) => headHash !== null).length
  const text =
    hashes === 1
      ? `all ${known} agree: ${shortHash(head)}`
      : `${most} of ${known} at ${shortHash(head)}; ${hashes} heads`
  const number = live.reduce((top, { head: one }) => Math.max(top, one ?? 0), 0)
  fill('tile-head', `block ${number}`, known === 0 ? 'no answer yet' : text)
}

/**
 * The head that most have.
 *
 * @param {readonly PeerRow[]} live
 */
export function headsOf(live) {
  const counts = new Map()
  for (const { headHash } of live)
    if (headHash !== null) counts.set(headHash, (counts.get(headHash) ?? 0) + 1)
  const [head = '', most = 0] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? []
  return { head, most, hashes: counts.size }
}

/**
 * What every peer holds final, and what the first one holds justified.
 *
 * @param {readonly PeerRow[]} live
 */
function finalityTile(live) {
  const finals = live.flatMap((row) => row.finalized ?? [])
  if (finals.length === 0) return fill('tile-finality', '–', 'no answer yet')
  const most = (/** @type {'justified' | 'evidence'} */ what) =>
    live.reduce((top, row) => Math.max(top, row[what] ?? 0), 0)
  const evidence = most('evidence')
  const proofs = `${evidence} contradiction${evidence === 1 ? '' : 's'} of signers`
  fill(
    'tile-finality',
    `block ${Math.min(...finals)}`,
    `final at all; block ${most('justified')} justified; ${evidence === 0 ? 'no contradictions' : proofs}`,
  )
}

/** @param {readonly PeerRow[]} live */
function poolTile(live) {
  const pending = live.flatMap((row) => row.pending ?? [])
  const queued = live.flatMap((row) => row.queued ?? [])
  const span = (/** @type {number[]} */ values) => {
    const [least, most] = [Math.min(...values), Math.max(...values)]
    return least === most ? String(least) : `${least} to ${most}`
  }
  if (pending.length === 0) return fill('tile-pool', '–', 'no answer yet')
  return fill('tile-pool', `${span(pending)} pending`, `${span(queued)} queued`)
}

/**
 * @param {string} id
 * @param {string} name
 * @param {KindWindow} window
 */
function latencyTile(id, name, window) {
  const { items, all, seconds } = window
  const value = all.p50 === null ? '–' : `p50 ${percentileText(all.p50)}`
  fill(id, value, items === 0 ? noneText(window) : latencyText(window))
  const spark = element(id, HTMLElement).querySelector('svg')
  if (spark !== null) drawSpark(spark, name, seconds)
}

/**
 * What the network answers without a collector, and what was collected of the same minute.
 *
 * @param {string} id
 * @param {NetworkView | undefined} view
 */
function networkTile(id, view) {
  if (view === undefined) return fill(id, '–', 'asked every 15 s')
  const { network, collector, nodes } = view
  const value = network.p50 === null ? '–' : `p50 ${ms(network.p50)}`
  const who = nodes === null ? 'the peers' : `${nodes} peers`
  return fill(
    id,
    value,
    `${pairText(network)} by ${who}; collected: p50 ${ms(collector.p50)}, ${pairText(collector)}`,
  )
}

/** @param {PairFigures} figures */
function pairText({ p99, coverage }) {
  const share = coverage === null ? '–' : `${Math.round(1000 * coverage) / 10} %`
  return `p99 ${ms(p99)}, coverage ${share}`
}

/** @param {KindWindow} window */
function latencyText({ items, incomplete, unsure, all, half }) {
  return [
    `p90 ${percentileText(all.p90)}, p99 ${percentileText(all.p99)}`,
    `to half p50 ${percentileText(half.p50)}`,
    `${items - incomplete} of ${items} in 60 s reached all`,
    ...(unsure === 0 ? [] : [`${unsure} more could not be followed`]),
  ].join('; ')
}

/** @param {KindWindow} window */
function noneText({ unsure }) {
  return unsure === 0 ? 'none in the last minute' : `${unsure} in 60 s could not be followed`
}

/** @param {number | 'never' | null} value in ms */
function percentileText(value) {
  return value === 'never' ? 'never' : ms(value)
}

/**
 * @param {SVGSVGElement} spark
 * @param {string} name
 * @param {readonly (number | null)[]} seconds
 */
function drawSpark(spark, name, seconds) {
  const values = seconds.filter((value) => value !== null)
  const most = Math.max(0, ...values)
  const label = `${name}: median time to all peers in each of the last ${seconds.length} seconds, at most ${figure(values.length === 0 ? null : Math.round(most))} ms`
  spark.setAttribute('aria-label', label)
  const x = (/** @type {number} */ at) => (at / Math.max(1, seconds.length - 1)) * WIDTH
  const y = (/** @type {number} */ value) => HEIGHT - 2 - (value / (most || 1)) * (HEIGHT - 5)
  let path = ''
  let isDrawing = false
  for (const [at, value] of seconds.entries()) {
    if (value === null) continue
    path += `${isDrawing ? 'L' : 'M'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`
    isDrawing = true
  }
  const dots = seconds.length - values.length > seconds.length / 2
  spark.replaceChildren(
    svg('path', { d: path }),
    ...(dots
      ? [...seconds.entries()].flatMap(([at, value]) =>
          value === null ? [] : [svg('circle', { cx: x(at), cy: y(value), r: 1.2 })],
        )
      : []),
  )
}
