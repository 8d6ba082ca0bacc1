import type { Hash } from '../crypto/keccak.ts'
import type { Unsubscribe } from '../lib/emitter.ts'

/** A libp2p peer id in its text form. */
export type PeerId = string & { readonly __brand: 'PeerId' }

/** What the router is told: hold is known only to us and reaches it as ignore. */
export type RouterAction = 'accept' | 'ignore' | 'reject'

/** One message as the router hands it over, before it is judged. */
export interface GossipMessage {
  readonly topic: string
  readonly data: Uint8Array
  /** The peer that sent this copy (not the origin, which nobody knows). */
  readonly from: PeerId
  /** keccak256 of the data, computed once for all copies of the message. */
  readonly digest: Hash
  /** Monotonic ms at which this node took it from the stream. */
  readonly receivedMs: number
  /** Whether this node had asked that peer for it (IWANT); not, if left out. */
  readonly isAsked?: boolean
}

/**
 * A copy that the router recognised as already seen, or a transmission it made; for the trace
 * alone.
 */
export type RouterEvent =
  | {
      readonly kind: 'duplicate'
      readonly topic: string
      readonly digest: Hash
      readonly from: PeerId
      /** Whether this node had asked that peer for it (IWANT); not, if left out. */
      readonly isAsked?: boolean
      readonly atMs: number
      readonly bytes: number
    }
  | {
      readonly kind: 'forwarded'
      readonly topic: string
      readonly digest: Hash
      readonly to: PeerId
      readonly atMs: number
      readonly bytes: number
    }
  | {
      readonly kind: 'graft' | 'prune'
      readonly topic: string
      readonly peer: PeerId
      readonly atMs: number
    }

/** A connected peer, and which end dialled. */
export interface PeerConnection {
  readonly id: PeerId
  readonly address: string
  readonly direction: 'inbound' | 'outbound'
}

/** A peer came or went. */
export type PeerEvent =
  | { readonly kind: 'connected'; readonly peer: PeerConnection }
  | { readonly kind: 'disconnected'; readonly peer: PeerId }

/** To whom a message was sent. */
export interface PublishOutcome {
  readonly recipients: readonly PeerId[]
  /** The router had seen this message already and sent nothing. */
  readonly duplicate: boolean
}

/** The mesh of one topic, and all peers that are in the topic. */
export interface MeshView {
  readonly topic: string
  readonly mesh: readonly PeerId[]
  readonly subscribers: readonly PeerId[]
}

/** What the router thinks of a peer: gossipsub v1.1, peer scoring. */
export interface PeerScore {
  readonly peer: PeerId
  readonly score: number
}

/**
 * Answers one request with a stream of frames; throwing ends the stream with an error, never the
 * process.
 */
export type RequestHandler = (from: PeerId, request: Uint8Array) => AsyncIterable<Uint8Array>

/** The bounds of one request protocol, enforced on both sides. */
export interface ProtocolLimits {
  readonly maxRequestBytes: number
  readonly maxFrameBytes: number
  readonly maxFrames: number
  readonly firstByteTimeoutMs: number
  readonly totalTimeoutMs: number
}

/** What a peer signs: a libp2p envelope (RFC 0002) without its domain, which both sides know. */
export interface Statement {
  /** Tells the forms of one domain apart. */
  readonly type: Uint8Array
  readonly payload: Uint8Array
}

/** A signed statement as it travels, read and not yet believed. */
export interface Envelope extends Statement {
  /** Whose key it names. */
  readonly signer: PeerId
  /** Whether that key signed it, under `domain`. Never rejects. */
  isSigned(domain: string): Promise<boolean>
}

/** Signed statements of peers: anybody may hand them on, and nobody can change them. */
export interface Envelopes {
  /** Signs with the key of this node. */
  seal(domain: string, statement: Statement): Promise<Uint8Array>
  /**
   * `undefined` where the bytes are no envelope in its one accepted encoding. Checks no signature.
   */
  read(data: Uint8Array): Envelope | undefined
}

/** Why a request got no whole answer. */
export class RequestFailure extends Error {
  override readonly name: string = 'RequestFailure'
  /** The answer broke the limits of its protocol, which no honest peer's does. */
  readonly isBreach: boolean

  constructor(message: string, isBreach = false) {
    super(message)
    this.isBreach = isBreach
  }
}

/**
 * The world as the node sees it: a publish/subscribe router and request streams between peers.
 * `p2p/` implements it over libp2p, `sim/` over virtual time. Nothing above it knows libp2p.
 */
export interface Network {
  readonly self: PeerId
  /**
   * Joins a topic. `judge` must not throw; a promise that stays open keeps the message from being
   * forwarded.
   */
  subscribe(topic: string, judge: (message: GossipMessage) => Promise<RouterAction>): void
  /**
   * Sends to the mesh (or to all subscribers, where the topic floods own messages). Calls no judge.
   */
  publish(topic: string, data: Uint8Array): Promise<PublishOutcome>
  peers(): readonly PeerConnection[]
  onPeer(listener: (event: PeerEvent) => void): Unsubscribe
  onRouter(listener: (event: RouterEvent) => void): Unsubscribe
  mesh(): readonly MeshView[]
  scores(): readonly PeerScore[]
  handle(protocol: string, limits: ProtocolLimits, handler: RequestHandler): Promise<void>
  /**
   * Opens a stream, sends one request, yields the answer's frames within the limits. Throws a
   * {@link RequestFailure} on any breach of them and when the answer does not come.
   */
  request(
    to: PeerId,
    protocol: string,
    limits: ProtocolLimits,
    request: Uint8Array,
  ): AsyncIterable<Uint8Array>
  /**
   * Dials a multiaddr; resolves to the peer found there.
   *
   * @param options.keep whenever the connection ends, dial again, until told to forget the peer.
   */
  dial(address: string, options?: { readonly keep?: boolean }): Promise<PeerId>
  /** @param options.forget do not keep the peer any more. */
  disconnect(peer: PeerId, message: string, options?: { readonly forget?: boolean }): Promise<void>
  /**
   * Signed peer records (libp2p envelopes) of up to `count` peers that this node is connected to,
   * chosen at random, itself included: the answer of the `peers` exchange. A peer whose record is
   * not known yet is left out.
   */
  peerRecords(count: number): Promise<readonly Uint8Array[]>
  /**
   * Checks a signed peer record of another peer and remembers its addresses, within bounds;
   * `undefined` where the record is not valid or not of use (our own, no address we can dial).
   * Never throws.
   */
  learnPeer(record: Uint8Array): Promise<PeerId | undefined>
  /** Dials a peer whose record was learnt. */
  dialPeer(peer: PeerId): Promise<void>
  /**
   * Whether the other end of the connection answers, which says that its process runs: true when it
   * does, false where there is no connection or it ends before. Stays open meanwhile. Costs one
   * small frame each way and no stream.
   */
  ping(peer: PeerId): Promise<boolean>
  /** When gossip of the peer last came in, monotonic ms: it runs. `undefined` where none has. */
  heardMs(peer: PeerId): number | undefined
  /** Signs as this peer, and reads what others signed. */
  readonly envelopes: Envelopes
  /** This node's own addresses. */
  addresses(): readonly string[]
}
