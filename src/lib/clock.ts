/** Time comes in from outside, so that the same code runs on real time and on virtual time. */
import { performance } from 'node:perf_hooks'

export interface Clock {
  /**
   * Milliseconds, fractional, that never run backward. On one host all processes share the origin
   * (CLOCK_MONOTONIC), so sightings of different processes can be subtracted.
   */
  monotonicMs(): number
  /** Milliseconds since 1970 by this host's calendar; may jump. */
  wallMs(): number
  /** Runs `task` once after `delayMs`; the answer cancels it. A live timer keeps the process alive. */
  after(delayMs: number, task: () => void): Cancel
  /** Runs `task` again and again, the first time after `intervalMs`; the answer ends it. */
  every(intervalMs: number, task: () => void): Cancel
}

export type Cancel = () => void

/** Node's timers hold 31 bits and take anything longer for 1 ms: a wait of months must not become a busy loop. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** `performance.now()` counts from the start of this process; hrtime counts from the start of the host. */
const hostOffsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now()

export const systemClock: Clock = {
  monotonicMs: () => performance.now() + hostOffsetMs,
  wallMs: () => Date.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, Math.min(delayMs, MAX_TIMER_MS))
    return () => clearTimeout(timer)
  },
  every: (intervalMs, task) => {
    const timer = setInterval(task, Math.min(intervalMs, MAX_TIMER_MS))
    return () => clearInterval(timer)
  },
}

/** Resolves after `delayMs` on `clock`. */
export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve)
  })
}
