/**
 * The links of a network, merged from what each peer says of its own.
 *
 * @typedef {import('./store.js').ShownPeer} PeerRow
 *
 * @typedef {object} Link `a` is the lower index.
 * @property {number} a
 * @property {number} b
 * @property {boolean} tx in a transaction mesh of either end
 * @property {boolean} block in a block mesh of either end
 */

/**
 * By "a-b". A link is there when either end says so and both live.
 *
 * @param {ReadonlyMap<number, PeerRow>} peers
 * @returns {Map<string, Link>}
 */
export function linksOf(peers) {
  /** @type {Map<string, Link>} */
  const links = new Map()
  for (const { index, state, txMesh, blockMesh, connected } of peers.values()) {
    if (state === 'gone') continue
    for (const other of connected) addLink(links, peers, index, other)
    for (const other of txMesh) addLink(links, peers, index, other, 'tx')
    for (const other of blockMesh) addLink(links, peers, index, other, 'block')
  }
  return links
}

/**
 * @param {Map<string, Link>} links
 * @param {ReadonlyMap<number, PeerRow>} peers
 * @param {number} from
 * @param {number} to
 * @param {'tx' | 'block'} [mesh]
 */
function addLink(links, peers, from, to, mesh) {
  const other = peers.get(to)
  if (from === to || other === undefined || other.state === 'gone') return
  const [a, b] = from < to ? [from, to] : [to, from]
  const key = `${a}-${b}`
  const link = links.get(key) ?? { a, b, tx: false, block: false }
  if (mesh !== undefined) link[mesh] = true
  links.set(key, link)
}
