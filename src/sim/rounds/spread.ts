/**
 * The simple epidemics (Demers et al. 1987; Karp et al. 2000): in each round every node calls
 * `fanout` partners at random. By push a node that knows the rumour gives it to whom it calls, by
 * pull a node asks whom it calls, by push-pull both. All calls of a round see who knew the rumour
 * when the round began. Run for ever, this is anti-entropy: whatever is lost, everyone who can be
 * reached comes to know the rumour.
 */
import type { RoundNetwork } from './network.ts'

/** Who gives what to whom in a call. */
export const SPREAD_PROTOCOLS = ['push', 'pull', 'push-pull'] as const
/** One of {@link SPREAD_PROTOCOLS}. */
export type SpreadProtocol = (typeof SPREAD_PROTOCOLS)[number]

/** One rumour's way through a network. */
export interface SpreadRun {
  /**
   * Live nodes that know the rumour at the end of each round; the first entry is round 0, where the
   * origin knows it.
   */
  readonly informed: readonly number[]
  /** Live nodes. */
  readonly live: number
  /** Messages sent: pushes, requests, and answers that carry the rumour. */
  readonly messages: number
}

/** What a rumour is spread by. */
export interface SpreadOptions {
  readonly protocol: SpreadProtocol
  /** Partners that a node calls in a round. */
  readonly fanout: number
  readonly origin: number
  /** The run ends here at the latest. */
  readonly maxRounds: number
}

/** Spreads one rumour until every live node knows it, or `maxRounds` have passed. */
export function spread(network: RoundNetwork, options: SpreadOptions): SpreadRun {
  const state = new Spreading(network, options)
  const informed = [1]
  while (state.count < network.live && informed.length <= options.maxRounds) {
    state.round(informed.length)
    informed.push(state.count)
  }
  return { informed, live: network.live, messages: state.messages }
}

/**
 * What a node knows: nothing, since this round, since an earlier one. A byte each, for they are
 * looked up at random.
 */
const [IGNORANT, LEARNED, KNEW] = [0, 1, 2]

class Spreading {
  readonly #network: RoundNetwork
  readonly #fanout: number
  readonly #pushes: boolean
  readonly #pulls: boolean
  /** What each node knows. */
  readonly #knows: Uint8Array
  /** Live nodes: those that know the rumour first. What a round changes is sorted in at its end. */
  readonly #nodes: Int32Array
  /** How many of {@link #nodes} knew the rumour when the round began. */
  #knew = 1
  messages = 0

  constructor(network: RoundNetwork, { protocol, fanout, origin }: SpreadOptions) {
    this.#network = network
    this.#fanout = fanout
    this.#pushes = protocol !== 'pull'
    this.#pulls = protocol !== 'push'
    this.#knows = new Uint8Array(network.graph.nodes)
    this.#knows[origin] = LEARNED
    this.#nodes = liveNodes(network)
    this.#settle()
  }

  /** Live nodes that know the rumour. */
  get count(): number {
    return this.#knew
  }

  round(round: number): void {
    // By pull alone, the calls of those who know the rumour change nothing: they are counted and
    // not made.
    const first = this.#pushes ? 0 : this.#knew
    const end = this.#pulls ? this.#nodes.length : this.#knew
    this.messages += first * this.#fanout
    const [nodes, knew, fanout] = [this.#nodes, this.#knew, this.#fanout]
    for (let at = first; at < end; at++) {
      const node = nodes[at] ?? 0
      for (let call = 0; call < fanout; call++) this.#call(node, at < knew, round)
    }
    this.#settle()
  }

  /** One call: its request or push, and the answer. */
  #call(node: number, knows: boolean, round: number): void {
    const partner = this.#network.partner(node)
    if (partner === -1) return
    if (this.#pulls || knows) this.messages++
    const arrived = this.#network.arrives(node, partner, round)
    if (!arrived) return
    const partnerKnew = this.#knows[partner] === KNEW
    if (knows && this.#pushes && !partnerKnew) this.#learn(partner)
    if (!this.#pulls || knows || !partnerKnew) return
    this.messages++
    if (this.#network.arrives(partner, node, round)) this.#learn(node)
  }

  #learn(node: number): void {
    if (this.#knows[node] === IGNORANT) this.#knows[node] = LEARNED
  }

  /** Moves the nodes that have come to know the rumour to the front. */
  #settle(): void {
    const nodes = this.#nodes
    let knew = 0
    for (let at = 0; at < nodes.length; at++) {
      const node = nodes[at] ?? 0
      if (this.#knows[node] === IGNORANT) continue
      this.#knows[node] = KNEW
      nodes[at] = nodes[knew] ?? 0
      nodes[knew++] = node
    }
    this.#knew = knew
  }
}

/** The live nodes of a network, in order. */
export function liveNodes(network: RoundNetwork): Int32Array {
  const nodes = new Int32Array(network.live)
  let count = 0
  for (let node = 0; node < network.graph.nodes; node++)
    if (network.isLive(node)) nodes[count++] = node
  return nodes
}
