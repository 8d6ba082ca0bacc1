/** How links are told apart, and whose they are, for what changes them from below. */
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Host and port of the other end of a link: whether the peer id follows depends on who dialled. */
export function addressKey(address: Multiaddr): string {
  return address.toString().replace(/\/p2p\/.*$/, '')
}

/** What of a libp2p host is needed to reach its links. */
export interface LinkedHost {
  getConnections(): Connection[]
  addEventListener(
    type: 'connection:open',
    listener: (event: CustomEvent<Connection>) => void,
  ): void
}
