import { BucketQueue } from './bucketQueue.ts'
import type { Cancel, Clock } from './clock.ts'

interface Entry {
  /** `undefined` once it has been cancelled. */
  task: (() => void) | undefined
}

/** A clock that moves only when told to: virtual time for tests. */
export class ManualClock implements Clock {
  #nowMs: number
  readonly #wallOffsetMs: number
  readonly #due = new BucketQueue<Entry>()

  constructor(startMs = 0, wallOffsetMs = 1_700_000_000_000) {
    this.#nowMs = startMs
    this.#wallOffsetMs = wallOffsetMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  wallMs(): number {
    return Math.floor(this.#nowMs + this.#wallOffsetMs)
  }

  after(delayMs: number, task: () => void): Cancel {
    const entry: Entry = { task }
    this.#due.add(this.#nowMs + Math.max(0, delayMs), entry)
    return () => {
      entry.task = undefined
    }
  }

  every(intervalMs: number, task: () => void): Cancel {
    return everyBy((delayMs, again) => this.after(delayMs, again), intervalMs, task)
  }

  /**
   * Moves time forward by `ms`, running what falls due in order; times of equal rank run in order
   * of creation.
   */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms
    while (this.#due.nextTime <= untilMs) {
      this.#nowMs = this.#due.nextTime
      for (const entry of this.#due.take()) {
        const { task } = entry
        entry.task = undefined
        task?.()
      }
    }
    this.#nowMs = untilMs
  }
}

/**
 * `Clock.every` for a clock that has `after`. An interval under 1 ms is 1 ms, as it is for Node's
 * timers: else time could not pass it.
 */
export function everyBy(after: Clock['after'], intervalMs: number, task: () => void): Cancel {
  const stepMs = Math.max(1, intervalMs)
  let cancel: Cancel = () => {}
  const again = (): void => {
    cancel = after(stepMs, again)
    task()
  }
  cancel = after(stepMs, again)
  return () => cancel()
}
