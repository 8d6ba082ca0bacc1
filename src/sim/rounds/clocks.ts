/**
 * The same epidemics without a common beat: each node begins its rounds at a moment of its own, and
 * a message travels for a while. What a call sees is who knows the rumour at the moment when its
 * message arrives. One round is {@link TICKS} ticks.
 */
import type { RoundNetwork } from './network.ts'
import { liveNodes, type SpreadOptions, type SpreadRun } from './spread.ts'
import { TickQueue } from './tickQueue.ts'

/** Ticks of one round. */
export const TICKS = 64

/** How long a message travels at most, rounds. */
export const MAX_TRAVEL_ROUNDS = 8

/** Epidemics by clocks, with messages that travel. */
export interface ClockOptions extends SpreadOptions {
  /** How long a message travels, rounds; 0 to {@link MAX_TRAVEL_ROUNDS}. */
  readonly travelRounds: number
}

/**
 * Spreads one rumour; `informed` counts the nodes that know it at the end of each round since it
 * began.
 */
export function spreadByClocks(network: RoundNetwork, options: ClockOptions): SpreadRun {
  const state = new ClockedSpreading(network, options)
  const informed = [1]
  while (state.count < network.live && informed.length <= options.maxRounds) {
    for (let tick = 0; tick < TICKS; tick++) state.tick()
    informed.push(state.count)
  }
  return { informed, live: network.live, messages: state.messages }
}

class ClockedSpreading {
  readonly #network: RoundNetwork
  readonly #options: ClockOptions
  readonly #travelTicks: number
  readonly #knows: Uint8Array
  /** Nodes by the tick at which their next round begins. */
  readonly #wakes: TickQueue
  /**
   * Messages under way, by the tick at which they arrive: the receiver, then the sender, then what
   * it is.
   */
  readonly #arrivals: TickQueue
  #now = 0
  count = 1
  messages = 0

  constructor(network: RoundNetwork, options: ClockOptions) {
    this.#network = network
    this.#options = options
    this.#travelTicks = Math.max(1, Math.round(options.travelRounds * TICKS))
    this.#knows = new Uint8Array(network.graph.nodes)
    this.#knows[options.origin] = 1
    this.#wakes = new TickQueue(TICKS + 1, network.live + 1)
    this.#arrivals = new TickQueue(this.#travelTicks + 1)
    for (const node of liveNodes(network)) this.#wakes.add(network.random.int(TICKS), node)
  }

  tick(): void {
    const now = this.#now
    for (let to = this.#arrivals.take(now); to !== -1; to = this.#arrivals.take(now))
      this.#arrive(to, this.#arrivals.take(now), this.#arrivals.take(now))
    for (let node = this.#wakes.take(now); node !== -1; node = this.#wakes.take(now)) {
      for (let call = 0; call < this.#options.fanout; call++) this.#call(node)
      this.#wakes.add(now + TICKS, node)
    }
    this.#now++
  }

  #call(node: number): void {
    const partner = this.#network.partner(node)
    if (partner === -1) return
    const { protocol } = this.#options
    const knows = this.#knows[node] === 1
    if (protocol !== 'pull' && knows) this.#send(node, partner, RUMOUR)
    else if (protocol !== 'push') this.#send(node, partner, REQUEST)
  }

  #send(from: number, to: number, message: number): void {
    this.messages++
    const round = Math.floor(this.#now / TICKS) + 1
    if (!this.#network.arrives(from, to, round)) return
    const atTick = this.#now + this.#travelTicks
    this.#arrivals.add(atTick, to)
    this.#arrivals.add(atTick, from)
    this.#arrivals.add(atTick, message)
  }

  #arrive(to: number, from: number, message: number): void {
    if (message === REQUEST) {
      if (this.#knows[to] === 1) this.#send(to, from, RUMOUR)
    } else if (this.#knows[to] === 0) {
      this.#knows[to] = 1
      this.count++
    }
  }
}

const RUMOUR = 0
const REQUEST = 1
