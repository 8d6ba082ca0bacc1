/** What the IP address in a multiaddr is good for (RFC 6890, RFC 4291). */
import { BlockList } from 'node:net'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'

/** An IP address by its family, as multiaddrs name them. */
export interface Ip {
  readonly family: 'ip4' | 'ip6'
  readonly text: string
}

const LOOPBACK = listOf(['127.0.0.0', 8], ['::1', 128])
const LINK_LOCAL = listOf(['169.254.0.0', 16], ['fe80::', 10])
/** No machine has them: unspecified, multicast, reserved, broadcast. */
const NOBODYS = listOf(['0.0.0.0', 8], ['224.0.0.0', 3], ['::', 128], ['ff00::', 8])

/** The IP address that a multiaddr begins with; `undefined` where it begins with something else. */
export function ipOf(address: Multiaddr): Ip | undefined {
  const [first] = address.getComponents()
  if (first?.value === undefined) return undefined
  if (first.name !== 'ip4' && first.name !== 'ip6') return undefined
  return { family: first.name, text: first.value }
}

/** The TCP port of a multiaddr that is an IP address and a TCP port and nothing else. */
export function tcpPortOf(address: Multiaddr): number | undefined {
  const [ip, tcp, ...more] = address.getComponents().filter(({ name }) => name !== 'p2p')
  if (ip === undefined || tcp?.name !== 'tcp' || more.length > 0) return undefined
  return ipOf(address) === undefined ? undefined : Number(tcp.value)
}

/** Whether it means the machine itself, whoever asks. */
export function isLoopback(ip: Ip): boolean {
  return isIn(LOOPBACK, ip)
}

/** Whether it means nothing beyond one link. */
export function isLinkLocal(ip: Ip): boolean {
  return isIn(LINK_LOCAL, ip)
}

/** Whether a machine can have it. */
export function isHosts(ip: Ip): boolean {
  return !isIn(NOBODYS, ip)
}

/** Bytes of an IPv6 address that name a site: whoever has one address of a /56 has all of them. */
const SITE_BYTES = 7

/**
 * Who has one of these has all of them: an IPv4 address is alone, an IPv6 address stands for its
 * /56.
 */
export function siteOf(ip: Ip): string {
  if (ip.family === 'ip4') return ip.text
  const bytes = multiaddr(`/ip6/${ip.text}`).bytes.slice(-16)
  return `ip6 ${Buffer.from(bytes.subarray(0, SITE_BYTES)).toString('hex')}`
}

function isIn(list: BlockList, { family, text }: Ip): boolean {
  return list.check(text, family === 'ip4' ? 'ipv4' : 'ipv6')
}

function listOf(...subnets: readonly (readonly [net: string, prefix: number])[]): BlockList {
  const list = new BlockList()
  for (const [net, prefix] of subnets)
    list.addSubnet(net, prefix, net.includes(':') ? 'ipv6' : 'ipv4')
  return list
}
