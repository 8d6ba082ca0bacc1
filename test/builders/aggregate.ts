/**
 * Networks of the pure part of aggregation: nodes that exchange in rounds, and lose what a schedule
 * says.
 */
import type { Gauge, GaugeBook } from '../../src/aggregate/gauges.ts'
import { MAX_TRIES } from '../../src/aggregate/limits.ts'
import { Participant, type Epoch } from '../../src/aggregate/participant.ts'
import { contribution, type Summary } from '../../src/aggregate/summary.ts'
import type { PeerId } from '../../src/gossip/network.ts'
import type { Random } from '../../src/lib/random.ts'

/** What happens to one try of an exchange. */
export type Loss = 'nothing' | 'request' | 'answer'

/** A gauge of transactions. */
export const PENDING: Gauge = {
  unit: 'transactions',
  worst: 'highest',
  counted: 'nodes',
  about: 'pending transactions',
}

/** Some gauges. */
export const SOME_GAUGES: GaugeBook = {
  names: ['txpool.pending', 'chain.head'],
  find: (name) => (SOME_GAUGES.names.includes(name) ? PENDING : undefined),
}

/** What a node observes of {@link SOME_GAUGES}. */
export function observing(pending: number, head = 0): (gauge: string) => readonly number[] {
  return (gauge) => {
    if (gauge === 'txpool.pending') return [pending]
    return gauge === 'chain.head' ? [head] : []
  }
}

/** Nodes that all can reach each other; node 0 is the root, and others join when they are asked. */
export class ModelNetwork {
  readonly nodes: (Participant | undefined)[]
  readonly #epoch: Epoch
  readonly #random: Random
  readonly #values: readonly number[]
  readonly #loss: (tries: number) => Loss

  /** @param loss what happens to the try of this number of an exchange. */
  constructor(
    values: readonly number[],
    random: Random,
    loss: (tries: number) => Loss = () => 'nothing',
  ) {
    this.#epoch = { number: 1, tag: 1, rounds: 250 }
    this.#values = values
    this.#random = random
    this.#loss = loss
    this.nodes = values.map(() => undefined)
    this.#join(0, true)
  }

  /** Those that have joined. */
  get joined(): Participant[] {
    return this.nodes.filter((node) => node !== undefined)
  }

  /** What all hold together, those that have not joined with what they will put in. */
  total(of: (summary: Summary) => number): number {
    return this.nodes.reduce(
      (sum, node, at) => sum + of(node?.held ?? contribution([this.#values[at] ?? 0], false)),
      0,
    )
  }

  /** Each node that has joined asks another one at random, one after the other. */
  round(): void {
    for (const [at, node] of this.nodes.entries()) if (node !== undefined) this.#exchange(at, node)
  }

  /** Tries what is open until it has ended. */
  settle(): void {
    for (let tries = 0; tries < MAX_TRIES; tries++)
      for (const [at, node] of this.nodes.entries())
        if (node?.open !== undefined) this.#exchange(at, node)
  }

  #exchange(at: number, node: Participant): void {
    const exchange = node.open ?? node.ask(String(this.#other(at)) as PeerId)
    if (exchange.isUnderWay) exchange.tries++
    exchange.isUnderWay = true
    const loss = this.#loss(exchange.tries)
    if (loss === 'request') return void node.fail(exchange)
    const partner = this.nodes[Number(exchange.peer)] ?? this.#join(Number(exchange.peer), false)
    const held = partner.answer(String(at) as PeerId, exchange.sequence, exchange.sent)
    if (loss === 'answer') node.fail(exchange)
    else node.settle(exchange, held)
  }

  #other(at: number): number {
    const other = this.#random.int(this.nodes.length - 1)
    return other < at ? other : other + 1
  }

  #join(at: number, isRoot: boolean): Participant {
    const node = new Participant(this.#epoch, 0, contribution([this.#values[at] ?? 0], isRoot))
    this.nodes[at] = node
    return node
  }
}
