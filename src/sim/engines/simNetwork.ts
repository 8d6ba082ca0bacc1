/** `Network` over virtual time: the world of a simulated node. */
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
} from '../../gossip/network.ts'
import { ownedBytes } from '../../lib/bytes.ts'
import { Emitter, type Unsubscribe } from '../../lib/emitter.ts'
import type { Clock } from '../../lib/clock.ts'
import { endsWithin } from '../../lib/deadline.ts'
import { sample, type Random } from '../../lib/random.ts'
import { limitValues } from '../../p2p/limits.ts'
import type { GossipRouter } from '../../p2p/router/gossipRouter.ts'
import type { SimMachine } from '../links/machine.ts'
import { simEnvelopes } from '../links/simEnvelopes.ts'
import type { SimWorld } from './engine.ts'
import type { SimRequests } from './simRequests.ts'

const DIAL_TIMEOUT_MS = limitValues('devnet').dialTimeoutMs

/** What the network of one node stands on. */
export interface SimNetworkParts {
  readonly world: SimWorld
  readonly machine: SimMachine
  readonly gossip: GossipRouter
  readonly requests: SimRequests
  readonly random: Random
  readonly clock: Clock
}

/** The network of one node. */
export class SimNetwork implements Network {
  readonly self: PeerId
  readonly envelopes: Envelopes
  readonly #parts: SimNetworkParts
  readonly #peerEvents = new Emitter<PeerEvent>()
  readonly #failedDials = new Emitter<PeerId>()
  readonly #connections = new Map<PeerId, PeerConnection>()

  constructor(parts: SimNetworkParts) {
    this.#parts = parts
    this.self = parts.machine.id
    this.envelopes = simEnvelopes(this.self)
  }

  subscribe(topic: string, judge: (message: GossipMessage) => Promise<RouterAction>): void {
    this.#parts.gossip.subscribe(topic, judge)
  }

  /** All nodes get the same bytes, in the form in which each would keep them. */
  publish(topic: string, data: Uint8Array): Promise<PublishOutcome> {
    return this.#parts.gossip.publish(topic, ownedBytes(data))
  }

  peers(): readonly PeerConnection[] {
    return [...this.#connections.values()]
  }

  onPeer(listener: (event: PeerEvent) => void): Unsubscribe {
    return this.#peerEvents.on(listener)
  }

  onRouter(listener: (event: RouterEvent) => void): Unsubscribe {
    return this.#parts.gossip.events.on(listener)
  }

  mesh(): readonly MeshView[] {
    return this.#parts.gossip.mesh()
  }

  scores(): readonly PeerScore[] {
    return this.#parts.gossip.scores()
  }

  async handle(protocol: string, limits: ProtocolLimits, handler: RequestHandler): Promise<void> {
    this.#parts.requests.handle(protocol, limits, handler)
  }

  request(
    to: PeerId,
    protocol: string,
    limits: ProtocolLimits,
    request: Uint8Array,
  ): AsyncIterable<Uint8Array> {
    return this.#parts.requests.request(to, protocol, limits, request)
  }

  async dial(address: string): Promise<PeerId> {
    const index = Number(/^\/memory\/(\d+)/.exec(address)?.[1] ?? Number.NaN)
    const machine = this.#parts.world.machines[index]
    if (machine === undefined) throw new Error(`cannot dial ${address}: there is no such node`)
    return this.#dialMachine(machine)
  }

  async disconnect(peer: PeerId): Promise<void> {
    const to = this.#machineOf(peer)
    const { machine, world } = this.#parts
    if (to !== undefined) world.connections.intend(machine, to, 'disconnect')
  }

  /** A record of the simulation is the number of its node. */
  async peerRecords(count: number): Promise<readonly Uint8Array[]> {
    const { machine, random } = this.#parts
    const known = [...machine.wires.values()].map(({ to }) => to.index)
    return sample(random, [machine.index, ...known], count).map((index) => {
      const record = new Uint8Array(4)
      new DataView(record.buffer).setUint32(0, index)
      return record
    })
  }

  async learnPeer(record: Uint8Array): Promise<PeerId | undefined> {
    if (record.length !== 4) return undefined
    const { buffer, byteOffset } = record
    const index = new DataView(buffer, byteOffset).getUint32(0)
    const machine = this.#parts.world.machines[index]
    return machine === this.#parts.machine ? undefined : machine?.id
  }

  async dialPeer(peer: PeerId): Promise<void> {
    const machine = this.#machineOf(peer)
    if (machine === undefined) throw new Error(`cannot dial ${peer}: there is no such node`)
    await this.#dialMachine(machine)
  }

  ping(peer: PeerId): Promise<boolean> {
    return this.#parts.requests.ping(peer)
  }

  heardMs(peer: PeerId): number | undefined {
    return this.#parts.gossip.heardMs(peer)
  }

  addresses(): readonly string[] {
    return [`/memory/${this.#parts.machine.index}`]
  }

  /** A connection has come about. */
  connected(peer: SimMachine, direction: PeerConnection['direction']): void {
    const connection = { id: peer.id, direction, address: `/memory/${peer.index}` }
    this.#connections.set(peer.id, connection)
    this.#peerEvents.emit({ kind: 'connected', peer: connection })
  }

  disconnected({ id }: SimMachine): void {
    this.#connections.delete(id)
    this.#parts.gossip.peerLeft(id)
    this.#parts.requests.lost(id)
    this.#peerEvents.emit({ kind: 'disconnected', peer: id })
  }

  /** A dial cannot come about now. */
  dialFailed({ id }: SimMachine): void {
    this.#failedDials.emit(id)
  }

  /**
   * Resolves when the connection is there; rejects where it does not come about in the time for it.
   */
  async #dialMachine(peer: SimMachine): Promise<PeerId> {
    const { world, machine, clock } = this.#parts
    const { id, index } = peer
    if (this.#connections.has(id)) return id
    const failure = new Error(`cannot dial node ${index}: it is away`)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const ends = [
      this.onPeer((event) => {
        if (event.kind === 'connected' && event.peer.id === id) resolve()
      }),
      this.#failedDials.on((failed) => {
        if (failed === id) reject(failure)
      }),
    ]
    try {
      world.connections.intend(machine, peer, 'dial')
      if (!(await endsWithin(clock, DIAL_TIMEOUT_MS, promise))) throw failure
      await promise
      return id
    } finally {
      for (const end of ends) end()
    }
  }

  #machineOf(peer: PeerId): SimMachine | undefined {
    const { machines, indexOf } = this.#parts.world
    return machines[indexOf.get(peer) ?? -1]
  }
}
