import type { Cancel, Clock } from './clock.ts'

/**
 * A clock whose calendar can be set wrong while it runs, as when a machine's clock is set:
 * durations do not notice.
 */
export class JumpingClock implements Clock {
  readonly #clock: Clock
  #offsetMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Sets the calendar forward, or back if negative. */
  jump(byMs: number): void {
    this.#offsetMs += byMs
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs()
  }

  wallMs(): number {
    return this.#clock.wallMs() + this.#offsetMs
  }

  after(delayMs: number, task: () => void): Cancel {
    return this.#clock.after(delayMs, task)
  }

  every(intervalMs: number, task: () => void): Cancel {
    return this.#clock.every(intervalMs, task)
  }
}
