/**
 * Rumour mongering (Demers et al. 1987, section 1.4): who hears a rumour spreads it until it loses
 * interest, so the traffic ends by itself, and some nodes may never hear of it: the residue.
 *
 * A node loses interest by `feedback` (a call told one who knew already) or blindly (at every
 * call), and does so with probability 1/k (`coin`) or after k such calls (`counter`).
 */
import type { RoundNetwork } from './network.ts'
import { liveNodes, type SpreadRun } from './spread.ts'

/** What makes a node lose interest, and how fast. */
export const RUMOUR_VARIANTS = [
  'feedback-coin',
  'feedback-counter',
  'blind-coin',
  'blind-counter',
] as const
/** One of {@link RUMOUR_VARIANTS}. */
export type RumourVariant = (typeof RUMOUR_VARIANTS)[number]

/** How a rumour is spread and forgotten. */
export interface RumourOptions {
  readonly variant: RumourVariant
  /** The k of the paper: a node loses interest after k calls, or with probability 1/k at each. */
  readonly interest: number
  /** Partners that a node calls in a round. */
  readonly fanout: number
  readonly origin: number
  readonly maxRounds: number
}

/** Spreads one rumour until nobody is interested any more, or `maxRounds` have passed. */
export function spreadRumour(network: RoundNetwork, options: RumourOptions): SpreadRun {
  const state = new Mongering(network, options)
  const informed = [1]
  while (state.interested > 0 && informed.length <= options.maxRounds) {
    state.round(informed.length)
    informed.push(state.known)
  }
  return { informed, live: network.live, messages: state.messages }
}

class Mongering {
  readonly #network: RoundNetwork
  readonly #options: RumourOptions
  readonly #usesFeedback: boolean
  readonly #tossesCoin: boolean
  /** The round in which a node heard the rumour, plus 1; 0 before. */
  readonly #heard: Int32Array
  /** Calls that cost a node some interest. */
  readonly #tired: Uint16Array
  /**
   * Nodes that spread the rumour; nodes that heard it in this round come after them and begin in
   * the next.
   */
  readonly #spreaders: Int32Array
  #count = 1
  known = 1
  messages = 0

  constructor(network: RoundNetwork, options: RumourOptions) {
    this.#network = network
    this.#options = options
    this.#usesFeedback = options.variant.startsWith('feedback')
    this.#tossesCoin = options.variant.endsWith('coin')
    this.#heard = new Int32Array(network.graph.nodes)
    this.#tired = new Uint16Array(network.graph.nodes)
    this.#spreaders = liveNodes(network)
    this.#spreaders[0] = options.origin
    this.#heard[options.origin] = 1
  }

  /** Nodes that still spread the rumour. */
  get interested(): number {
    return this.#count
  }

  round(round: number): void {
    const spreaders = this.#count
    for (let at = 0; at < spreaders; at++)
      for (let call = 0; call < this.#options.fanout; call++)
        this.#call(this.#spreaders[at] ?? 0, round)
    this.#keepInterested()
  }

  #call(node: number, round: number): void {
    const partner = this.#network.partner(node)
    if (partner === -1 || this.#hasLostInterest(node)) return
    this.messages++
    const arrived = this.#network.arrives(node, partner, round)
    const knew = (this.#heard[partner] ?? 0) > 0
    if (arrived && !knew) {
      this.#heard[partner] = round + 1
      this.known++
      this.#spreaders[this.#count++] = partner
    }
    if (!this.#usesFeedback || (arrived && knew)) this.#tire(node)
  }

  #tire(node: number): void {
    const { interest } = this.#options
    if (!this.#tossesCoin) this.#tired[node] = (this.#tired[node] ?? 0) + 1
    else if (this.#network.random.next() * interest < 1) this.#tired[node] = interest
  }

  #hasLostInterest(node: number): boolean {
    return (this.#tired[node] ?? 0) >= this.#options.interest
  }

  #keepInterested(): void {
    let kept = 0
    for (let at = 0; at < this.#count; at++) {
      const node = this.#spreaders[at] ?? 0
      if (!this.#hasLostInterest(node)) this.#spreaders[kept++] = node
    }
    this.#count = kept
  }
}
