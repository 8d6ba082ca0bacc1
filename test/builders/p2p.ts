/**
 * Networks on loopback for tests, closed again by {@link stopAll}, and a peer that speaks raw
 * gossip frames.
 */
import { RPC } from '@chainsafe/libp2p-gossipsub/message'
import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, Stream, StreamMuxer } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { decode, encode } from 'it-length-prefixed'
import { createLibp2p } from 'libp2p'
import type {
  GossipMessage,
  Network,
  PeerId,
  RouterAction,
  RouterEvent,
} from '../../src/gossip/network.ts'
import {
  createLibp2pNetwork,
  type Libp2pNetwork,
  type NetworkOptions,
} from '../../src/p2p/libp2pNetwork.ts'
import { ITEM_KINDS } from '../../src/item/itemKinds.ts'
import { topicOptions } from '../../src/p2p/router/topics.ts'
import { beginWait } from './waiting.ts'

export const TX = '/grapevine/00000000/tx/1'
export const BLOCK = '/grapevine/00000000/block/1'
export const TOPICS = [
  topicOptions(TX, ITEM_KINDS.tx),
  topicOptions(BLOCK, ITEM_KINDS.block),
] as const

export const MESHSUB = '/meshsub/1.2.0'

const cleanups: (() => Promise<void>)[] = []

/** Ends everything that was started since the last call. */
export async function stopAll(): Promise<void> {
  await Promise.all(cleanups.splice(0).map((stop) => stop()))
}

export async function startNetwork(options: Partial<NetworkOptions> = {}): Promise<Libp2pNetwork> {
  const network = await createLibp2pNetwork({
    topics: TOPICS,
    ...options,
    router: { heartbeatMs: 100, ...options.router },
  })
  cleanups.push(() => network.stop())
  return network
}

/** Resolves as soon as `holds`, looking again at every event of the network. */
export function eventually(network: Libp2pNetwork, holds: () => boolean): Promise<void> {
  const endWait = beginWait(() => String(holds))
  return new Promise((resolve) => {
    const look = (): void => {
      if (!holds()) return
      endWait()
      for (const end of ends) end()
      resolve()
    }
    const { pubsub } = network.libp2p.services
    pubsub.addEventListener('subscription-change', look)
    const ends = [
      network.onRouter(look),
      network.onPeer(look),
      network.onHeartbeat(look),
      () => pubsub.removeEventListener('subscription-change', look),
    ]
    look()
  })
}

export function addressOf(network: Libp2pNetwork): string {
  const [address] = network.addresses()
  if (address === undefined) throw new Error('the network does not listen')
  return address
}

/**
 * Connects two networks and waits until each has the other in its mesh of the transaction topic.
 */
export async function mesh(a: Libp2pNetwork, b: Libp2pNetwork, topic = TX): Promise<void> {
  await a.dial(addressOf(b))
  await Promise.all([
    eventually(a, () => inMesh(a, b.self, topic)),
    eventually(b, () => inMesh(b, a.self, topic)),
  ])
}

export function inMesh(network: Libp2pNetwork, peer: PeerId, topic = TX): boolean {
  return network.mesh().some((view) => view.topic === topic && view.mesh.includes(peer))
}

/** Joins a topic, answers every message with `action` and keeps what came. */
export class Inbox {
  readonly messages: GossipMessage[] = []
  #waiting: (() => void)[] = []

  constructor(network: Pick<Network, 'subscribe'>, action: RouterAction = 'accept', topic = TX) {
    network.subscribe(topic, (message) => {
      this.messages.push(message)
      for (const wake of this.#waiting.splice(0)) wake()
      return Promise.resolve(action)
    })
  }

  /** For a network whose messages the test does not look at. */
  static join(network: Libp2pNetwork, action: RouterAction = 'accept', topic = TX): Inbox {
    return new Inbox(network, action, topic)
  }

  /** Resolves when `count` messages have come. */
  async count(count: number): Promise<readonly GossipMessage[]> {
    const endWait = beginWait(() => `${count} messages, of which ${this.messages.length} have come`)
    while (this.messages.length < count)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    endWait()
    return this.messages
  }
}

/** All router events of a network from now on. */
export function recordRouter(network: Libp2pNetwork): RouterEvent[] {
  const events: RouterEvent[] = []
  network.onRouter((event) => events.push(event))
  return events
}

/** A payload of `bytes` bytes that differs for each `seed`. */
export function payload(seed: number, bytes = 200): Uint8Array {
  const data = new Uint8Array(bytes)
  new DataView(data.buffer).setUint32(0, seed)
  return data
}

export interface RawPeerOptions {
  /** Reads what it is sent; true unless set. */
  readonly reads?: boolean
  /** Resets every gossip stream that is opened to it. */
  readonly refuses?: boolean
}

/**
 * A libp2p node with a raw hand on the gossip protocol. Reads what it is sent and drops it, unless
 * told not to.
 */
export class RawPeer {
  readonly libp2p: Libp2p
  /** Frames that came and their sizes in bytes. */
  readonly received: { readonly rpc: RPC; readonly bytes: number }[] = []
  /** Gossip streams that were opened to it. */
  opened = 0
  readonly #muxers: readonly StreamMuxer[]
  #wake: () => void = () => {}
  #connection: Connection | undefined
  #stream: Stream | undefined

  private constructor(libp2p: Libp2p, muxers: readonly StreamMuxer[]) {
    this.libp2p = libp2p
    this.#muxers = muxers
  }

  static async start(options: RawPeerOptions = {}): Promise<RawPeer> {
    const muxers: StreamMuxer[] = []
    const libp2p = await createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [
        () => {
          const factory = yamux()()
          return {
            protocol: factory.protocol,
            createStreamMuxer: (connection) => {
              const muxer = factory.createStreamMuxer(connection)
              muxers.push(muxer)
              return muxer
            },
          }
        },
      ],
      connectionMonitor: { enabled: false },
      services: { identify: identify() },
    })
    const peer = new RawPeer(libp2p, muxers)
    await libp2p.handle(MESHSUB, (stream) => {
      peer.opened++
      if (options.refuses === true) stream.abort(new Error('refused'))
      else if (options.reads === false) stream.pause()
      else void peer.#read(stream)
    })
    cleanups.push(async () => {
      for (const connection of libp2p.getConnections()) connection.abort(new Error('over'))
      await libp2p.stop()
    })
    return peer
  }

  /** Resolves when `holds` is true of what was received. */
  async receives(holds: (frames: RawPeer['received']) => boolean): Promise<void> {
    while (!holds(this.received))
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
  }

  async #read(stream: Stream): Promise<void> {
    try {
      for await (const frame of decode(stream, { maxDataLength: 64 * 1024 * 1024 })) {
        this.received.push({ rpc: RPC.decode(frame), bytes: frame.byteLength })
        this.#wake()
      }
    } catch {
      this.#wake()
    }
  }

  get id(): PeerId {
    return this.libp2p.peerId.toString() as PeerId
  }

  get connected(): boolean {
    return this.#connection?.status === 'open'
  }

  /** Dials and opens the gossip stream, on which nothing is sent yet. */
  async connect(to: Libp2pNetwork | string): Promise<void> {
    const address = typeof to === 'string' ? to : addressOf(to)
    this.#connection = await this.libp2p.dial(multiaddr(address))
    this.#stream = await this.#connection.newStream([MESHSUB])
  }

  /** Whether the other side would still take bytes of its gossip stream. */
  get isHeard(): boolean {
    return this.connected && this.#stream?.writeStatus === 'writable'
  }

  /** Bytes that it has sent and the other side does not take yet. */
  get unsentBytes(): number {
    return this.#stream?.writeBufferLength ?? 0
  }

  /** Ends its gossip stream politely and opens another. */
  async reopen(): Promise<void> {
    await this.#stream?.close()
    this.#stream = await this.#connection?.newStream([MESHSUB])
  }

  /**
   * A stream of the newest connection on which nothing has been said, the selection of a protocol
   * included.
   */
  async bareStream(): Promise<Stream> {
    const muxer = this.#muxers.at(-1)
    if (muxer === undefined) throw new Error('connect first')
    return muxer.createStream()
  }

  /** Resolves when the other side has closed the connection. */
  async closed(): Promise<void> {
    const connection = this.#connection
    if (connection === undefined || connection.status !== 'open') return
    await new Promise<void>((resolve) => connection.addEventListener('close', () => resolve()))
  }

  send(rpc: Partial<RPC>): void {
    this.sendFrame(RPC.encode({ subscriptions: [], messages: [], ...rpc }))
  }

  sendFrame(bytes: Uint8Array): void {
    this.sendBytes(encode.single(bytes).subarray())
  }

  /** Bytes as they are, without a length prefix. */
  sendBytes(bytes: Uint8Array): void {
    if (this.#stream === undefined) throw new Error('connect first')
    this.#stream.send(bytes)
  }

  subscribe(topic = TX): void {
    this.send({ subscriptions: [{ topic, subscribe: true }] })
  }

  graft(topic = TX): void {
    const control = { ihave: [], iwant: [], graft: [{ topicID: topic }], prune: [], idontwant: [] }
    this.send({ control })
  }
}
