/**
 * What of the gossipsub router a simulation uses beyond what the node does:
 * `p2p/router/routerInternals.ts` says why.
 */
import type { GossipSub, GossipSubComponents } from '@chainsafe/libp2p-gossipsub'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { PeerId as Libp2pPeerId } from '@libp2p/interface'
import {
  requireMembers,
  routerInternals,
  type RouterInternals,
  type RPC,
} from '../../p2p/router/routerInternals.ts'

/** The router with all that a simulation touches. */
export interface SimRouter extends RouterInternals {
  readonly subscriptions: Set<string>
  /** Control messages that wait for the next frame to a peer. */
  readonly control: Map<string, unknown>
  start(): Promise<void>
  addPeer(peer: Libp2pPeerId, direction: 'inbound' | 'outbound', address: Multiaddr): void
  removePeer(peer: Libp2pPeerId): void
  sendSubscriptions(to: string, topics: string[], subscribe: boolean): void
  piggybackControl(to: string, rpc: RPC, control: unknown): void
  piggybackGossip(to: string, rpc: RPC, gossip: unknown): void
  safeDispatchEvent(type: string, event: { readonly detail: unknown }): boolean
}

const METHODS = [
  'addPeer',
  'removePeer',
  'sendSubscriptions',
  'piggybackControl',
  'piggybackGossip',
  'safeDispatchEvent',
] as const satisfies readonly (keyof SimRouter)[]

/**
 * The same object with its inner members in sight; throws if this version of the router has others.
 */
export function simRouter(router: GossipSub): SimRouter {
  const inner = routerInternals(router) as SimRouter
  requireMembers(inner, METHODS)
  return inner
}

/** What libp2p gives to the router: here little, for connections come about without it. */
export function componentsOf(peerId: Libp2pPeerId): GossipSubComponents {
  const components: unknown = { peerId, ...SHARED }
  return components as GossipSubComponents
}

const log = Object.assign(() => {}, {
  error: () => {},
  trace: () => {},
  enabled: false,
  newScope: () => log,
})

const SHARED = Object.freeze({
  privateKey: undefined,
  registrar: {
    handle: async () => {},
    unhandle: async () => {},
    register: async () => '',
    unregister: () => {},
    getTopologies: () => [],
  },
  connectionManager: {},
  peerStore: { merge: async () => {} },
  logger: { forComponent: () => log },
})

/**
 * All nodes have it: nothing that has no address of the Internet is counted as many peers on one.
 */
export const SIM_ADDRESS = simAddress()

function simAddress(): Multiaddr {
  const address: unknown = {
    getComponents: () => [{ name: 'memory', value: '1' }],
    toString: () => '/memory/1',
  }
  return address as Multiaddr
}
