/**
 * What the page knows, as the server sent it.
 *
 * @typedef {import('../model/terms.ts').Hello} Hello
 * @typedef {import('../model/terms.ts').Update} Update
 * @typedef {import('../model/terms.ts').PeerRow} PeerRow
 * @typedef {import('../model/terms.ts').ItemRow} ItemRow
 * @typedef {import('../model/terms.ts').Point} Place
 * @typedef {import('../model/terms.ts').EventLine} EventLine
 * @typedef {import('../model/terms.ts').LatencyWindow} LatencyWindow
 * @typedef {import('../model/terms.ts').MembersView} MembersView
 * @typedef {import('../model/terms.ts').NetworkViews} NetworkViews
 *
 * @typedef {Omit<PeerRow, 'state'> & { readonly state: PeerRow['state'] | 'ended' }} ShownPeer a
 *   peer that ended with its devnet is no peer that was lost
 */

const MAX_ITEMS = 100

/** The state of the page. */
export class Store {
  /** @type {Hello | undefined} */
  hello
  /** @type {Map<number, PeerRow>} */
  peers = new Map()
  /** Newest first. @type {ItemRow[]} */
  items = []
  /** @type {readonly Place[]} */
  places = []
  /** @type {LatencyWindow | undefined} */
  latency
  /** @type {MembersView | null} */
  members = null
  /** What the network says of its own propagation. @type {NetworkViews | null} */
  network = null
  unread = 0
  /** Whether the devnet has ended: nothing of it runs any more. */
  hasEnded = false

  /** @param {Hello} hello */
  start(hello) {
    this.hello = hello
    this.hasEnded = false
    this.peers = new Map(hello.peers.map((row) => [row.index, row]))
    this.items = [...hello.items]
    this.places = hello.places
    this.latency = hello.latency
    this.members = hello.members
    this.network = hello.network
    this.unread = hello.unread
  }

  /** @param {Update} update */
  take(update) {
    for (const row of update.peers) this.peers.set(row.index, row)
    if (update.items.length > 0) this.#takeItems(update.items)
    this.places = update.places ?? this.places
    this.latency = update.latency ?? this.latency
    this.members = update.members ?? this.members
    this.network = update.network ?? this.network
    this.unread = update.unread
  }

  /** By index. @returns {ShownPeer[]} */
  get rows() {
    const rows = [...this.peers.values()].sort((a, b) => a.index - b.index)
    if (!this.hasEnded) return rows
    return rows.map((row) => (row.state === 'gone' ? row : { ...row, state: 'ended' }))
  }

  /** @param {readonly ItemRow[]} changed */
  #takeItems(changed) {
    const byHash = new Map(this.items.map((item) => [item.hash, item]))
    for (const item of changed) byHash.set(item.hash, item)
    this.items = [...byHash.values()].sort((a, b) => b.atMs - a.atMs).slice(0, MAX_ITEMS)
  }
}
