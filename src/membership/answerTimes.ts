import { ANSWERS_KEPT, PATIENCE_FACTOR } from './limits.ts'

/**
 * How long neighbours took to answer the last probes. A network or process that is slow is waited
 * for accordingly; the median decides, so one neighbour that answers late on purpose changes
 * nothing.
 */
export class AnswerTimes {
  readonly #timesMs = Array.from({ length: ANSWERS_KEPT }, () => 0)
  #next = 0

  add(tookMs: number): void {
    this.#timesMs[this.#next] = tookMs
    this.#next = (this.#next + 1) % ANSWERS_KEPT
  }

  /** How long an answer is worth waiting for, ms; 0 until some have come. */
  get patienceMs(): number {
    const median = this.#timesMs.toSorted((a, b) => a - b)[(ANSWERS_KEPT - 1) / 2] ?? 0
    return PATIENCE_FACTOR * median
  }
}
