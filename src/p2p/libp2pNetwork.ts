/** `Network` over libp2p: what the rest of the node sees of this folder. */
import { setMaxListeners } from 'node:events'
import type { Connection, PeerId as Libp2pPeerId, PrivateKey } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type {
  Envelopes,
  GossipMessage,
  MeshView,
  Network,
  PeerConnection,
  PeerEvent,
  PeerId,
  PeerScore,
  ProtocolLimits,
  PublishOutcome,
  RequestHandler,
  RouterAction,
  RouterEvent,
} from '../gossip/network.ts'
import { messageOf } from '../lib/assert.ts'
import { systemClock, type Clock } from '../lib/clock.ts'
import { withDeadline } from '../lib/deadline.ts'
import { Emitter, type Unsubscribe } from '../lib/emitter.ts'
import { systemRandom, type Random } from '../lib/random.ts'
import { silentLogger, type Logger } from '../lib/log.ts'
import { afterPoll, type Soon } from '../lib/turns.ts'
import { BanList, type Offence } from './peers/bans.ts'
import { GossipRouter } from './router/gossipRouter.ts'
import { createLibp2pNode, startLibp2pNode, type Libp2pNode } from './peers/libp2pNode.ts'
import { envelopesOf } from './peers/envelopes.ts'
import { KeptPeers } from './peers/keptPeers.ts'
import type { LinkFaults } from './links/linkFaults.ts'
import type { LinkShaper } from './links/linkShaper.ts'
import { limitValues, type LimitValues, type Profile } from './limits.ts'
import type { GossipMetrics } from './metrics.ts'
import { PeerRecords } from './peers/peerRecords.ts'
import { keyFromSeed, peerKey } from './peers/peerKey.ts'
import { Pings } from './peers/pings.ts'
import { RequestStreams } from './requests/requests.ts'
import type { MessageIds } from './router/messageIds.ts'
import { routerParameters, type RouterParameters } from './router/routerDefaults.ts'
import type { RouterFaults } from './router/routerFaults.ts'
import { closeWithin } from './peers/shutdown.ts'
import type { TopicOptions } from './router/topics.ts'
import type { GossipTraffic } from './traffic.ts'
import { Watchdog } from './peers/watchdog.ts'

/** What a network is made from; everything but the topics has a default. */
export interface NetworkOptions {
  /** The topics of this network: others are neither joined nor listened to. */
  readonly topics: readonly TopicOptions[]
  /** Multiaddrs to listen on; the default takes a free port on loopback. */
  readonly listen?: readonly string[]
  /**
   * Multiaddrs, such as `/dns4/node.example/tcp/9000`, that peers are told instead of those the
   * node finds out.
   */
  readonly announce?: readonly string[]
  /** Where `peer.key` is kept; a new identity each start if left out. */
  readonly dataDir?: string
  /**
   * 32 bytes that the identity follows from, where it is no secret; `dataDir` has no effect then.
   */
  readonly keySeed?: Uint8Array
  readonly profile?: Profile
  readonly mdns?: boolean
  readonly limits?: Partial<LimitValues>
  readonly router?: Partial<RouterParameters>
  /** Makes the message ids; those of the topics unless given. */
  readonly ids?: MessageIds
  /** Name and version told to peers. */
  readonly agent?: string
  readonly metrics?: GossipMetrics
  /** Lets links be cut while it runs, for rehearsals. */
  readonly linkFaults?: LinkFaults
  /** Lets links carry bytes as links between places do. */
  readonly linkShaper?: LinkShaper
  /** Lets the router misbehave, for rehearsals. */
  readonly routerFaults?: RouterFaults
  readonly clock?: Clock
  /** How the next turn of the event loop is waited for, unless as Node has it. */
  readonly soon?: Soon
  readonly random?: Random
  readonly log?: Logger
}

/** Makes and starts the network; throws one clear Error if it cannot listen. */
export async function createLibp2pNetwork(options: NetworkOptions): Promise<Libp2pNetwork> {
  const network = new Libp2pNetwork(options)
  await network.start()
  return network
}

/** The network of one node: a libp2p node, a gossip router and request streams. */
export class Libp2pNetwork implements Network {
  readonly limits: LimitValues
  readonly routerParameters: RouterParameters
  readonly #options: NetworkOptions
  readonly #clock: Clock
  readonly #log: Logger
  readonly #bans: BanList
  readonly #router: GossipRouter
  readonly #requests: RequestStreams
  readonly #kept: KeptPeers
  readonly #peerEvents = new Emitter<PeerEvent>()
  #libp2p: Libp2pNode | undefined
  #records: PeerRecords | undefined
  #envelopes: Envelopes | undefined
  #pings: Pings | undefined

  constructor(options: NetworkOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#log = options.log ?? silentLogger
    this.limits = limitValues(options.profile ?? 'devnet', options.limits)
    this.routerParameters = routerParameters(options.router)
    this.#bans = new BanList(this.limits)
    this.#router = this.#makeRouter()
    this.#requests = new RequestStreams({
      limits: this.limits,
      clock: this.#clock,
      log: this.#log,
      libp2p: () => this.#running,
    })
    this.#kept = new KeptPeers({
      dial: (address) => this.dial(address),
      isConnected: (peer) => this.peers().some(({ id }) => id === peer),
      limits: this.limits,
      clock: this.#clock,
      log: this.#log,
    })
    options.linkFaults?.healed.on(() => this.#kept.retrySoon())
    this.#startWatchdog()
  }

  /** Called once, by {@link createLibp2pNetwork}. */
  async start(): Promise<void> {
    const { listen, announce, mdns, agent, random, linkFaults, linkShaper } = this.#options
    const privateKey = await this.#privateKey()
    const libp2p = await createLibp2pNode({
      privateKey,
      limits: this.limits,
      log: this.#log,
      listen: listen ?? ['/ip4/127.0.0.1/tcp/0'],
      announce: announce ?? [],
      mdns: mdns ?? false,
      agent: agent ?? 'grapevine',
      router: this.#router.service,
      clock: this.#clock,
      isBanned: (peer) => this.#bans.isBanned(peer, this.#clock.monotonicMs()),
      ...(linkFaults && { linkFaults }),
      ...(linkShaper && { linkShaper }),
    })
    this.#listen(libp2p)
    this.#pings = new Pings({
      libp2p,
      clock: this.#clock,
      intervalMs: this.limits.pingIntervalMs,
      timeoutMs: this.limits.pingTimeoutMs,
    })
    await startLibp2pNode(libp2p)
    this.#libp2p = libp2p
    this.#envelopes = envelopesOf(privateKey)
    this.#records = new PeerRecords({
      libp2p,
      privateKey,
      limits: this.limits,
      random: random ?? systemRandom,
      clock: this.#clock,
    })
  }

  get self(): PeerId {
    return textOf(this.#running.peerId)
  }

  /** The libp2p node inside, for metrics and tests. */
  get libp2p(): Libp2pNode {
    return this.#running
  }

  subscribe(topic: string, judge: (message: GossipMessage) => Promise<RouterAction>): void {
    this.#router.subscribe(topic, judge)
  }

  publish(topic: string, data: Uint8Array): Promise<PublishOutcome> {
    return this.#router.publish(topic, data)
  }

  peers(): readonly PeerConnection[] {
    const byPeer = new Map<PeerId, PeerConnection>()
    for (const connection of this.#running.getConnections())
      if (connection.status === 'open') byPeer.set(textOf(connection.remotePeer), view(connection))
    return [...byPeer.values()]
  }

  onPeer(listener: (event: PeerEvent) => void): Unsubscribe {
    return this.#peerEvents.on(listener)
  }

  onRouter(listener: (event: RouterEvent) => void): Unsubscribe {
    return this.#router.events.on(listener)
  }

  /** Called after each heartbeat of the router. */
  onHeartbeat(listener: () => void): Unsubscribe {
    return this.#router.heartbeats.on(listener)
  }

  mesh(): readonly MeshView[] {
    return this.#router.mesh()
  }

  scores(): readonly PeerScore[] {
    return this.#router.scores()
  }

  traffic(): GossipTraffic {
    return this.#router.traffic()
  }

  connectionCounts(): { readonly inbound: number; readonly outbound: number } {
    const connections = this.#running.getConnections()
    const outbound = connections.filter(({ direction }) => direction === 'outbound').length
    return { inbound: connections.length - outbound, outbound }
  }

  handle(protocol: string, limits: ProtocolLimits, handler: RequestHandler): Promise<void> {
    return this.#requests.handle(protocol, limits, handler)
  }

  request(
    to: PeerId,
    protocol: string,
    limits: ProtocolLimits,
    request: Uint8Array,
  ): AsyncIterable<Uint8Array> {
    return this.#requests.request(to, protocol, limits, request)
  }

  async dial(address: string, { keep = false }: { readonly keep?: boolean } = {}): Promise<PeerId> {
    try {
      const connection = await this.#running.dial(multiaddr(address))
      const peer = textOf(connection.remotePeer)
      if (keep) this.#kept.keep(peer, address)
      return peer
    } catch (error) {
      throw new Error(`cannot dial ${address}: ${messageOf(error)}`, { cause: error })
    }
  }

  /** Closes politely within the time for it, then not politely. Does not ban. */
  async disconnect(
    peer: PeerId,
    message: string,
    { forget = false }: { readonly forget?: boolean } = {},
  ): Promise<void> {
    if (forget) this.#kept.forget(peer)
    this.#log.info('disconnecting a peer', { peer, reason: message })
    const id = peerIdFromString(peer)
    await withDeadline(this.#clock, this.limits.connectionCloseTimeoutMs, async (signal) => {
      setMaxListeners(0, signal)
      await this.#running.hangUp(id, { signal })
    }).catch(() => {})
    for (const connection of this.#running.getConnections(id)) connection.abort(new Error(message))
  }

  async peerRecords(count: number): Promise<readonly Uint8Array[]> {
    return (await this.#records?.sample(count)) ?? []
  }

  async learnPeer(record: Uint8Array): Promise<PeerId | undefined> {
    return this.#records?.learn(record)
  }

  async dialPeer(peer: PeerId): Promise<void> {
    await this.#records?.dial(peer)
  }

  async ping(peer: PeerId): Promise<boolean> {
    return (await this.#pings?.ping(peer)) ?? false
  }

  heardMs(peer: PeerId): number | undefined {
    return this.#router.heardMs(peer)
  }

  get envelopes(): Envelopes {
    if (this.#envelopes === undefined) throw new Error('the network has not been started')
    return this.#envelopes
  }

  addresses(): readonly string[] {
    return this.#running.getMultiaddrs().map(String)
  }

  /** Resets every connection at once, as if this process had been killed. */
  sever(): void {
    for (const connection of this.#running.getConnections())
      connection.abort(new Error('the node was killed'))
  }

  /** Closes everything within a few seconds, whatever peers do; the port is free afterwards. */
  async stop(): Promise<void> {
    this.#pings?.stop()
    const libp2p = this.#libp2p
    if (libp2p === undefined) return
    this.#kept.stop()
    this.#requests.stop()
    this.#router.stop()
    await closeWithin(libp2p, this.#clock, this.limits.stopTimeoutMs)
  }

  get #running(): Libp2pNode {
    if (this.#libp2p === undefined) throw new Error('the network has not been started')
    return this.#libp2p
  }

  #privateKey(): Promise<PrivateKey> {
    const { keySeed, dataDir } = this.#options
    return keySeed === undefined ? peerKey(dataDir) : keyFromSeed(keySeed)
  }

  #makeRouter(): GossipRouter {
    const { topics, profile, metrics, routerFaults, ids, random, soon } = this.#options
    return new GossipRouter({
      ...(metrics === undefined ? {} : { metrics }),
      ...(ids && { ids }),
      ...(routerFaults && { routerFaults }),
      topics,
      limits: this.limits,
      clock: this.#clock,
      log: this.#log,
      profile: profile ?? 'devnet',
      parameters: this.routerParameters,
      onOffence: (peer, offence) => this.#punish(peer, offence),
      self: () => this.self,
      roundTripMs: (peer) => this.#pings?.roundTripMs(peer),
      soon: soon ?? afterPoll,
      ...(random && { random }),
    })
  }

  #startWatchdog(): void {
    const watchdog = new Watchdog({
      connected: () => this.peers().map(({ id }) => id),
      streamState: (peer) => this.#router.streamState(peer),
      speaksGossip: (peer) => this.#speaksGossip(peer),
      onOffence: (peer, offence) => this.#punish(peer, offence),
      patienceMs: this.limits.gossipStreamPatienceMs,
    })
    this.#router.heartbeats.on(() => {
      if (this.#libp2p?.status === 'started') void watchdog.heartbeat(this.#clock.monotonicMs())
    })
    this.#peerEvents.on((event) => {
      if (event.kind === 'disconnected') watchdog.forget(event.peer)
    })
  }

  async #speaksGossip(peer: PeerId): Promise<boolean> {
    const known = await this.#running.peerStore.get(peerIdFromString(peer)).catch(() => undefined)
    return this.#router.protocols().some((protocol) => known?.protocols.includes(protocol))
  }

  /** Every offence costs the connection; enough of them, the address book entry too. */
  #punish(peer: PeerId, offence: Offence): void {
    const banned = this.#bans.strike(peer, offence, this.#clock.monotonicMs())
    this.#log.warn('a peer broke the rules of the network', { peer, offence, banned })
    const id = peerIdFromString(peer)
    for (const connection of this.#running.getConnections(id)) connection.abort(new Error(offence))
  }

  #listen(libp2p: Libp2pNode): void {
    libp2p.addEventListener('peer:connect', (event: CustomEvent<Libp2pPeerId>) => {
      const [connection] = libp2p.getConnections(event.detail)
      if (connection !== undefined)
        this.#peerEvents.emit({ kind: 'connected', peer: view(connection) })
    })
    libp2p.addEventListener('peer:disconnect', (event: CustomEvent<Libp2pPeerId>) => {
      this.#router.peerLeft(textOf(event.detail))
      this.#kept.lost(textOf(event.detail))
      this.#peerEvents.emit({ kind: 'disconnected', peer: textOf(event.detail) })
    })
  }
}

function view(connection: Connection): PeerConnection {
  const { remotePeer, remoteAddr, direction } = connection
  return { id: textOf(remotePeer), address: remoteAddr.toString(), direction }
}

function textOf(peer: Libp2pPeerId): PeerId {
  return peer.toString() as PeerId
}
