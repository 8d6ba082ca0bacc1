/** How long exchanges take here, and how often a node begins one because of that. */
import { AGGREGATE_PERIOD_MS, MAX_PERIOD_MS, PERIOD_OVER_EXCHANGE } from './limits.ts'

/** Weight of the newest exchange in the mean. */
const NEWEST_SHARE = 0.25

/** The pace of one node, over all its gauges. */
export class ExchangePace {
  #meanMs = 0

  /** An exchange was answered after so long. */
  took(ms: number): void {
    this.#meanMs += NEWEST_SHARE * (ms - this.#meanMs)
  }

  /** From one exchange to the next, ms. */
  get periodMs(): number {
    const wantedMs = PERIOD_OVER_EXCHANGE * this.#meanMs
    return Math.min(MAX_PERIOD_MS, Math.max(AGGREGATE_PERIOD_MS, wantedMs))
  }
}
