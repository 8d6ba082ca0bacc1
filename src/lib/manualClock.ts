import type { Cancel, Clock } from './clock.ts'

interface Entry {
  readonly dueMs: number
  readonly order: number
  readonly task: () => void
}

/** A clock that moves only when told to: virtual time for tests and simulations. */
export class ManualClock implements Clock {
  #nowMs: number
  #order = 0
  readonly #wallOffsetMs: number
  readonly #entries = new Set<Entry>()

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
    const entry = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, task }
    this.#entries.add(entry)
    return () => this.#entries.delete(entry)
  }

  /** An interval under 1 ms is 1 ms, as it is for Node's timers: else time could not pass it. */
  every(intervalMs: number, task: () => void): Cancel {
    const stepMs = Math.max(1, intervalMs)
    let cancel: Cancel = () => {}
    const again = (): void => {
      cancel = this.after(stepMs, again)
      task()
    }
    cancel = this.after(stepMs, again)
    return () => cancel()
  }

  /** Moves time forward by `ms`, running what falls due in order; times of equal rank run in order of creation. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.#entries.delete(next)
      this.#nowMs = next.dueMs
      next.task()
    }
    this.#nowMs = untilMs
  }

  #next(untilMs: number): Entry | undefined {
    let first: Entry | undefined
    for (const entry of this.#entries) {
      if (entry.dueMs > untilMs) continue
      if (
        first === undefined ||
        entry.dueMs < first.dueMs ||
        (entry.dueMs === first.dueMs && entry.order < first.order)
      )
        first = entry
    }
    return first
  }
}
