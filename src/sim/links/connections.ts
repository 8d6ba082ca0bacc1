/**
 * The connections between machines: how they come about and end, and how links are cut, shaped and
 * whole again.
 */
import { limitValues } from '../../p2p/limits.ts'
import type { LinkShape } from '../../rehearsal/linkShape.ts'
import type { LinkPlan } from '../../scenario/networkPlan.ts'
import type { Owner } from '../time/due.ts'
import { TICKS_PER_MS } from '../time/virtualTime.ts'
import type { RPC } from '../../p2p/router/routerInternals.ts'
import type { Crossing } from '../threads/crossing.ts'
import type { Intent } from './intent.ts'
import type { RequestFrame } from './requestFrame.ts'
import { SIM_ADDRESS } from './routerAccess.ts'
import { Wire, type SimMachine, type WireParts } from './machine.ts'

/**
 * Latencies that pass until a dial has its connection: TCP, the handshake of noise, the choice of a
 * muxer.
 */
const HANDSHAKE_LATENCIES = 6
const MIN_HANDSHAKE_MS = 1
/** From a connection to its place in the router, a few ticks. */
const ADMITTED_AFTER_MS = 1

const { firstRedialMs, maxRedialMs } = limitValues('devnet')

/** A planned link: whenever it has no connection, `a` dials `b`. */
interface PlannedLink {
  readonly a: SimMachine
  readonly b: SimMachine
  /** Of the plan: a machine that comes back has it again. */
  readonly planned: LinkShape
  shape: LinkShape
  /** `undefined` while no dial is planned. */
  redial: symbol | undefined
  waitMs: number
}

/**
 * Nothing from these machines reaches those. As pairs, a partition of 25,000 nodes would be
 * millions.
 */
interface Cut {
  readonly from: Set<number>
  /** Places in the order in which they were named. */
  readonly to: ReadonlyMap<number, number>
}

/** Machines, planned links, and what wires need. */
export interface ConnectionParts extends WireParts {
  readonly machines: readonly SimMachine[]
  readonly links: readonly LinkPlan[]
  /** What takes less time nowhere between two nodes: the least latency, ticks. */
  readonly leastTicks: number
}

/** All connections of a simulated network. */
export class Connections {
  readonly #parts: ConnectionParts
  readonly #linksOf: readonly PlannedLink[][]
  readonly #cuts: Cut[] = []
  /** Until when a machine takes no connection of another, who broke the rules; few do. */
  readonly #refusedUntilMs = new Map<SimMachine, Map<SimMachine, number>>()
  /** Of a link that the plan does not have. */
  readonly #unplanned: LinkShape
  #wires = 0

  constructor(parts: ConnectionParts) {
    this.#parts = parts
    this.#unplanned = { latencyMs: parts.leastTicks / TICKS_PER_MS, jitterMs: 0, lossRate: 0 }
    this.#linksOf = parts.machines.map(() => [])
    for (const { a, b, shape } of parts.links) this.#plan(a, b, shape)
  }

  /**
   * Dials the planned links of a machine whose other end runs; answers when those will be there
   * that can be, virtual ms.
   */
  dialLinksOf(machine: SimMachine, isDialled: (other: SimMachine) => boolean = () => true): number {
    let longestMs = 0
    for (const link of this.#linksOf[machine.index] ?? []) {
      const other = link.a === machine ? link.b : link.a
      if (!other.isUp || !isDialled(other)) continue
      this.#dialAfter(link, 0)
      longestMs = Math.max(longestMs, handshakeMs(link.shape))
    }
    return this.#parts.time.nowMs + longestMs + ADMITTED_AFTER_MS
  }

  /**
   * Plans what a node wants of a connection of its own, in all threads: after the least latency, so
   * that no thread has gone further.
   *
   * @param refusedUntilMs with `disconnect`: until when it takes no connection of the peer.
   */
  intend(machine: SimMachine, peer: SimMachine, what: Intent['what'], refusedUntilMs = 0): void {
    const { time, leastTicks, away } = this.#parts
    const intent: Intent = {
      node: machine.index,
      number: machine.intents++,
      peer: peer.index,
      what,
      refusedUntilMs,
      atMs: time.nowMs + leastTicks / TICKS_PER_MS,
    }
    away?.intend(intent)
    this.expectIntent(intent)
  }

  /** Plans what a node of this or of another thread wants. */
  expectIntent(intent: Intent): void {
    const { time } = this.#parts
    time.intendAt(intent.atMs, {
      owner: time.world,
      sender: intent.node,
      number: intent.number,
      run: () => this.#carryOut(intent),
    })
  }

  #carryOut({ node, peer, what, refusedUntilMs }: Intent): void {
    const { machines, time } = this.#parts
    const [from, to] = [machines[node], machines[peer]]
    if (from === undefined || to === undefined) return
    if (what === 'disconnect') {
      if (refusedUntilMs > 0) this.#refuse(from, to, refusedUntilMs)
      this.#disconnect(from, to)
    } else if (!this.dial(from, to)) {
      const { logic, owner } = from
      time.worldAfter(0, { owner, run: () => logic?.dialFailed(to) })
    }
  }

  /** Ends a connection, at once here and when word of it comes there. */
  #disconnect(from: SimMachine, to: SimMachine): void {
    const wire = from.wires.get(to.id)
    const back = to.wires.get(from.id)
    if (wire === undefined) return
    this.#drop(from, to)
    const shape = wire.shape
    this.#parts.time.worldAfter(shape.latencyMs, {
      owner: wire.owner,
      run: () => {
        if (back !== undefined && to.wires.get(from.id) === back) this.#drop(to, from)
      },
    })
    this.#redialLater(from, to)
  }

  /**
   * The machine has been killed: its peers see their connections reset. What it had under way is
   * lost, as it is in a process that shapes its links, and what it had cut or refused itself is
   * forgotten.
   */
  died(machine: SimMachine): void {
    this.#refusedUntilMs.delete(machine)
    for (const { from } of this.#cuts) from.delete(machine.index)
    for (const wire of machine.wires.values()) {
      const { to, shape } = wire
      const back = to.wires.get(machine.id)
      machine.wires.delete(to.id)
      wire.abort()
      this.#parts.time.worldAfter(shape.latencyMs, {
        owner: wire.owner,
        run: () => {
          if (back !== undefined && to.wires.get(machine.id) === back) this.#drop(to, machine)
        },
      })
    }
  }

  /**
   * Nothing from these machines reaches those any more; `both` ends the connections, the other
   * keeps them.
   */
  cut(
    from: readonly SimMachine[],
    to: readonly SimMachine[],
    direction: 'both' | 'outgoing',
  ): void {
    const place = new Map(to.map(({ index }, at) => [index, at]))
    this.#cuts.push({ from: new Set(from.map(({ index }) => index)), to: place })
    for (const machine of from) {
      const wires = [...machine.wires.values()].filter((wire) => place.has(wire.to.index))
      const at = (wire: Wire): number => place.get(wire.to.index) ?? 0
      for (const wire of wires.toSorted((one, other) => at(one) - at(other))) {
        if (direction === 'outgoing') wire.hold()
        else this.#drop(machine, wire.to)
      }
    }
  }

  /** Every link is whole again: what was held arrives, what was cut is dialled again soon. */
  heal(): void {
    this.#cuts.length = 0
    for (const machine of this.#parts.machines) {
      for (const wire of machine.wires.values()) wire.release()
      for (const link of this.#linksOf[machine.index] ?? [])
        if (link.a === machine) this.#dialAfter(link, firstRedialMs)
    }
  }

  /**
   * A machine that comes back has the links of the plan again, as a process has that is told of
   * them anew.
   */
  reshape({ index }: SimMachine): void {
    const links = this.#linksOf[index] ?? []
    this.shape(links.map(({ a, b, planned }) => ({ a: a.index, b: b.index, shape: planned })))
  }

  shape(links: readonly LinkPlan[]): void {
    for (const { a, b, shape } of links) {
      const link = this.#linkBetween(a, b)
      if (link !== undefined) link.shape = shape
      const [one, other] = [this.#parts.machines[a], this.#parts.machines[b]]
      if (one === undefined || other === undefined) continue
      for (const wire of [one.wires.get(other.id), other.wires.get(one.id)])
        if (wire !== undefined) wire.shape = shape
    }
  }

  /**
   * A frame that was sent in another thread; it is lost where its connection has ended meanwhile.
   */
  expect({ from, to, serial, ...travel }: Crossing, cargo: RPC | RequestFrame): void {
    const [one, other] = [this.#parts.machines[from], this.#parts.machines[to]]
    const wire = other && one?.wires.get(other.id)
    if (wire?.serial === serial) wire.expect(cargo, travel)
  }

  /**
   * Dials a machine once; `false` where no connection can come about now. A paused one takes it
   * when it goes on.
   */
  dial(from: SimMachine, to: SimMachine): boolean {
    if (!from.isUp || !to.isUp || from === to) return false
    if (from.wires.has(to.id)) return true
    if (this.#isCut(from, to) || this.#isCut(to, from)) return false
    if (this.#isRefused(from, to) || this.#isRefused(to, from)) return false
    const shape = this.#linkBetween(from.index, to.index)?.shape ?? this.#unplanned
    const lives = [from.owner, to.owner]
    const shake = (owner: Owner, delayMs: number): void =>
      this.#parts.time.worldAfter(delayMs, {
        owner,
        run: () => {
          if (lives[0] !== from.owner || lives[1] !== to.owner) return
          if (to.owner.state === 'paused') shake(to.owner, 0)
          else this.#connect(from, to)
        },
      })
    shake(this.#parts.time.world, handshakeMs(shape))
    return true
  }

  #connect(from: SimMachine, to: SimMachine): void {
    if (!from.isUp || !to.isUp || from.wires.has(to.id)) return
    if (this.#isCut(from, to) || this.#isCut(to, from)) return
    const shape = this.#linkBetween(from.index, to.index)?.shape ?? this.#unplanned
    this.#open(from, to, shape, 'outbound')
    this.#open(to, from, shape, 'inbound')
  }

  #open(
    machine: SimMachine,
    peer: SimMachine,
    shape: LinkShape,
    direction: 'inbound' | 'outbound',
  ): void {
    const serial = this.#wires++
    const wire = new Wire({ from: machine, to: peer, direction, serial }, shape, this.#parts)
    machine.wires.set(peer.id, wire)
    this.#parts.time.worldAfter(0, {
      owner: machine.owner,
      run: () => admit(machine, wire, direction),
    })
  }

  #drop(machine: SimMachine, peer: SimMachine): void {
    const wire = machine.wires.get(peer.id)
    if (wire === undefined) return
    wire.abort()
    machine.wires.delete(peer.id)
    if (!machine.isUp) return
    const { logic } = machine
    this.#parts.time.worldAfter(0, {
      owner: machine.owner,
      run: () => {
        logic?.router.removePeer(peer.peerId)
        logic?.disconnected(peer)
      },
    })
    this.#redialLater(machine, peer)
  }

  #plan(a: number, b: number, shape: LinkShape): void {
    const [one, other] = [this.#parts.machines[a], this.#parts.machines[b]]
    if (one === undefined || other === undefined)
      throw new Error(
        `the plan links nodes ${a} and ${b}, and there are ${this.#parts.machines.length}`,
      )
    const link: PlannedLink = {
      a: one,
      b: other,
      planned: shape,
      shape,
      redial: undefined,
      waitMs: firstRedialMs,
    }
    this.#linksOf[a]?.push(link)
    this.#linksOf[b]?.push(link)
  }

  #linkBetween(a: number, b: number): PlannedLink | undefined {
    return this.#linksOf[a]?.find((link) => link.a.index === b || link.b.index === b)
  }

  /** As `p2p/peers/keptPeers.ts` does: ever more rarely, until it succeeds. */
  #redialLater(one: SimMachine, other: SimMachine): void {
    const link = this.#linkBetween(one.index, other.index)
    if (link === undefined || link.redial !== undefined) return
    this.#dialAfter(link, link.waitMs)
    link.waitMs = Math.min(2 * link.waitMs, maxRedialMs)
  }

  #dialAfter(link: PlannedLink, delayMs: number): void {
    const redial = Symbol('redial')
    link.redial = redial
    this.#parts.time.worldAfter(delayMs, {
      owner: this.#parts.time.world,
      run: () => {
        if (link.redial !== redial) return
        link.redial = undefined
        if (!link.a.isUp || !link.b.isUp) return
        if (this.dial(link.a, link.b)) link.waitMs = firstRedialMs
        else this.#redialLater(link.a, link.b)
      },
    })
  }

  #refuse(machine: SimMachine, peer: SimMachine, untilMs: number): void {
    const refused = this.#refusedUntilMs.get(machine) ?? new Map<SimMachine, number>()
    this.#refusedUntilMs.set(machine, refused.set(peer, untilMs))
  }

  #isRefused(peer: SimMachine, by: SimMachine): boolean {
    const untilMs = this.#refusedUntilMs.get(by)?.get(peer) ?? 0
    return this.#parts.time.nowMs < untilMs
  }

  #isCut(from: SimMachine, to: SimMachine): boolean {
    return this.#cuts.some((cut) => cut.from.has(from.index) && cut.to.has(to.index))
  }
}

function handshakeMs({ latencyMs }: LinkShape): number {
  return Math.max(MIN_HANDSHAKE_MS, HANDSHAKE_LATENCIES * latencyMs)
}

/** The router learns of the connection, and says by its first frame what it has joined. */
function admit(machine: SimMachine, wire: Wire, direction: 'inbound' | 'outbound'): void {
  const { logic } = machine
  const { to } = wire
  if (logic === undefined || machine.wires.get(to.id) !== wire) return
  const { router } = logic
  router.addPeer(to.peerId, direction, SIM_ADDRESS)
  // Past the hook of the node's own router, which would count bytes that never flow.
  Map.prototype.set.call(router.streamsOutbound, to.id, wire)
  logic.connected(to, direction)
  if (router.subscriptions.size > 0)
    router.sendSubscriptions(to.id, [...router.subscriptions], true)
}
