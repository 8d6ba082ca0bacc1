/**
 * Says what kept the event loop of this process busy for too long: while one task runs, no message
 * is forwarded, no request is answered and no signal is heard.
 *
 * What may take long runs {@link during} its name. A timer that comes late shows that the loop was
 * busy; the log line names what took the time since the timer before. A loop belongs to a process,
 * and so do the records here.
 */
import { systemClock, type Cancel, type Clock } from './clock.ts'
import type { Logger } from './log.ts'

/** Time between two looks, and the delay of one from which on it is told, ms. */
const TICK_MS = 1_000
const TOLD_FROM_MS = 1_000
/** Names in one log line; the longest come first. */
const MAX_NAMES = 3
/**
 * A process that had the processor for less than this share of the time was not busy but kept
 * waiting.
 */
const BUSY_SHARE = 0.5

const NOTHING = ''

/**
 * Time by name since the last look. Bounded: names are those of RPC methods and kinds of messages.
 */
class Activities {
  readonly #spentMs = new Map<string, number>()
  #current = NOTHING
  #sinceMs = 0

  /** Runs `work` under a name. Inside it others may run; each is charged its own time alone. */
  during<T>(name: string, work: () => T): T {
    const outer = this.#current
    this.#switchTo(name)
    try {
      return work()
    } finally {
      this.#switchTo(outer)
    }
  }

  /** The time by name since the last call, longest first. */
  take(): (readonly [string, number])[] {
    const spent = [...this.#spentMs].sort(([, a], [, b]) => b - a)
    this.#spentMs.clear()
    return spent
  }

  #switchTo(name: string): void {
    const nowMs = systemClock.monotonicMs()
    if (this.#current !== NOTHING) {
      const spentMs = this.#spentMs.get(this.#current) ?? 0
      this.#spentMs.set(this.#current, spentMs + nowMs - this.#sinceMs)
    }
    this.#current = name
    this.#sinceMs = nowMs
  }
}

const activities = new Activities()
/** Watches that run: what takes how long is noted for them alone. */
let watches = 0

/**
 * Runs `work` and answers what it does, so that a log line can name it where it blocks the loop.
 *
 * @param name what it is, such as `rpc eth_getLogs`; of a small set.
 */
export function during<T>(name: string, work: () => T): T {
  return watches === 0 ? work() : activities.during(name, work)
}

/** What is told of an event loop that was held up, and where. */
export interface EventLoopWatchOptions {
  readonly log: Logger
  /** How late a timer comes from which on it is told, ms. */
  readonly toldFromMs?: number
  /** Time between two looks, ms. */
  readonly tickMs?: number
  /** Of the loop that is watched. */
  readonly clock?: Clock
  /** Time for which this process had a processor, ms; only differences count. */
  readonly cpuMs?: () => number
}

/** Watches the loop of this process until the answer is called. One for a process. */
export function watchEventLoop(options: EventLoopWatchOptions): Cancel {
  const { log, toldFromMs = TOLD_FROM_MS, tickMs = TICK_MS } = options
  const { clock = systemClock, cpuMs = processCpuMs } = options
  let dueMs = clock.monotonicMs() + tickMs
  let cpuBeforeMs = cpuMs()
  activities.take()
  watches++
  const end = clock.every(tickMs, () => {
    const lateMs = clock.monotonicMs() - dueMs
    const usedMs = cpuMs() - cpuBeforeMs
    const spent = activities.take()
    if (lateMs >= toldFromMs) tell(log, { lateMs, usedMs, spent })
    dueMs = clock.monotonicMs() + tickMs
    cpuBeforeMs = cpuMs()
  })
  let isOver = false
  return () => {
    end()
    if (!isOver) watches--
    isOver = true
  }
}

interface Delay {
  readonly lateMs: number
  readonly usedMs: number
  readonly spent: readonly (readonly [string, number])[]
}

function tell(log: Logger, { lateMs, usedMs, spent }: Delay): void {
  const blockedMs = Math.round(lateMs)
  const cpuMs = Math.round(usedMs)
  if (usedMs < lateMs * BUSY_SHARE) {
    log.debug('the process did not run for a while', { blockedMs, cpuMs })
    return
  }
  const by = spent.slice(0, MAX_NAMES).map(([name, ms]) => `${name}: ${Math.round(ms)} ms`)
  log.warn('the event loop was blocked', { blockedMs, cpuMs, by })
}

/** Time for which all threads of this process had a processor since its start, ms. */
function processCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
