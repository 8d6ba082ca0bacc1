/**
 * What of the gossipsub router's parts the shortcuts read and replace; a router of another version
 * is refused.
 */
import type { RejectReason } from '@chainsafe/libp2p-gossipsub/types'
import { requireMembers, type RouterIds, type RPC } from '../../p2p/router/routerInternals.ts'
import type { SimRouter } from '../links/routerAccess.ts'

/** What the router's score knows of a peer, as far as it is used here. */
export interface PeerStats {
  topics: Record<string, TopicStats>
  connected: boolean
  expire: number
  knownIPs: Set<string>
  behaviourPenalty: number
}

/** What it counts for one topic of one peer. */
export interface TopicStats {
  inMesh: boolean
  graftTime: number
  meshTime: number
  firstMessageDeliveries: number
  meshMessageDeliveries: number
  meshMessageDeliveriesActive: boolean
  meshFailurePenalty: number
  invalidMessageDeliveries: number
}

/** Weights of one topic. */
export interface TopicWeights {
  readonly timeInMeshWeight: number
  readonly firstMessageDeliveriesWeight: number
  readonly meshMessageDeliveriesWeight: number
  readonly meshFailurePenaltyWeight: number
}

/** The router's account of its peers' conduct. */
export interface InnerScore {
  params: {
    readonly topics: Readonly<Record<string, TopicWeights>>
    readonly IPColocationFactorThreshold: number
  }
  readonly peerStats: Map<string, PeerStats>
  readonly peerIPs: Map<string, Set<string>>
  readonly scoreCache: Map<string, unknown>
  deliveryRecords: unknown
  _backgroundInterval?: unknown
  /** Set where the shortcut `lazy scores` is in use: every score is 0 still. */
  isClean?: boolean
  /** Some peer has left, whose score is retained for a time. */
  hasRetained?: boolean
  score: (peer: string) => number
  refreshScores: () => void
  addPeer: (peer: string) => void
  removePeer: (peer: string) => void
  addIP: (peer: string, address: string) => void
  addPenalty: (peer: string, penalty: number, label: string) => void
  validateMessage(id: string): void
  deliverMessage(from: string, id: string, topic: string): void
  duplicateMessage(from: string, id: string, topic: string): void
  rejectMessage(from: string, id: string, topic: string, reason: RejectReason): void
  graft: (peer: string, topic: string) => void
  prune: (peer: string, topic: string) => void
  markFirstMessageDelivery: (from: string, topic: string) => void
  markInvalidMessageDelivery: (from: string, topic: string) => void
  getPtopicStats(stats: PeerStats, topic: string): TopicStats | null
}

/** A message that the router keeps. */
export interface CachedMessage {
  readonly message: RPC.Message
  validated: boolean
  originatingPeers: Set<string>
  iwantCounts: Map<string, number>
}

/** Its name in the history. */
export interface CachedName {
  readonly msgId: Uint8Array
  readonly msgIdStr: string
  readonly topic: string
}

/** The messages that the router keeps. */
export interface InnerCache {
  readonly msgs: Map<string, CachedMessage>
  readonly history: CachedName[][]
  readonly gossip: number
  notValidatedCount: number
  remove(id: string): unknown
  put(id: Omit<CachedName, 'topic'>, message: RPC.Message, validated?: boolean): boolean
  observeDuplicate(id: string, from: string): void
  getGossipIDs(topics: Set<string>): Map<string, Uint8Array[]>
  shift(): void
}

/** The router with all that shortcuts touch. */
export interface InnerRouter extends Omit<
  SimRouter,
  'score' | 'mcache' | 'opts' | 'topicValidators' | 'forwardMessage'
> {
  opts: {
    readonly Dlo: number
    readonly Dhi: number
    readonly Dout: number
    readonly Dlazy: number
    readonly gossipFactor: number
    readonly seenTTL: number
    readonly mcacheLength: number
    readonly heartbeatInterval: number
    readonly opportunisticGraftTicks: number
    readonly directConnectTicks: number
    readonly idontwantMinDataSize: number
    readonly asyncValidation: boolean
    readonly scoreThresholds: { readonly gossipThreshold: number }
  }
  readonly score: InnerScore
  readonly mcache: InnerCache
  readonly topics: Map<string, Set<string>>
  readonly outbound: Map<string, boolean>
  readonly direct: Set<string>
  readonly floodsubPeers: Set<string>
  readonly fanout: Map<string, unknown>
  readonly peerhave: Map<string, number>
  readonly iasked: Map<string, number>
  readonly iwantCounts: Map<string, number>
  readonly idontwantCounts: Map<string, number>
  readonly idontwants: Map<string, Map<string, number>>
  readonly backoff: Map<string, Map<string, number>>
  topicValidators: Map<string, unknown>
  allowedTopics: Set<string> | null
  readonly gossipTracer: {
    readonly promises: Map<string, unknown>
    deliverMessage(id: string, isDuplicate?: boolean): void
    addPromise(from: string, ids: readonly Uint8Array[]): void
    prune(): void
  }
  readonly status: {
    readonly code: number
    readonly hearbeatStartMs: number
  }
  heartbeatTicks: number
  runHeartbeat: () => unknown
  outboundInflightQueue: { push(item: unknown): unknown; end(): unknown }
  seenCache: RouterIds
  msgIdFn(message: { readonly topic: string; readonly data: Uint8Array }): Uint8Array
  msgIdToStrFn(id: Uint8Array): string
  forwardMessage: (
    id: string,
    message: RPC.Message,
    sender: string | undefined,
    earlier?: ReadonlySet<string>,
  ) => void
  acceptFrom: (peer: string) => boolean
  clearBackoff(): void
  emitGossip(peers: Map<string, Set<string>>): void
  doEmitGossip(topic: string, peers: Set<string>, ids: Uint8Array[]): void
  flush(): void
  handleIHave(from: string, ihave: readonly RPC.ControlIHave[]): RPC.ControlIWant[]
  handleIWant(from: string, iwant: readonly RPC.ControlIWant[]): RPC.Message[]
  handleIdontwant(from: string, idontwant: readonly RPC.ControlIDontWant[]): void
  dispatchEvent(event: Event): boolean
  listenerCount(type: string): number
}

const OBJECTS = [
  'opts',
  'score',
  'mcache',
  'topics',
  'outbound',
  'direct',
  'floodsubPeers',
  'fanout',
  'peerhave',
  'iasked',
  'iwantCounts',
  'idontwantCounts',
  'idontwants',
  'backoff',
  'topicValidators',
  'gossipTracer',
  'outboundInflightQueue',
  'seenCache',
] as const satisfies readonly (keyof InnerRouter)[]

const METHODS = [
  'runHeartbeat',
  'msgIdFn',
  'msgIdToStrFn',
  'acceptFrom',
  'clearBackoff',
  'emitGossip',
  'flush',
  'handleIHave',
  'handleIWant',
  'handleIdontwant',
  'dispatchEvent',
  'listenerCount',
] as const satisfies readonly (keyof InnerRouter)[]

/** The same router with its parts in sight; throws if this version has others. */
export function innerRouter(router: SimRouter): InnerRouter {
  requireMembers(router, METHODS, OBJECTS)
  return router as unknown as InnerRouter
}
