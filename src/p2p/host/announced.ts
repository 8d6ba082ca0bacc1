/** Which of its addresses a host tells peers. */
import type { Multiaddr } from '@multiformats/multiaddr'

const LOOPBACK = /^\/(?:ip4\/127\.|ip6\/::1\/)/

/**
 * A host that listens on all addresses (0.0.0.0 or ::) has loopback among them, where a stranger would reach itself:
 * loopback is told of only where there is nothing else to tell, as in a devnet.
 */
export function announced(addresses: Multiaddr[]): Multiaddr[] {
  const reachable = addresses.filter((address) => !LOOPBACK.test(address.toString()))
  return reachable.length === 0 ? addresses : reachable
}

/** What to listen on for peers at an address of this machine, IPv4 or IPv6. */
export function listenAddress(host: string, port: number): string {
  return `/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/${port}`
}
