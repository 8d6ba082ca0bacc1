import type { PeerId as Libp2pPeerId } from '@libp2p/interface'
import {
  TopicValidatorResult,
  type GossipSub,
  type GossipSubComponents,
  type GossipsubMessage,
} from '@chainsafe/libp2p-gossipsub'
import type {
  GossipMessage,
  MeshView,
  PeerId,
  PeerScore,
  PublishOutcome,
  RouterAction,
  RouterEvent,
} from '../../gossip/network.ts'
import { messageOf } from '../../lib/assert.ts'
import { ownedBytes } from '../../lib/bytes.ts'
import type { Clock } from '../../lib/clock.ts'
import { Emitter } from '../../lib/emitter.ts'
import type { Logger } from '../../lib/log.ts'
import { systemRandom, type Random } from '../../lib/random.ts'
import { Turns, type Soon } from '../../lib/turns.ts'
import type { Offence } from '../peers/bans.ts'
import { Accepted } from './accepted.ts'
import { AskedMessages } from './askedMessages.ts'
import { createRouter, type RouterOptions } from './gossipsub.ts'
import { Intake } from './intake.ts'
import { LatePushes } from './latePushes.ts'
import { MeshWatch } from './meshWatch.ts'
import { idText, MessageId, MessageIds } from './messageIds.ts'
import type { RouterFaults } from './routerFaults.ts'
import type { MessageArrival, HookParts } from './hookParts.ts'
import {
  takeCarried,
  type CarriedFrame,
  type FrameReader,
  type MessageSink,
} from './readingHooks.ts'
import { installHooks, type HookedArrivals } from './routerHooks.ts'
import { endHeartbeatWhenStopped } from '../peers/shutdown.ts'
import { boundMemory } from './routerMemory.ts'
import { routerInternals, type RouterInternals, type RouterStream } from './routerInternals.ts'
import { checkTopics, type TopicOptions } from './topics.ts'
import { TrafficCounters, type GossipTraffic } from '../traffic.ts'
import type { StreamState } from '../peers/watchdog.ts'

/** Decides what becomes of a message; a judge that throws counts as ignore. */
export type Judge = (message: GossipMessage) => Promise<RouterAction>

/** What the router is made from. */
export interface GossipRouterOptions extends RouterOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly onOffence: (peer: PeerId, offence: Offence) => void
  /** Round trip to a connected peer, ms; `undefined` while unknown. */
  readonly roundTripMs: (peer: string) => number | undefined
  /** This node's peer id. */
  readonly self: () => PeerId
  /** Makes the message ids; its own unless given. */
  readonly ids?: MessageIds
  /**
   * How a turn of the event loop is waited for; without it, what was accepted does not wait for the
   * sockets to be read.
   */
  readonly soon?: Soon
  readonly random?: Random
  /** Attached to the router, so that it can be made to misbehave. */
  readonly routerFaults?: RouterFaults
}

/** How the router's publish says that a message is known, or that nobody is there to take it. */
const DUPLICATE = 'PublishError.Duplicate'
const NO_PEERS = 'PublishError.NoPeersSubscribedToTopic'

const RESULTS: Readonly<Record<RouterAction, TopicValidatorResult>> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
}

/** The gossipsub router with our judges, our budgets and an account of what it does. */
export class GossipRouter {
  readonly events = new Emitter<RouterEvent>()
  /** Called after each heartbeat of the router. */
  readonly heartbeats = new Emitter<void>()
  readonly #options: GossipRouterOptions
  readonly #ids: MessageIds
  readonly #topics: ReadonlyMap<string, TopicOptions>
  readonly #traffic = new TrafficCounters()
  readonly #judges = new Map<string, Judge>()
  /** Connected peers to which a stream has been opened. */
  readonly #served = new Set<string>()
  readonly #latePushes: LatePushes
  readonly #turns: Turns
  readonly #intake: Intake
  readonly #accepted: Accepted
  #inner: RouterInternals | undefined
  #mesh: MeshWatch | undefined
  #arrivals: HookedArrivals | undefined
  #take: (peer: Libp2pPeerId, frame: CarriedFrame, read?: FrameReader) => void = () => {}

  constructor(options: GossipRouterOptions) {
    checkTopics(options.topics)
    this.#options = options
    this.#intake = new Intake(options.limits)
    this.#ids = options.ids ?? new MessageIds(options.topics)
    this.#topics = new Map(options.topics.map((topic) => [topic.name, topic]))
    this.#turns = new Turns(options.clock, options.limits.gossipTurnMs, options.soon)
    this.#accepted = new Accepted({
      clock: options.clock,
      random: options.random ?? systemRandom,
      soon: options.soon,
    })
    this.#latePushes = new LatePushes({
      clock: options.clock,
      self: options.self,
      lossesToWait: options.parameters.lossesToWait,
      onSpared: () => this.#traffic.counters.sparedForwards++,
      roundTripMs: options.roundTripMs,
      hasSaid: (peer, id) => this.#router.idontwants.get(peer)?.has(id) === true,
    })
  }

  /** The service for `createLibp2p`: makes the router and installs the hooks. */
  readonly service = (components: GossipSubComponents): GossipSub => {
    const router = createRouter(this.#options, this.#ids)(components)
    const inner = routerInternals(router)
    const { clock, log, limits, onOffence, parameters } = this.#options
    endHeartbeatWhenStopped(inner)
    boundMemory(inner, { limits, clock, seenMs: parameters.seenMs })
    const parts: HookParts = {
      clock,
      log,
      onOffence,
      limits,
      ids: this.#ids,
      traffic: this.#traffic,
      intake: this.#intake,
      turns: this.#turns,
      emit: (event) => this.events.emit(event),
      onStream: (peer) => this.#served.add(peer),
      announces: (id, topic) => this.#announces(id, topic),
      latePushes: this.#latePushes,
      faults: this.#options.routerFaults,
      asked: new AskedMessages(limits.gossipMaxAskedIds),
    }
    this.#arrivals = installHooks(inner, parts)
    this.#take = (peer, frame, read) => takeCarried(inner, parts, peer, frame, read)
    this.#mesh = new MeshWatch(inner.mesh, (event) => this.events.emit(event))
    this.#inner = inner
    this.#listen(inner)
    return router
  }

  /** Joins a topic of the options; throws for another. */
  subscribe(topic: string, judge: Judge): void {
    this.#judges.set(this.#topic(topic).name, judge)
    this.#router.subscribe(topic)
  }

  /**
   * Sends to the mesh, or to all subscribers where the topic floods. With nobody to send to, the
   * message is not marked seen and can be published again later. Throws for a topic that is not in
   * the options.
   */
  async publish(topic: string, data: Uint8Array): Promise<PublishOutcome> {
    const { floodPublish } = this.#topic(topic)
    try {
      const result = await this.#router.publish(topic, data, { floodPublish, batchPublish: true })
      if (result.recipients.length === 0) this.#forget(topic, data)
      const recipients = result.recipients.map((peer) => peer.toString() as PeerId)
      return { recipients, duplicate: false }
    } catch (error) {
      const message = messageOf(error)
      if (message !== DUPLICATE && message !== NO_PEERS) throw error
      return { recipients: [], duplicate: message === DUPLICATE }
    }
  }

  mesh(): readonly MeshView[] {
    return this.#router.getTopics().map((topic) => ({
      topic,
      mesh: [...(this.#router.mesh.get(topic) ?? [])] as PeerId[],
      subscribers: this.#router.getSubscribers(topic).map((peer) => peer.toString() as PeerId),
    }))
  }

  scores(): readonly PeerScore[] {
    return [...this.#router.peers.keys()].map((peer) => ({
      peer: peer as PeerId,
      score: this.#router.getScore(peer),
    }))
  }

  /**
   * Whether frames can be sent to the peer and come from it. An entry in the router's maps does not
   * say so: a stream that is reset while it is being opened stays there for ever, and so does one
   * that either end has closed. Each stream carries frames one way; a reader that closes the way
   * back reads no more.
   */
  streamState(peer: PeerId): StreamState {
    const ours = this.#router.streamsOutbound.get(peer)?.rawStream
    const isRead = isFromPeerOpen(ours) && ours?.writeStatus === 'writable'
    if (!isRead) return this.#served.has(peer) ? 'lost' : 'none'
    const theirs = this.#router.streamsInbound.get(peer)?.rawStream
    return theirs === undefined || isFromPeerOpen(theirs) ? 'open' : 'unheard'
  }

  /** The protocols of the router, newest first. */
  protocols(): readonly string[] {
    return this.#router.protocols
  }

  traffic(): GossipTraffic {
    return this.#traffic.snapshot()
  }

  /** When a frame of the peer last came in, monotonic ms, as far as that is remembered. */
  heardMs(peer: PeerId): number | undefined {
    return this.#intake.heardMs(peer)
  }

  /**
   * Takes a frame that a simulation carried here without a stream; the router reads it where `read`
   * does not.
   */
  receive(peer: Libp2pPeerId, frame: CarriedFrame, read?: FrameReader): void {
    this.#take(peer, frame, read)
  }

  /** Hears of what such a reader has read. */
  readonly sink: MessageSink = {
    first: (from, id, message) => {
      const source = from as PeerId
      const arrival = this.#arrivals?.first(source, id, message)
      if (arrival !== undefined) void this.#judge(source, id, message.topic, message.data, arrival)
    },
    duplicate: (from, id, message) => this.#arrivals?.duplicate(from as PeerId, id, message),
  }

  /** Nothing is sent any more that was kept back, and nothing read that waits. */
  stop(): void {
    this.#latePushes.stop()
    this.#turns.stop()
    this.#accepted.stop()
  }

  /** The last connection to a peer has ended: its place in the mesh is reported. */
  peerLeft(peer: PeerId): void {
    this.#served.delete(peer)
    this.#syncMesh()
  }

  get #router(): RouterInternals {
    if (this.#inner === undefined) throw new Error('the gossip router has not been made yet')
    return this.#inner
  }

  /** Whether a message is large enough, by its topic's own measure, for an IDONTWANT. */
  #announces(id: Uint8Array, topic: string): boolean {
    return !(id instanceof MessageId) || id.dataBytes >= this.#topic(topic).idontwantMinBytes
  }

  #topic(name: string): TopicOptions {
    const topic = this.#topics.get(name)
    if (topic === undefined) throw new Error(`no such topic: ${name}`)
    return topic
  }

  #listen(router: RouterInternals): void {
    router.addEventListener('gossipsub:message', (event: CustomEvent<GossipsubMessage>) => {
      void this.#onMessage(event.detail)
    })
    router.addEventListener('gossipsub:graft', () => this.#syncMesh())
    router.addEventListener('gossipsub:prune', () => this.#syncMesh())
    router.addEventListener('gossipsub:heartbeat', () => {
      this.#syncMesh()
      this.heartbeats.emit()
    })
  }

  async #onMessage({ msg, msgId, propagationSource }: GossipsubMessage): Promise<void> {
    const arrival = this.#arrivals?.of(msg)
    if (arrival === undefined) return
    await this.#judge(propagationSource.toString() as PeerId, msgId, msg.topic, msg.data, arrival)
  }

  async #judge(
    from: PeerId,
    msgId: string,
    topic: string,
    data: Uint8Array,
    arrival: MessageArrival,
  ): Promise<void> {
    const judge = this.#judges.get(topic)
    if (judge === undefined) return
    const action = await this.#judged(judge, { topic, data: ownedBytes(data), from, ...arrival })
    const report = (): void => this.#report(msgId, from, action)
    if (action === 'accept') this.#accepted.forward(report, this.#topic(topic).maxLingerMs)
    else report()
  }

  /** Tells the router, which forwards what was accepted to those from whom no copy has come. */
  #report(msgId: string, from: PeerId, action: RouterAction): void {
    if (!this.#router.isStarted()) return
    if (action === 'accept' && !this.#router.mcache.msgs.has(msgId))
      this.#traffic.counters.lateAccepts++
    this.#router.reportMessageValidationResult(msgId, from, RESULTS[action])
  }

  /** A judge that throws is a bug of ours: nobody else pays for it, and it is seen. */
  async #judged(judge: Judge, message: GossipMessage): Promise<RouterAction> {
    try {
      return await judge(message)
    } catch (error) {
      this.#traffic.counters.judgeErrors++
      this.#options.log.error('a judge threw', { topic: message.topic, error: messageOf(error) })
      return 'ignore'
    }
  }

  /** Undoes what the router remembers of a message that reached nobody. */
  #forget(topic: string, data: Uint8Array): void {
    const id = idText(this.#ids.of(topic, data))
    this.#router.seenCache.delete(id)
    this.#router.publishedMessageIds.delete(id)
    this.#router.mcache.remove(id)
  }

  #syncMesh(): void {
    this.#mesh?.sync(this.#options.clock.monotonicMs())
  }
}

/** Whether the peer may still write on the stream. */
function isFromPeerOpen(stream: RouterStream['rawStream'] | undefined): boolean {
  return stream?.status === 'open' && stream.remoteWriteStatus === 'writable'
}
