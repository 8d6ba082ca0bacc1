/** Which of its addresses a node tells peers. */
import type { Multiaddr } from '@multiformats/multiaddr'
import { ipOf, isLinkLocal, isLoopback } from './ipAddress.ts'

/**
 * A node that listens on all addresses (0.0.0.0 or ::) has loopback among them, where a stranger
 * would reach itself, and addresses of a link that mean nothing beyond it: they are told of only
 * where there is nothing else to tell, as in a devnet.
 */
export function announced(addresses: readonly Multiaddr[]): Multiaddr[] {
  const reachable = addresses.filter((address) => {
    const ip = ipOf(address)
    return ip === undefined || !(isLoopback(ip) || isLinkLocal(ip))
  })
  return [...(reachable.length === 0 ? addresses : reachable)]
}

/** What to listen on for peers at an address of this machine, IPv4 or IPv6. */
export function listenAddress(address: string, port: number): string {
  return `/${address.includes(':') ? 'ip6' : 'ip4'}/${address}/tcp/${port}`
}
