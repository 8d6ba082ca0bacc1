/**
 * Who counts as one accuser. A hundred members cost nobody more than a hundred keys, addresses of
 * many networks cost more: so accusers whose public addresses are of one network (a /24 of IPv4, a
 * /48 of IPv6) count once.
 *
 * On a host or in a private network everybody is of one address range, and is trusted more than
 * that: accusers without a public address count one by one where the accused has none either, and
 * all as one where it has.
 */
import type { MemberRecord } from './statements.ts'

type Facts = Pick<MemberRecord, 'peer' | 'addresses'>

/** The group in which an accusation of `accused` by `accuser` counts. */
export function accuserGroup(accuser: Facts, accused: Facts): string {
  const network = publicNetworkOf(accuser)
  if (network !== undefined) return network
  return publicNetworkOf(accused) === undefined ? accuser.peer : 'without a public address'
}

/** The network of the first public address; a DNS name is a network of its own. */
function publicNetworkOf({ addresses }: Facts): string | undefined {
  for (const address of addresses) {
    const [, kind = '', host = ''] = address.split('/')
    if (kind === 'ip4' && !isPrivate4(host)) return host.split('.').slice(0, 3).join('.')
    if (kind === 'ip6' && !isPrivate6(host)) return `${expanded(host).slice(0, 3).join(':')}::`
    if (kind.startsWith('dns')) return registeredName(host)
  }
  return undefined
}

/** Names of one owner are as cheap as keys: the last two labels stand for it. */
function registeredName(name: string): string {
  return name.toLowerCase().split('.').slice(-2).join('.')
}

function isPrivate4(host: string): boolean {
  const [first = 0, second = 0] = host.split('.').map(Number)
  if (first === 10 || first === 127 || first === 0) return true
  if (first === 172) return second >= 16 && second < 32
  if (first === 100) return second >= 64 && second < 128
  return (first === 192 && second === 168) || (first === 169 && second === 254)
}

function isPrivate6(host: string): boolean {
  return /^(::1?$|f[cd]|fe[89ab])/i.test(host)
}

/** The eight groups of an IPv6 address, without leading zeros. */
function expanded(host: string): string[] {
  const [head = '', tail = ''] = host.toLowerCase().split('::')
  const heads = head === '' ? [] : head.split(':')
  const tails = tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: Math.max(0, 8 - heads.length - tails.length) }, () => '0')
  return [...heads, ...zeros, ...tails].map((group) => group.replace(/^0+(?=.)/, ''))
}
