/**
 * What may go wrong between two nodes: messages that are lost, nodes that are dead, a network in
 * two parts.
 */
import type { Random } from '../../lib/random.ts'
import type { CallGraph } from './graph.ts'

/** The faults of a run. */
export interface RoundFaults {
  /** Probability that a message is lost, 0 to below 1. */
  readonly loss: number
  /** Share of the nodes that are dead from the start, 0 to below 1. The origin is alive. */
  readonly dead: number
  /**
   * Share of the nodes that are in the other part; 0 is a network in one part. The origin is in the
   * first.
   */
  readonly partition: number
  /** The round from which the parts reach each other again; Infinity for never. */
  readonly healRound: number
}

/** Nothing goes wrong. */
export const NO_FAULTS: RoundFaults = { loss: 0, dead: 0, partition: 0, healRound: Infinity }

const OTHER_PART = 1
const DEAD = 2

/** A network of nodes that call each other, as one run draws it. */
export class RoundNetwork {
  readonly graph: CallGraph
  readonly random: Random
  /** Live nodes. */
  readonly live: number
  readonly #faults: RoundFaults
  readonly #states: Uint8Array
  /** Everything arrives: nothing has to be looked up for a call. */
  readonly #isWhole: boolean

  /** @param origin a node that is alive and in the first part. */
  constructor(graph: CallGraph, faults: RoundFaults, random: Random, origin: number) {
    this.graph = graph
    this.random = random
    this.#faults = faults
    this.#isWhole = faults.loss === 0 && faults.dead === 0 && faults.partition === 0
    this.#states = statesOf(graph.nodes, faults, random, origin)
    this.live = this.#states.reduce((sum, state) => sum + (state === DEAD ? 0 : 1), 0)
  }

  isLive(node: number): boolean {
    return this.#states[node] !== DEAD
  }

  /**
   * Whom `node` calls now: a neighbour at random, who may turn out dead or out of reach; -1 where
   * it has none.
   */
  partner(node: number): number {
    return this.graph.partner(node, this.random)
  }

  /** Whether one message from `from` comes to `to` in `round`. */
  arrives(from: number, to: number, round: number): boolean {
    if (this.#isWhole) return true
    const state = this.#states[to]
    if (state === DEAD) return false
    if (round < this.#faults.healRound && state !== this.#states[from]) return false
    return this.#faults.loss === 0 || this.random.next() >= this.#faults.loss
  }
}

function statesOf(
  nodes: number,
  { dead, partition }: RoundFaults,
  random: Random,
  origin: number,
): Uint8Array {
  const states = new Uint8Array(nodes)
  mark(states, OTHER_PART, Math.round(nodes * partition), random, origin)
  mark(states, DEAD, Math.round(nodes * dead), random, origin)
  return states
}

/** Gives `state` to exactly `count` nodes at random, never to the origin. */
function mark(
  states: Uint8Array,
  state: number,
  count: number,
  random: Random,
  origin: number,
): void {
  let left = Math.min(count, states.length - 1)
  while (left > 0) {
    const node = random.int(states.length)
    if (node === origin || states[node] === state) continue
    states[node] = state
    left--
  }
}
