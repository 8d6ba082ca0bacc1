/**
 * The local health multiplier of Lifeguard (arXiv 1707.00788, section 4.1): a node that misses
 * answers which it should have had takes itself for slow, probes more rarely and waits longer.
 */
import { MAX_HEALTH_SCORE } from './limits.ts'

/** What happened to this node, with what it adds to the score. */
const WEIGHTS = { answered: -1, late: 1, 'missed-nack': 1, accused: 1, paused: 1 } as const

/** Something that tells how this node is. */
export type HealthEvent = keyof typeof WEIGHTS

/** How this node is: 0 is well. */
export class LocalHealth {
  #score = 0

  /** 0 to 8. */
  get score(): number {
    return this.#score
  }

  /** By which intervals and timeouts are multiplied, from 1. */
  get multiplier(): number {
    return this.#score + 1
  }

  note(event: HealthEvent): void {
    this.#score = Math.min(MAX_HEALTH_SCORE, Math.max(0, this.#score + WEIGHTS[event]))
  }
}
