/** Brings monotonic times to the calendar, finer than the calendar of the machine is read. */
import type { Clock } from '../lib/clock.ts'

/**
 * The calendar is read in whole milliseconds, rounded down: a reading is up to so much too low, and
 * a little more.
 */
const COARSE_MS = 1.5
/** At the beginning both clocks are read until the calendar has moved on once, or so often. */
const FIRST_READINGS = 20_000
const FIRST_READING_MS = 1.1

/**
 * The calendar is read in whole milliseconds, and spans of nodes on one machine are closer than
 * that: a message would arrive before it was sent. The highest of many differences of the two
 * clocks is exact to some microseconds, and the same for all processes of a machine. A calendar
 * that is set is followed.
 */
export class Calendar {
  readonly #clock: Pick<Clock, 'monotonicMs' | 'wallMs'>
  #offsetMs = -Infinity

  constructor(clock: Pick<Clock, 'monotonicMs' | 'wallMs'>) {
    this.#clock = clock
    const endMs = clock.monotonicMs() + FIRST_READING_MS
    for (let left = FIRST_READINGS; left > 0 && clock.monotonicMs() < endMs; left--) this.read()
  }

  /**
   * Reads both clocks once more. The calendar first: a pause in between makes the reading low,
   * which does no harm.
   */
  read(): void {
    const wallMs = this.#clock.wallMs()
    const offsetMs = wallMs - this.#clock.monotonicMs()
    if (offsetMs > this.#offsetMs || offsetMs < this.#offsetMs - COARSE_MS)
      this.#offsetMs = offsetMs
  }

  /** A monotonic time as milliseconds since 1970. */
  toWallMs(monotonicMs: number): number {
    return monotonicMs + this.#offsetMs
  }
}
