import type { Multiaddr } from '@multiformats/multiaddr'

/** Host and port of the other end of a link: whether the peer id follows depends on who dialled. */
export function addressKey(address: Multiaddr): string {
  return address.toString().replace(/\/p2p\/.*$/, '')
}
