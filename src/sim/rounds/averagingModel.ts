/**
 * Aggregation in rounds, by the code that nodes run (`aggregate/participant.ts`), without network
 * and time: in each round every node that takes part exchanges with a random neighbour, one after
 * the other, and nothing is lost.
 */
import { valueOf } from '../../aggregate/estimate.ts'
import { Participant } from '../../aggregate/participant.ts'
import { contribution } from '../../aggregate/summary.ts'
import type { PeerId } from '../../gossip/network.ts'
import type { Random } from '../../lib/random.ts'
import type { CallGraph } from './graph.ts'

const HIGHEST_VALUE = 1_000
/** Push-pull averaging takes the variance down by this in a round: 1 / (2 sqrt e). */
const VARIANCE_FACTOR = 1 / (2 * Math.sqrt(Math.E))

/** The largest relative error of any node after a round; 1 or more while nodes have not joined. */
export interface RoundError {
  readonly mean: number
  readonly count: number
}

/** The errors after each round of one epoch, of values that are drawn; node 0 is the root. */
export function averagingErrors(
  graph: CallGraph,
  random: Random,
  rounds: number,
): readonly RoundError[] {
  const { nodes } = graph
  const values = Float64Array.from({ length: nodes }, () => random.int(HIGHEST_VALUE))
  const mean = values.reduce((sum, value) => sum + value, 0) / nodes
  const epoch = { number: 1, tag: 1, rounds: Infinity }
  const taking: (Participant | undefined)[] = Array.from({ length: nodes })
  const join = (node: number): Participant => {
    const made = new Participant(epoch, 0, contribution([values[node] ?? 0], node === 0))
    taking[node] = made
    return made
  }
  join(0)
  return Array.from({ length: rounds }, () => {
    for (const [node, asker] of taking.entries()) {
      const other = asker === undefined ? -1 : graph.partner(node, random)
      if (asker === undefined || other === -1) continue
      const exchange = asker.ask(peerOf(other))
      const partner = taking[other] ?? join(other)
      asker.settle(exchange, partner.answer(peerOf(node), exchange.sequence, exchange.sent))
    }
    return {
      mean: worstError(taking, 'mean', mean),
      count: worstError(taking, 'count', nodes),
    }
  })
}

/**
 * The worst error that theory expects after so many rounds in which all take part, of the count by
 * one root.
 */
export function expectedCountError(nodes: number, round: number): number {
  const deviation = Math.sqrt(nodes * VARIANCE_FACTOR ** round)
  return deviation * Math.sqrt(2 * Math.log(nodes))
}

/** Rounds after which theory expects the worst node within `error`. */
export function expectedRounds(nodes: number, error: number): number {
  const start = Math.sqrt(nodes * 2 * Math.log(nodes))
  return (2 * Math.log(start / error)) / -Math.log(VARIANCE_FACTOR)
}

function worstError(
  taking: readonly (Participant | undefined)[],
  what: 'mean' | 'count',
  truth: number,
): number {
  let worst = 0
  for (const node of taking) {
    const value = node && valueOf(what, node.held)
    worst = Math.max(worst, value === undefined ? 1 : Math.abs(value - truth) / truth)
  }
  return worst
}

function peerOf(node: number): PeerId {
  return String(node) as PeerId
}
