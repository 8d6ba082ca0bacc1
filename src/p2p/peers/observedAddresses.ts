/**
 * The addresses at which peers see this node, by the identify protocol: behind address translation
 * a node does not know them itself. What one peer says proves nothing, since it could name a
 * victim. An address is believed while enough connected peers at different sites say the same;
 * go-libp2p's rule, whose threshold is 4.
 */
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { BoundedMap } from '../../lib/boundedMap.ts'
import { ipOf, isHosts, isLinkLocal, isLoopback, siteOf, tcpPortOf, type Ip } from './ipAddress.ts'

/** What a connected peer says. */
export interface Observation {
  /** The peer id of who says it. */
  readonly observer: string
  /** Where that peer is. */
  readonly observerAddress: Multiaddr
  /** Where it sees this node. */
  readonly observed: Multiaddr
  /** Who opened the connection, seen from here. */
  readonly direction: 'inbound' | 'outbound'
}

/** What decides when an observation is believed. */
export interface ObservedAddressesLimits {
  /** Observations kept: the last one of each connected peer. */
  readonly maxConnections: number
  /** Observers at different sites that it takes. */
  readonly observersOfAddress: number
  /** Addresses believed at a time. */
  readonly identifyMaxObservedAddresses: number
}

interface Vote {
  readonly site: string
  readonly ip: Ip
  readonly port: number
  readonly direction: 'inbound' | 'outbound'
}

/** What connected peers say of where this node is. */
export class ObservedAddresses {
  readonly #limits: ObservedAddressesLimits
  /** By peer id: who says something else takes back what it said. */
  readonly #votes: BoundedMap<string, Vote>

  constructor(limits: ObservedAddressesLimits) {
    this.#limits = limits
    this.#votes = new BoundedMap(limits.maxConnections)
  }

  /** Notes it, unless it cannot be true or says nothing. */
  observe({ observer, observerAddress, observed, direction }: Observation): void {
    const [from, ip, port] = [ipOf(observerAddress), ipOf(observed), tcpPortOf(observed)]
    if (from === undefined || ip === undefined || port === undefined) return
    if (!isHosts(ip) || isLinkLocal(ip)) return
    // Through loopback nothing else is seen, and nobody else sees loopback.
    if (isLoopback(from) !== isLoopback(ip)) return
    this.#votes.set(observer, { site: siteOf(from), ip, port, direction })
  }

  /** A peer that has gone says nothing any more. */
  forget(observer: string): void {
    this.#votes.delete(observer)
  }

  /**
   * The addresses that enough observers agree on, most observers first. One that dialled this node
   * says at which address and port. One that was dialled sees the address, but a port of this
   * connection alone: the node is taken to be reachable there at the ports that it listens on.
   *
   * @param listening where the node listens.
   */
  confirmed(listening: readonly Multiaddr[]): readonly Multiaddr[] {
    const sites = new Map<string, Set<string>>()
    for (const vote of this.#votes.values())
      for (const port of portsOf(vote, listening)) {
        const address = `/${vote.ip.family}/${vote.ip.text}/tcp/${port}`
        sites.set(address, (sites.get(address) ?? new Set()).add(vote.site))
      }
    return [...sites]
      .filter(([, observers]) => observers.size >= this.#limits.observersOfAddress)
      .toSorted(([a, first], [b, second]) => second.size - first.size || (a < b ? -1 : 1))
      .slice(0, this.#limits.identifyMaxObservedAddresses)
      .map(([address]) => multiaddr(address))
  }
}

function portsOf({ direction, ip, port }: Vote, listening: readonly Multiaddr[]): Set<number> {
  if (direction === 'inbound') return new Set([port])
  const ports = listening.flatMap((address) => {
    const at = ipOf(address)
    if (at?.family !== ip.family || isLoopback(at) !== isLoopback(ip)) return []
    return tcpPortOf(address) ?? []
  })
  return new Set(ports)
}
