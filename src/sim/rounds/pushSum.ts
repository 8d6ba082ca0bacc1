/**
 * Push-sum (Kempe, Dobra, Gehrke 2003): every node holds a sum and a weight, keeps half of both in
 * each round and sends the other half to a partner at random. The sum over the weight comes to the
 * mean of all values at every node, since no round changes the totals. What is lost takes its mass
 * with it, and the estimate with that mass.
 */
import type { RoundNetwork } from './network.ts'
import { liveNodes } from './spread.ts'

/** How the estimates of one run came to the truth. */
export interface PushSumRun {
  /**
   * The largest relative error of any live node at the end of each round; the first entry is before
   * the first round.
   */
  readonly errors: readonly number[]
  /** The mean over all live nodes. */
  readonly truth: number
  readonly messages: number
  /** The weight that is left, over what there was: 1 unless messages were lost. */
  readonly massLeft: number
}

/** When a run of push-sum ends. */
export interface PushSumOptions {
  /** The relative error at which a run ends. */
  readonly error: number
  readonly maxRounds: number
}

/** Averages `values` (one a node) until every live node is within `error` of the mean. */
export function pushSum(
  network: RoundNetwork,
  values: Float64Array,
  { error, maxRounds }: PushSumOptions,
): PushSumRun {
  const nodes = liveNodes(network)
  const sums = new Masses(values)
  const weights = new Masses(new Float64Array(values.length).fill(1))
  const truth = nodes.reduce((sum, node) => sum + (values[node] ?? 0), 0) / nodes.length
  const errors = [worstError(nodes, sums.now, weights.now, truth)]
  while ((errors.at(-1) ?? 0) > error && errors.length <= maxRounds) {
    for (const node of nodes) sendHalf(network, node, errors.length, sums, weights)
    sums.turn()
    weights.turn()
    errors.push(worstError(nodes, sums.now, weights.now, truth))
  }
  const left = nodes.reduce((sum, node) => sum + (weights.now[node] ?? 0), 0)
  const messages = (errors.length - 1) * nodes.length
  return { errors, truth, messages, massLeft: left / nodes.length }
}

/** One quantity of every node: now, and what comes to it for the next round. */
class Masses {
  now: Float64Array
  next: Float64Array

  constructor(values: Float64Array) {
    this.now = values.slice()
    this.next = new Float64Array(values.length)
  }

  /** Begins the next round. */
  turn(): void {
    const spent = this.now
    this.now = this.next
    this.next = spent.fill(0)
  }

  give(node: number, mass: number): void {
    this.next[node] = (this.next[node] ?? 0) + mass
  }
}

function sendHalf(
  network: RoundNetwork,
  node: number,
  round: number,
  sums: Masses,
  weights: Masses,
): void {
  const [sum, weight] = [(sums.now[node] ?? 0) / 2, (weights.now[node] ?? 0) / 2]
  sums.give(node, sum)
  weights.give(node, weight)
  const partner = network.partner(node)
  if (partner === -1 || !network.arrives(node, partner, round)) return
  sums.give(partner, sum)
  weights.give(partner, weight)
}

function worstError(
  nodes: Int32Array,
  sums: Float64Array,
  weights: Float64Array,
  truth: number,
): number {
  let worst = 0
  for (const node of nodes) {
    const estimate = (sums[node] ?? 0) / (weights[node] ?? 1)
    worst = Math.max(worst, Math.abs(estimate - truth))
  }
  return truth === 0 ? worst : worst / Math.abs(truth)
}
