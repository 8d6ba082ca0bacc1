/**
 * Networks of several nodes in one process: messages flood along the links, each node forwards what
 * its judge accepts, once, and nothing else. Copies travel in the order in which they were sent, so
 * every run is the same run.
 */
import { keccak256Hash, type Hash } from '../../src/crypto/keccak.ts'
import {
  RequestFailure,
  type Envelopes,
  type GossipMessage,
  type MeshView,
  type Network,
  type PeerConnection,
  type PeerEvent,
  type PeerId,
  type PeerScore,
  type ProtocolLimits,
  type PublishOutcome,
  type RequestHandler,
  type RouterAction,
  type RouterEvent,
} from '../../src/gossip/network.ts'
import { sleep } from '../../src/lib/clock.ts'
import { Emitter, type Unsubscribe } from '../../src/lib/emitter.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { simEnvelopes } from '../../src/sim/links/simEnvelopes.ts'

type Judge = (message: GossipMessage) => Promise<RouterAction>

export interface HubOptions {
  readonly clock?: ManualClock
  /** How long the router keeps a message to forward it, ms. */
  readonly keepMs?: number
  /** Of each link, ms. */
  readonly latencyMs?: number
}

/** Turns of the event loop without any movement after which a network counts as settled. */
const QUIET_TURNS = 3

/** The links between nodes, and the time they share. */
export class MemoryHub {
  readonly clock: ManualClock
  readonly keepMs: number
  readonly #latencyMs: number
  readonly #nodes = new Map<PeerId, MemoryNetwork>()
  #moves = 0

  constructor({ clock = new ManualClock(), keepMs = 8_400, latencyMs = 0 }: HubOptions = {}) {
    this.clock = clock
    this.keepMs = keepMs
    this.#latencyMs = latencyMs
  }

  /** A node without links. */
  join(name: string): MemoryNetwork {
    const node = new MemoryNetwork(name as PeerId, this)
    this.#nodes.set(node.self, node)
    return node
  }

  /** Nodes `0`, `1`, ... of which each is linked to the next. */
  line(count: number): readonly MemoryNetwork[] {
    const nodes = Array.from({ length: count }, (_, index) => this.join(String(index)))
    nodes.reduce((left, right) => {
      this.link(left, right)
      return right
    })
    return nodes
  }

  link(a: MemoryNetwork, b: MemoryNetwork): void {
    a.connect(b.self, 'outbound')
    b.connect(a.self, 'inbound')
  }

  unlink(a: MemoryNetwork, b: MemoryNetwork): void {
    a.drop(b.self)
    b.drop(a.self)
  }

  /** The node is gone: its links end, and nobody reaches it any more. */
  remove(node: MemoryNetwork): void {
    this.#nodes.delete(node.self)
    for (const { id } of node.peers()) {
      node.drop(id)
      this.#nodes.get(id)?.drop(node.self)
    }
  }

  node(id: PeerId): MemoryNetwork | undefined {
    return this.#nodes.get(id)
  }

  /** Runs `task` when the link has carried it over. */
  carry(task: () => void): void {
    this.moved()
    this.clock.after(this.#latencyMs, task)
  }

  /** Something happened: the network is not settled. */
  moved(): void {
    this.#moves++
  }

  /** Resolves when nothing moves any more without time passing; what is due now is run. */
  async settle(): Promise<void> {
    for (let quiet = 0, before = -1; quiet < QUIET_TURNS; quiet++) {
      if (this.#moves !== before) quiet = 0
      before = this.#moves
      this.clock.advance(0)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Lets `ms` pass in steps, settling after each. */
  async run(ms: number, stepMs = 1): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.clock.advance(stepMs)
      await this.settle()
    }
  }
}

/** One node's end of a {@link MemoryHub}. */
export class MemoryNetwork implements Network {
  readonly self: PeerId
  readonly envelopes: Envelopes
  readonly #heardMs = new Map<PeerId, number>()
  /** A process that is stopped keeps its connections and answers nothing. */
  answersPings = true
  /** How long it takes to answer a ping, ms. */
  pingMs = 0
  /** Peers that this end disconnected, and why. */
  readonly dropped: { readonly peer: PeerId; readonly reason: string }[] = []
  readonly #hub: MemoryHub
  readonly #judges = new Map<string, Judge>()
  readonly #seen = new Set<string>()
  readonly #links = new Map<PeerId, PeerConnection>()
  readonly #handlers = new Map<string, { limits: ProtocolLimits; handler: RequestHandler }>()
  readonly #routerEvents = new Emitter<RouterEvent>()
  readonly #peerEvents = new Emitter<PeerEvent>()

  constructor(self: PeerId, hub: MemoryHub) {
    this.self = self
    this.envelopes = simEnvelopes(self)
    this.#hub = hub
  }

  /** Whoever is linked answers, unless it was silenced. */
  async ping(peer: PeerId): Promise<boolean> {
    if (!this.#links.has(peer)) return false
    const node = this.#hub.node(peer)
    if (node === undefined || !node.answersPings) return new Promise(() => {})
    if (node.pingMs > 0) await sleep(this.#hub.clock, node.pingMs)
    return true
  }

  heardMs(peer: PeerId): number | undefined {
    return this.#heardMs.get(peer)
  }

  subscribe(topic: string, judge: Judge): void {
    this.#judges.set(topic, judge)
  }

  async publish(topic: string, data: Uint8Array): Promise<PublishOutcome> {
    const digest = keccak256Hash(data)
    if (!this.#markSeen(topic, digest)) return { recipients: [], duplicate: true }
    return { recipients: this.#send(topic, data, digest), duplicate: false }
  }

  /** A copy that arrives from `from`, as the router sees it. */
  async receive(topic: string, data: Uint8Array, from: PeerId): Promise<void> {
    const judge = this.#judges.get(topic)
    if (judge === undefined) return
    const digest = keccak256Hash(data)
    const receivedMs = this.#hub.clock.monotonicMs()
    this.#heardMs.set(from, receivedMs)
    if (!this.#markSeen(topic, digest)) {
      const copy = { topic, digest, from, atMs: receivedMs, bytes: data.length }
      this.#routerEvents.emit({ kind: 'duplicate', ...copy })
      return
    }
    const action = await judge({ topic, data, from, digest, receivedMs })
    this.#hub.moved()
    const isKept = this.#hub.clock.monotonicMs() - receivedMs <= this.#hub.keepMs
    if (action === 'accept' && isKept) this.#send(topic, data, digest, from)
  }

  peers(): readonly PeerConnection[] {
    return [...this.#links.values()]
  }

  onPeer(listener: (event: PeerEvent) => void): Unsubscribe {
    return this.#peerEvents.on(listener)
  }

  onRouter(listener: (event: RouterEvent) => void): Unsubscribe {
    return this.#routerEvents.on(listener)
  }

  mesh(): readonly MeshView[] {
    const peers = [...this.#links.keys()]
    return [...this.#judges.keys()].map((topic) => ({ topic, mesh: peers, subscribers: peers }))
  }

  scores(): readonly PeerScore[] {
    return [...this.#links.keys()].map((peer) => ({ peer, score: 0 }))
  }

  async handle(protocol: string, limits: ProtocolLimits, handler: RequestHandler): Promise<void> {
    this.#handlers.set(protocol, { limits, handler })
  }

  async *request(
    to: PeerId,
    protocol: string,
    limits: ProtocolLimits,
    request: Uint8Array,
  ): AsyncIterable<Uint8Array> {
    const served = this.#links.has(to)
      ? this.#hub.node(to)?.answer(protocol, this.self, request)
      : undefined
    if (served === undefined) throw new RequestFailure(`${to} does not serve ${protocol}`)
    let frames = 0
    for await (const frame of this.#untilDeadline(served, to, limits)) {
      this.#hub.moved()
      if (++frames > limits.maxFrames || frame.length > limits.maxFrameBytes)
        throw new RequestFailure(`${to} answers more than ${protocol} allows`, true)
      yield frame
    }
  }

  /** The frames, until one of the times is over or the link is gone. */
  async *#untilDeadline(
    frames: AsyncIterable<Uint8Array>,
    to: PeerId,
    limits: ProtocolLimits,
  ): AsyncIterable<Uint8Array> {
    const source = frames[Symbol.asyncIterator]()
    const end = Promise.withResolvers<never>()
    end.promise.catch(() => {})
    const expire = (): void => end.reject(new RequestFailure(`${to} does not answer in time`))
    const cancelFirst = this.#hub.clock.after(limits.firstByteTimeoutMs, expire)
    const cancelTotal = this.#hub.clock.after(limits.totalTimeoutMs, expire)
    const unsubscribe = this.onPeer((event) => {
      if (event.kind === 'disconnected' && event.peer === to)
        end.reject(new RequestFailure(`${to} is gone`))
    })
    try {
      for (;;) {
        const next = await Promise.race([source.next().catch(asReset), end.promise])
        cancelFirst()
        if (next.done === true) return
        yield next.value
      }
    } finally {
      cancelFirst()
      cancelTotal()
      unsubscribe()
      void source.return?.()?.catch(() => {})
    }
  }

  /** What this node's handler answers to a peer's request. */
  answer(
    protocol: string,
    from: PeerId,
    request: Uint8Array,
  ): AsyncIterable<Uint8Array> | undefined {
    const entry = this.#handlers.get(protocol)
    if (entry === undefined || request.length > entry.limits.maxRequestBytes) return undefined
    return entry.handler(from, request)
  }

  async dial(address: string): Promise<PeerId> {
    const name = address.replace('/memory/', '').replace(/\/p2p\/.*/, '')
    const node = this.#hub.node(name as PeerId)
    if (node === undefined) throw new Error(`nobody listens at ${address}`)
    this.#hub.link(this, node)
    return node.self
  }

  async disconnect(peer: PeerId, reason: string): Promise<void> {
    this.dropped.push({ peer, reason })
    const node = this.#hub.node(peer)
    if (node !== undefined) this.#hub.unlink(this, node)
  }

  /** A record here is the name itself: the first by order of linking. */
  async peerRecords(count: number): Promise<readonly Uint8Array[]> {
    const names = [this.self, ...this.#links.keys()].slice(0, count)
    return names.map((name) => new TextEncoder().encode(name))
  }

  async learnPeer(record: Uint8Array): Promise<PeerId | undefined> {
    const node = this.#hub.node(new TextDecoder().decode(record) as PeerId)
    return node === undefined || node === this ? undefined : node.self
  }

  async dialPeer(peer: PeerId): Promise<void> {
    await this.dial(`/memory/${peer}`)
  }

  addresses(): readonly string[] {
    return [`/memory/${this.self}`]
  }

  /** One end of a new link. */
  connect(id: PeerId, direction: PeerConnection['direction']): void {
    if (this.#links.has(id)) return
    const peer = { id, address: `/memory/${id}`, direction }
    this.#links.set(id, peer)
    this.#peerEvents.emit({ kind: 'connected', peer })
  }

  /** One end of a link that is no more. */
  drop(id: PeerId): void {
    if (this.#links.delete(id)) this.#peerEvents.emit({ kind: 'disconnected', peer: id })
  }

  #markSeen(topic: string, digest: Hash): boolean {
    const id = `${topic} ${digest}`
    if (this.#seen.has(id)) return false
    this.#seen.add(id)
    return true
  }

  #send(topic: string, data: Uint8Array, digest: Hash, except?: PeerId): readonly PeerId[] {
    const recipients = [...this.#links.keys()].filter((id) => id !== except)
    for (const to of recipients) {
      this.#hub.carry(() => void this.#hub.node(to)?.receive(topic, data, this.self))
      const sent = { topic, digest, to, atMs: this.#hub.clock.monotonicMs(), bytes: data.length }
      this.#routerEvents.emit({ kind: 'forwarded', ...sent })
    }
    return recipients
  }
}

/** What an asker sees of a handler that throws: a stream that was reset. */
function asReset(): never {
  throw new RequestFailure('the peer reset the stream')
}
