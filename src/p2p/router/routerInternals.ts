/**
 * What of the gossipsub router is used beyond its published interface. The class is not exported
 * and keeps these members private in TypeScript only; the version is pinned, and the check below
 * stops a node at start, in one clear line, if another version ever lacks one of them. What each is
 * for stands in `gossipsub.ts` and `routerHooks.ts`.
 */
import type { Connection, PeerId as Libp2pPeerId, Stream } from '@libp2p/interface'
import type {
  GossipSub,
  Message,
  PublishResult,
  TopicValidatorResult,
} from '@chainsafe/libp2p-gossipsub'
import type { RPC } from '@chainsafe/libp2p-gossipsub/message'
import type { PublishOpts } from '@chainsafe/libp2p-gossipsub/types'
import type { Uint8ArrayList } from 'uint8arraylist'

export type { RPC }

/** What the router found out about a message before it is judged. */
export interface ReceivedMessageResult {
  readonly code: string
  readonly msgIdStr?: string
  readonly messageId?: { readonly msgId: Uint8Array; readonly msgIdStr: string }
  readonly msg?: Message
  readonly reason?: string
  readonly error?: string
}

/** The stream on which the router writes to a peer. */
export interface RouterStream {
  readonly protocol: string
  readonly rawStream: Pick<Stream, 'status' | 'writeStatus' | 'remoteWriteStatus'>
  pushPrefixed(data: Uint8ArrayList): void
}

/** Metrics of the router that our reading loop keeps up in its place. */
export interface RouterMetrics {
  onRpcRecv(rpc: RPC, bytes: number): void
  onRpcDataError(): void
  onRpcRecvError(): void
  onPeerReadStreamError(): void
}

/** Ids that the router remembers. */
export interface RouterIds {
  readonly size: number
  has(id: string): boolean
  put(id: string): boolean
  delete(id: string): boolean
  prune(): void
  clear(): void
}

/**
 * What the router's score knows of one message: who delivered it before its verdict, and the
 * verdict.
 */
export interface RouterDelivery {
  status: number
  readonly firstSeenTsMs: number
  validated: number
  readonly peers: {
    has(peer: string): boolean
    add(peer: string): void
    forEach(visit: (peer: string) => void): void
    clear(): void
  }
}

/** All that the router's score knows of messages. */
export interface RouterDeliveries {
  getRecord(id: string): RouterDelivery | undefined
  ensureRecord(id: string): RouterDelivery
  gc(): void
  clear(): void
}

/** The router with its private members in sight. */
export interface RouterInternals extends GossipSub {
  readonly opts: { readonly idontwantMinDataSize: number }
  /** With the timer of the next heartbeat, while it runs. */
  readonly status: {
    readonly code: number
    readonly heartbeatTimeout?: NodeJS.Timeout
  }
  readonly peers: Map<string, Libp2pPeerId>
  readonly mesh: Map<string, Set<string>>
  readonly streamsOutbound: Map<string, RouterStream>
  readonly streamsInbound: Map<string, { readonly rawStream: Stream }>
  seenCache: RouterIds
  publishedMessageIds: RouterIds
  readonly score: { deliveryRecords: RouterDeliveries }
  /** What each peer is told by IHAVE with the next frame to it. */
  readonly gossip: Map<string, RPC.ControlIHave[]>
  /** Ids that each peer has said it has. */
  readonly idontwants: Map<string, Map<string, unknown>>
  readonly mcache: { readonly msgs: Map<string, unknown>; remove(id: string): unknown }
  readonly metrics: RouterMetrics | null
  getScore(peer: string): number
  isStarted(): boolean
  stop(): Promise<void>
  publish(topic: string, data?: Uint8Array, options?: PublishOpts): Promise<PublishResult>
  reportMessageValidationResult(id: string, from: string, result: TopicValidatorResult): void
  forwardMessage(
    id: string,
    message: RPC.Message,
    sender: string | undefined,
    earlier?: ReadonlySet<string>,
  ): void
  decodeRpc(bytes: Uint8Array): RPC
  handleReceivedRpc(from: Libp2pPeerId, rpc: RPC): Promise<void>
  handlePeerReadStreamError(error: Error, peer: Libp2pPeerId): void
  pipePeerReadStream(peer: Libp2pPeerId, frames: AsyncIterable<Uint8ArrayList>): Promise<void>
  validateReceivedMessage(from: Libp2pPeerId, message: RPC.Message): Promise<ReceivedMessageResult>
  createOutboundStream(peer: Libp2pPeerId, connection: Connection): Promise<void>
  sendIDontWants(id: Uint8Array, topic: string, source: string): void
  sendRpc(to: string, rpc: RPC): boolean
  sendRpcInBatch(to: Set<string>, rpc: RPC): void
}

const METHODS = [
  'getScore',
  'isStarted',
  'stop',
  'publish',
  'reportMessageValidationResult',
  'forwardMessage',
  'decodeRpc',
  'handleReceivedRpc',
  'handlePeerReadStreamError',
  'pipePeerReadStream',
  'validateReceivedMessage',
  'createOutboundStream',
  'sendIDontWants',
  'sendRpc',
  'sendRpcInBatch',
] as const satisfies readonly (keyof RouterInternals)[]

const STATE = [
  'opts',
  'status',
  'peers',
  'mesh',
  'streamsOutbound',
  'streamsInbound',
  'seenCache',
  'publishedMessageIds',
  'score',
  'mcache',
  'idontwants',
] as const satisfies readonly (keyof RouterInternals)[]

/**
 * The same object with its inner members in sight; throws if this version of the router has others.
 */
export function routerInternals(router: GossipSub): RouterInternals {
  requireMembers(router, METHODS, STATE)
  return router as RouterInternals
}

/** Throws if this version of the router lacks one of these methods, or of these objects. */
export function requireMembers(
  router: object,
  methods: readonly string[],
  objects: readonly string[] = [],
): void {
  const members = new Map(
    [...methods, ...objects].map((name) => [name, Reflect.get(router, name) as unknown]),
  )
  const missing = [
    ...methods.filter((name) => typeof members.get(name) !== 'function'),
    ...objects.filter((name) => typeof (members.get(name) ?? undefined) !== 'object'),
  ]
  if (missing.length > 0)
    throw new Error(`this version of gossipsub lacks ${missing.join(', ')}: install 17.1.1`)
}
