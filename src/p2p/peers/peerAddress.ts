import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { messageOf } from '../../lib/assert.ts'

const EXAMPLE = '/ip4/127.0.0.1/tcp/9000/p2p/12D3KooW...'

/**
 * Throws an Error that shows the address unless it is a multiaddr with a peer id that this node can
 * dial.
 */
export function checkPeerAddress(text: string): void {
  try {
    const parts = multiaddr(text).getComponents()
    const peer = parts.findLast(({ name }) => name === 'p2p')?.value
    if (peer === undefined) throw new Error('it names no peer')
    peerIdFromString(peer)
  } catch (error) {
    throw new Error(
      `expected multiaddrs such as ${EXAMPLE}, got "${text.slice(0, 120)}" (${messageOf(error)})`,
      { cause: error },
    )
  }
}
