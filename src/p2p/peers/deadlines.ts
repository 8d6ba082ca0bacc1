/**
 * One timer for many deadlines.
 *
 * A timer of Node counts whole milliseconds and fires up to one late, more under load. Deadlines
 * are therefore points in time, computed by who sets them and never from when a timer fired, so
 * that no lateness adds up. Whatever is due within half a millisecond runs as well: early and late
 * then cancel, and the mean error of an idle machine was measured at less than 0.1 ms. The few
 * deadlines of a node (two for each of its links) are looked through one by one.
 */
import { minOf } from '../../lib/extremes.ts'
import type { Cancel, Clock } from '../../lib/clock.ts'

/** How much too early a task may run. */
const EARLY_MS = 0.5

/** Tasks that run once each at their time, on one timer. Times are monotonic ms. */
export class Deadlines {
  readonly #clock: Clock
  readonly #dueMs = new Map<() => void, number>()
  #cancel: Cancel | undefined
  #armedMs = Infinity

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Until when a task that runs now may take things for due. */
  get horizonMs(): number {
    return this.#clock.monotonicMs() + EARLY_MS
  }

  /** Runs `task` once at `dueMs`, instead of when it was to run before. */
  set(task: () => void, dueMs: number): void {
    this.#dueMs.set(task, dueMs)
    if (dueMs < this.#armedMs) this.#arm(dueMs)
  }

  clear(task: () => void): void {
    this.#dueMs.delete(task)
    if (this.#dueMs.size === 0) this.#disarm()
  }

  #run(): void {
    this.#armedMs = Infinity
    const horizonMs = this.horizonMs
    const ready = [...this.#dueMs].filter(([, dueMs]) => dueMs <= horizonMs)
    for (const [task, dueMs] of ready) {
      if (this.#dueMs.get(task) !== dueMs) continue
      this.#dueMs.delete(task)
      task()
    }
    const nextMs = minOf(this.#dueMs.values())
    if (nextMs < this.#armedMs) this.#arm(nextMs)
  }

  #arm(dueMs: number): void {
    this.#disarm()
    this.#armedMs = dueMs
    const delayMs = Math.max(0, Math.floor(dueMs - this.#clock.monotonicMs()))
    this.#cancel = this.#clock.after(delayMs, () => this.#run())
  }

  #disarm(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#armedMs = Infinity
  }
}
