/** How links are told apart, and whose they are, for what changes them from below. */
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Address and port of the other end of a link: whether the peer id follows depends on who dialled.
 */
export function addressKey(address: Multiaddr): string {
  return address.toString().replace(/\/p2p\/.*$/, '')
}

/** What of a libp2p node is needed to reach its links. */
export interface LinkedNode {
  getConnections(): Connection[]
  addEventListener(
    type: 'connection:open',
    listener: (event: CustomEvent<Connection>) => void,
  ): void
}
