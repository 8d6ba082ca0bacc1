/**
 * The cores of simulated processes. The nodes of a process share one thread: what one of them does
 * waits until all that came before is done, whichever node it was for. A scenario says how many
 * processes share its nodes (`processes`). Without that, no node waits for another, and frames and
 * connections take no time of a node.
 */
import type { Clock } from '../../lib/clock.ts'
import type { Soon } from '../../lib/turns.ts'

/** What a thread spends, ms each. */
export interface CoreCosts {
  /** Reading a frame that has come. */
  readonly readMs: number
  /** Making a frame and handing it to the system. */
  readonly sendMs: number
  /** All else about a transaction that a node sees for the first time, its recovery included. */
  readonly txMs: number
  /** What a transaction takes beside that at the node whose user submits it. */
  readonly submitMs: number
  /** All else about a block that a node sees for the first time, without its transactions. */
  readonly blockMs: number
  /** And for each of its transactions. */
  readonly blockTxMs: number
  /**
   * A connection at each of its ends while the network starts, with what follows: what neighbours
   * tell each other first, the code that is not compiled yet. Later connections cost nothing here.
   */
  readonly connectionMs: number
  /**
   * What a node does whether anything comes or not, once in {@link REST_EVERY_MS}, and what the
   * instrument does for it on the same cores.
   */
  readonly restMs: number
}

/** As often as the heartbeat of a router. */
export const REST_EVERY_MS = 700

/**
 * Processor time of 2 real processes with 25 nodes each on 2 cores of an AMD EPYC (Node 20), as
 * docs/simulator.md says.
 */
export const CORE_COSTS: CoreCosts = Object.freeze({
  readMs: 0.15,
  sendMs: 0.15,
  txMs: 0.75,
  submitMs: 1,
  blockMs: 2.5,
  blockTxMs: 0.08,
  connectionMs: 30,
  restMs: 3.4,
})

/** The costs by what they are for, as a report shows them, ms. */
export function namedCosts(costs: CoreCosts): Readonly<Record<string, number>> {
  return {
    'frame read': costs.readMs,
    'frame sent': costs.sendMs,
    transaction: costs.txMs,
    'own transaction': costs.submitMs,
    block: costs.blockMs,
    'transaction of a block': costs.blockTxMs,
    'end of a connection': costs.connectionMs,
    [`rest, every ${REST_EVERY_MS} ms`]: costs.restMs,
  }
}

/** The thread of a process: it does one thing at a time, in the order in which things come. */
export class Core {
  #freeMs = 0

  /** When it is done with all that has come so far, virtual ms. */
  freeMs(nowMs: number): number {
    return Math.max(nowMs, this.#freeMs)
  }

  /** Takes `costMs` once all that came before is done; answers when it is done, virtual ms. */
  use(costMs: number, nowMs: number): number {
    this.#freeMs = this.freeMs(nowMs) + costMs
    return this.#freeMs
  }
}

/**
 * Runs a task when the thread has read all that has come so far, as a real node does with what it
 * accepted (`p2p/router/accepted.ts`). `undefined` without a core.
 */
export function afterReading(core: Core | undefined, clock: Clock): Soon | undefined {
  if (core === undefined) return undefined
  return (task) => {
    const nowMs = clock.monotonicMs()
    return clock.after(core.freeMs(nowMs) - nowMs, task)
  }
}
