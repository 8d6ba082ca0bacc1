/**
 * Simulated machines and the wires between them. A machine has an identity, its access to the
 * network and what runs on it.
 *
 * A wire is one direction of a connection. It carries gossip frames and requests in one order, as a
 * connection of TCP does, and takes the time that the shaper of links gives them
 * (`p2p/links/linkShaper.ts`):
 *
 *     up serializer of the sender -> latency, jitter, losses -> down serializer of the receiver
 *
 * A frame is readable as a whole when its last byte has passed both. Two things are simpler than on
 * a real link: a frame enters the down serializer whole when its first piece has come, and no
 * writer sees back pressure.
 */
import type { PeerId as Libp2pPeerId } from '@libp2p/interface'
import type { PeerId } from '../../gossip/network.ts'
import type { Random } from '../../lib/random.ts'
import { travelMs } from '../../p2p/links/linkTravel.ts'
import { Serializer } from '../../p2p/links/serializer.ts'
import { PACKET_BYTES } from '../../p2p/links/shapedStream.ts'
import type { RouterStream, RPC } from '../../p2p/router/routerInternals.ts'
import type { LinkShape } from '../../rehearsal/linkShape.ts'
import type { Away, Crossing } from '../threads/crossing.ts'
import { LOST, ownerOf, QUIET, type Due, type Owner } from '../time/due.ts'
import { TICKS_PER_MS, type VirtualTime } from '../time/virtualTime.ts'
import { CORE_COSTS, type Core } from './core.ts'
import { RequestFrame } from './requestFrame.ts'
import type { SimRouter } from './routerAccess.ts'
import { varintBytes } from './rpcBytes.ts'
import type { Traffic } from './traffic.ts'

/** What runs on a machine, from its start to its end. */
export interface Logic {
  readonly router: SimRouter
  /**
   * A gossip frame has come; `bytes` with its length prefix. Answers `QUIET` if it left nothing to
   * be run.
   */
  receive(from: SimMachine, rpc: RPC, bytes: number): unknown
  /** A step of a request has come. */
  receiveRequest(from: SimMachine, frame: RequestFrame): void
  connected(peer: SimMachine, direction: 'inbound' | 'outbound'): void
  disconnected(peer: SimMachine): void
  /** A dial that it wanted cannot come about now. */
  dialFailed(peer: SimMachine): void
}

/** A machine; it outlives the nodes that run on it. */
export class SimMachine {
  readonly index: number
  readonly peerId: Libp2pPeerId
  /** The peer id as text. */
  readonly id: PeerId
  readonly up = new Serializer()
  readonly down = new Serializer()
  /** That of its process; absent where nodes share none. */
  readonly core: Core | undefined
  /** What goes out, by the peer at the other end. */
  readonly wires = new Map<string, Wire>()
  /** How many intents its nodes have had. */
  intents = 0
  /** Of its present life; a new one after a restart. */
  owner: Owner
  logic: Logic | undefined

  constructor(index: number, peerId: Libp2pPeerId, core?: Core) {
    this.index = index
    this.peerId = peerId
    this.core = core
    this.id = peerId.toString() as PeerId
    this.owner = { ...ownerOf(randomStreamOf(index)), state: 'gone' }
  }

  get isUp(): boolean {
    return this.owner.state !== 'gone'
  }

  /** From now on it lives, and what is planned for it belongs to this life. */
  beginLife(): void {
    this.owner = ownerOf(randomStreamOf(this.index))
  }

  /** Nothing that was planned for it happens any more. */
  endLife(): void {
    this.owner.state = 'gone'
    this.owner.missed.length = 0
    this.logic = undefined
  }
}

/** Stream of random numbers of a node: the first belongs to the world. */
export function randomStreamOf(index: number): number {
  return index + 1
}

/**
 * Stream of random numbers of what a node sends over its links, so that they do not depend on what
 * others send.
 */
export function linkStreamOf(index: number, nodes: number): number {
  return nodes + 1 + index
}

/** How many streams a network of so many nodes has. */
export function streamsOf(nodes: number): number {
  return 2 * nodes + 1
}

/** Header of yamux, length and tag of noise: what a frame weighs on the link beside itself. */
const FRAME_OVERHEAD_BYTES = 12 + 18
/** As the shaper cuts what it sends. */
const MAX_PIECE_BYTES = 16 * 1024
const PIECE_MS = 1

/** A gossip frame as an object or as bytes, or a step of a request. */
export type WirePayload = RPC | Uint8Array | RequestFrame

/** What all wires share. */
export interface WireParts {
  /** Absent where all nodes are in one thread. */
  readonly away?: Away | undefined
  readonly time: VirtualTime
  /** What decides on jitter and losses of what a machine sends; used at once and not kept. */
  readonly randomOf: (from: SimMachine) => Random
  readonly traffic: Traffic
}

/** Something under way on a wire: it happens when it has come to the receiver's access. */
class Parcel implements Due {
  /** The life of the receiver to which it goes. */
  readonly owner: Owner
  readonly wire: Wire
  readonly cargo: WirePayload
  readonly bytes: number
  /** Among all that goes over the wire. */
  readonly number: number

  constructor(wire: Wire, cargo: WirePayload, bytes: number, number: number) {
    this.owner = wire.owner
    this.wire = wire
    this.cargo = cargo
    this.bytes = bytes
    this.number = number
  }

  get sender(): number {
    return this.wire.from.index
  }

  run(): unknown {
    return this.wire.arrive(this.cargo, this.bytes, this.number)
  }
}

/** The same once the receiver's process has come to read it. */
class ReadParcel extends Parcel {
  override run(): unknown {
    return this.wire.deliver(this.cargo, this.bytes)
  }
}

/** The same where the receiver's access takes time: its last piece comes later than its first. */
class QueuedParcel extends Parcel {
  readonly arrivedMs: number

  constructor(wire: Wire, cargo: WirePayload, bytes: number, number: number, arrivedMs: number) {
    super(wire, cargo, bytes, number)
    this.arrivedMs = arrivedMs
  }

  override run(): unknown {
    return this.wire.pass(this.cargo, this.bytes, this.number, this.arrivedMs)
  }
}

const OPEN = {
  status: 'open',
  writeStatus: 'writable',
  remoteWriteStatus: 'writable',
} as const

/** One direction of one connection. */
export class Wire implements RouterStream {
  readonly from: SimMachine
  readonly to: SimMachine
  /** Who dialled: `outbound` where it was the sender. */
  readonly direction: 'inbound' | 'outbound'
  /** Among all wires of the network, in the order in which they came about. */
  readonly serial: number
  /** The life of the receiver to which it leads. */
  readonly owner: Owner
  shape: LinkShape
  readonly #parts: WireParts
  readonly #away: Away | undefined
  /** When what was sent last comes: nothing overtakes it. */
  #lastMs = 0
  #sent = 0
  /** What waits while the link is cut in this direction; `undefined` while it is whole. */
  #held: { readonly cargo: WirePayload; readonly bytes: number }[] | undefined
  #state: 'open' | 'closed' | 'aborted' = 'open'

  constructor(
    { from, to, direction, serial }: Pick<Wire, 'from' | 'to' | 'direction' | 'serial'>,
    shape: LinkShape,
    parts: WireParts,
  ) {
    this.from = from
    this.to = to
    this.direction = direction
    this.serial = serial
    this.owner = to.owner
    this.shape = shape
    this.#parts = parts
    this.#away = parts.away?.isAway(to.index) ? parts.away : undefined
  }

  get protocol(): string {
    return '/meshsub/1.2.0'
  }

  get rawStream(): RouterStream['rawStream'] {
    return OPEN
  }

  /** One gossip frame of `bytes`, its length prefix included. */
  sendRpc(rpc: RPC, bytes: number): void {
    this.#parts.traffic.sent(this.from.index, bytes, rpc)
    this.send(rpc, bytes)
  }

  /** An encoded frame, as the router itself sends it. */
  push(data: Uint8Array): void {
    const bytes = data.length + varintBytes(data.length)
    this.#parts.traffic.sent(this.from.index, bytes, this.from.logic?.router.decodeRpc(data))
    this.send(data, bytes)
  }

  /** The same with its length before it. */
  pushPrefixed(data: { readonly byteLength: number; subarray(from: number): Uint8Array }): void {
    let prefix = 1
    while (varintBytes(data.byteLength - prefix) > prefix) prefix++
    this.push(data.subarray(prefix))
  }

  send(cargo: WirePayload, bytes: number): void {
    if (this.#state !== 'open') return
    if (this.#held === undefined) this.#depart(cargo, bytes)
    else this.#held.push({ cargo, bytes })
  }

  /** Whether what is sent waits because the link is cut in this direction. */
  get isHeld(): boolean {
    return this.#held !== undefined
  }

  /** Nothing that is sent from now on arrives before {@link release}. */
  hold(): void {
    this.#held ??= []
  }

  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const { cargo, bytes } of held) this.#depart(cargo, bytes)
  }

  /** What is under way is lost with the connection. */
  abort(): void {
    this.#state = 'aborted'
    this.#held = undefined
  }

  async close(): Promise<void> {
    if (this.#state === 'open') this.#state = 'closed'
  }

  /** Something has come to the receiver's access, and is there as a whole when it has passed. */
  pass(cargo: WirePayload, bytes: number, number: number, arrivedMs: number): unknown {
    if (this.#state === 'aborted') return LOST
    const { time } = this.#parts
    const passedMs = this.to.down.pass(bytes + FRAME_OVERHEAD_BYTES, time.nowMs)
    time.at(Math.max(arrivedMs, passedMs), new Parcel(this, cargo, bytes, number))
    return QUIET
  }

  /** Something is there as a whole, and is read when the receiver's process comes to it. */
  arrive(cargo: WirePayload, bytes: number, number: number): unknown {
    const { core } = this.to
    if (core === undefined) return this.deliver(cargo, bytes)
    const { time } = this.#parts
    const readMs = core.use(CORE_COSTS.readMs, time.nowMs)
    time.at(readMs, new ReadParcel(this, cargo, bytes, number))
    return QUIET
  }

  /** Something is read. */
  deliver(cargo: WirePayload, bytes: number): unknown {
    if (this.#state === 'aborted') return LOST
    const { logic } = this.to
    if (logic === undefined) return QUIET
    if (cargo instanceof RequestFrame) return logic.receiveRequest(this.from, cargo)
    if (this.#state === 'closed') return QUIET
    const rpc = cargo instanceof Uint8Array ? logic.router.decodeRpc(cargo) : cargo
    this.#parts.traffic.received(this.to.index, bytes, rpc)
    return logic.receive(this.from, rpc, bytes)
  }

  /** Something that was sent in another thread is under way. */
  expect(cargo: RPC | RequestFrame, travel: Omit<Crossing, 'from' | 'to' | 'serial'>): void {
    const { number, bytes, atMs, lastMs } = travel
    this.#parts.time.arriveAt(
      atMs,
      lastMs === undefined
        ? new Parcel(this, cargo, bytes, number)
        : new QueuedParcel(this, cargo, bytes, number, lastMs),
    )
  }

  #depart(cargo: WirePayload, bytes: number): void {
    const { time } = this.#parts
    const { to, from, shape } = this
    const number = this.#sent++
    const { nowMs } = time
    const sentMs = from.core?.use(CORE_COSTS.sendMs, nowMs) ?? nowMs
    let firstMs: number | undefined
    if (from.up.isUnlimited && to.down.isUnlimited && isSteady(shape))
      this.#lastMs = Math.max(this.#lastMs, sentMs + shape.latencyMs)
    else firstMs = this.#send(bytes + FRAME_OVERHEAD_BYTES, sentMs)
    if (this.#away !== undefined) this.#leave(this.#away, cargo, { number, bytes, firstMs })
    else if (to.down.isUnlimited) time.at(this.#lastMs, new Parcel(this, cargo, bytes, number))
    else
      time.at(firstMs ?? this.#lastMs, new QueuedParcel(this, cargo, bytes, number, this.#lastMs))
  }

  #leave(
    away: Away,
    cargo: WirePayload,
    { number, bytes, firstMs }: { number: number; bytes: number; firstMs: number | undefined },
  ): void {
    const { logic } = this.from
    const read = cargo instanceof Uint8Array ? logic?.router.decodeRpc(cargo) : cargo
    if (read === undefined) return
    const isWhole = this.to.down.isUnlimited
    const earliestMs = this.#parts.time.nowMs + 1 / TICKS_PER_MS
    const atMs = Math.max(earliestMs, isWhole ? this.#lastMs : (firstMs ?? this.#lastMs))
    const { from, to, serial } = this
    const travel = { number, bytes, atMs, lastMs: isWhole ? undefined : this.#lastMs }
    away.send({ from: from.index, to: to.index, serial, ...travel }, read)
  }

  /**
   * From `nowMs` on, piece by piece, as the shaper cuts it; answers when the first has come, and
   * notes when the last has.
   */
  #send(length: number, nowMs: number): number {
    const { up } = this.from
    const random = this.#parts.randomOf(this.from)
    const piece = Math.max(
      PACKET_BYTES,
      Math.min(MAX_PIECE_BYTES, Math.floor(up.bytesIn(PIECE_MS))),
    )
    let firstMs = Infinity
    for (let left = length; left > 0; left -= piece) {
      const size = Math.min(piece, left)
      const sentMs = up.pass(size, nowMs)
      const dueMs = sentMs + travelMs(this.shape, Math.ceil(size / PACKET_BYTES), random)
      this.#lastMs = Math.max(this.#lastMs, dueMs)
      firstMs = Math.min(firstMs, this.#lastMs)
    }
    return firstMs
  }
}

/** Every piece takes the same time. */
function isSteady({ jitterMs, lossRate }: LinkShape): boolean {
  return jitterMs === 0 && lossRate === 0
}
