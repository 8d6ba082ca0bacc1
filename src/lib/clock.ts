/** Time comes in from outside, so that the same code runs on real time and on virtual time. */
import { performance } from 'node:perf_hooks'

/** Reads the time and sets timers. */
export interface Clock {
  /**
   * Milliseconds, fractional, that never run backward. On one machine all processes share the
   * origin (CLOCK_MONOTONIC), so sightings of different processes can be subtracted.
   */
  monotonicMs(): number
  /** Milliseconds since 1970 by this machine's calendar; may jump. */
  wallMs(): number
  /**
   * Runs `task` once after `delayMs`; the answer cancels it. A live timer keeps the process alive.
   */
  after(delayMs: number, task: () => void): Cancel
  /** Runs `task` again and again, the first time after `intervalMs`; the answer ends it. */
  every(intervalMs: number, task: () => void): Cancel
}

/** Calls a timer off; does nothing if it has fired. */
export type Cancel = () => void

/**
 * Node's timers hold 31 bits and take anything longer for 1 ms: a wait of months must not become a
 * busy loop.
 */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Readings of both clocks to choose from, and the gap below which one is good enough. */
const OFFSET_TRIES = 50
const GOOD_GAP_MS = 0.005

/**
 * `performance.now()` counts from the start of this process; hrtime counts from the start of the
 * machine. A process that loses its core between two readings would be off by that time for ever,
 * so the closest of many pairs is taken.
 */
const machineOffsetMs = closestOffsetMs()

function closestOffsetMs(): number {
  let best = { offsetMs: 0, gapMs: Infinity }
  for (let tries = 0; tries < OFFSET_TRIES && best.gapMs > GOOD_GAP_MS; tries++) {
    const beforeMs = performance.now()
    const machineMs = Number(process.hrtime.bigint()) / 1e6
    const gapMs = performance.now() - beforeMs
    if (gapMs < best.gapMs) best = { offsetMs: machineMs - beforeMs - gapMs / 2, gapMs }
  }
  return best.offsetMs
}

/** The real time of this machine. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now() + machineOffsetMs,
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

/**
 * What makes a monotonic time of {@link systemClock} one in milliseconds since 1970, with a finer
 * scale than the calendar's whole milliseconds. The calendar is read when the process starts: what
 * sets it later is not seen.
 */
export function wallOffsetMs(): number {
  return performance.timeOrigin - machineOffsetMs
}

/** Resolves after `delayMs` on `clock`, or when `signal` is aborted. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal === undefined) return new Promise((resolve) => void clock.after(delayMs, resolve))
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const wake = (): void => {
      cancel()
      signal.removeEventListener('abort', wake)
      resolve()
    }
    const cancel = clock.after(delayMs, wake)
    signal.addEventListener('abort', wake)
  })
}
