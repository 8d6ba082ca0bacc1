/**
 * What the literature says of the models, to stand beside what was simulated. Natural logarithms
 * are written ln.
 */
import type { SpreadProtocol } from './spread.ts'

/** One line of theory. */
export interface Theory {
  /** The formula in words that a person reads. */
  readonly formula: string
  /** Its value, in rounds. */
  readonly rounds: number
  /** Where it comes from. */
  readonly source: string
}

/**
 * Rounds until all of `nodes` know a rumour on a complete graph without faults, each calling
 * `fanout` a round.
 */
export function spreadTheory(protocol: SpreadProtocol, nodes: number, fanout: number): Theory {
  const log = (base: number): number => Math.log(nodes) / Math.log(base)
  const k = fanout === 1 ? '' : `, ${fanout} calls a round`
  if (protocol === 'push')
    return {
      formula: `log_${1 + fanout} n + ln n${fanout === 1 ? '' : ` / ${fanout}`}${k}`,
      rounds: log(1 + fanout) + Math.log(nodes) / fanout,
      source: 'Pittel 1987',
    }
  if (protocol === 'pull')
    return {
      formula: `log_${1 + fanout} n + log_${1 + fanout} ln n${k}`,
      rounds: log(1 + fanout) + Math.log(Math.log(nodes)) / Math.log(1 + fanout),
      source: 'Karp, Schindelhauer, Shenker, Vöcking 2000',
    }
  return {
    formula: `log_${1 + 2 * fanout} n + log_${1 + fanout} ln n${k}`,
    rounds: log(1 + 2 * fanout) + Math.log(Math.log(nodes)) / Math.log(1 + fanout),
    source: 'Karp, Schindelhauer, Shenker, Vöcking 2000',
  }
}

/**
 * Share of nodes that a rumour by feedback and counter k never reaches (Demers et al. 1987): the s
 * with s = e^-((k+1)(1-s)). For small s this is e^-(k+1).
 */
export function rumourResidue(interest: number): number {
  let low = 0
  let high = 1 - 1e-9
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2
    if (middle > Math.exp(-(interest + 1) * (1 - middle))) high = middle
    else low = middle
  }
  return low
}

/**
 * Rounds of push-sum until every node's relative error is below `error` with high probability
 * (Kempe, Dobra, Gehrke 2003, theorem 3.1, whose constant is left open): log2 n + log2 (1/error).
 */
export function pushSumTheory(nodes: number, error: number): Theory {
  return {
    formula: 'O(log2 n + log2 1/error)',
    rounds: Math.log2(nodes) + Math.log2(1 / error),
    source: 'Kempe, Dobra, Gehrke 2003',
  }
}
