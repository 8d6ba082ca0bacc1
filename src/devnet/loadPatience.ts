/**
 * How long a network that starts is waited for: as many times as long as its processes wait for a
 * core.
 */
import { sleep, type Cancel, type Clock } from '../lib/clock.ts'

/** What decides how long something is waited for. */
export interface LoadPatienceOptions {
  readonly clock: Clock
  /**
   * Processes that want a core, per core: where it is above 1 everything takes as many times as
   * long.
   */
  readonly loadPerCore: () => number
  /**
   * With no progress for so long there is no use in waiting, on a machine that does nothing else.
   */
  readonly patienceMs: number
}

/** Between two tries of something that failed. */
const RETRY_MS = 500

/**
 * Waits for something that makes progress. The load is read whenever patience could end: it may
 * have grown meanwhile.
 */
export class LoadPatience {
  readonly #options: LoadPatienceOptions
  #progressMs: number

  constructor(options: LoadPatienceOptions) {
    this.#options = options
    this.#progressMs = options.clock.monotonicMs()
  }

  /** Something has come nearer to its end: patience begins anew. */
  progress(): void {
    this.#progressMs = this.#options.clock.monotonicMs()
  }

  /** How long no progress has been made, ms. */
  get waitedMs(): number {
    return this.#options.clock.monotonicMs() - this.#progressMs
  }

  /** Whether it has been waited for long enough. */
  get isOver(): boolean {
    return this.#leftMs() < 0
  }

  /** Calls `give` once when patience is over; the answer calls that off. */
  whenOver(give: () => void): Cancel {
    const { clock } = this.#options
    let cancel: Cancel = () => {}
    const look = (): void => {
      if (this.isOver) give()
      else cancel = clock.after(this.#leftMs() + 1, look)
    }
    look()
    return () => cancel()
  }

  #leftMs(): number {
    const { patienceMs, loadPerCore } = this.#options
    return patienceMs * slowdown(loadPerCore()) - this.waitedMs
  }
}

/** How a task is tried again. */
export interface RetryOptions extends LoadPatienceOptions {
  /** Aborting ends it. */
  readonly signal: AbortSignal
  /** Whether it can still succeed. */
  readonly isPossible: () => boolean
}

/**
 * Runs `task` until it succeeds. Throws what it threw last when patience is over, it is not
 * possible any more, or `signal` is aborted.
 */
export async function retry<T>(options: RetryOptions, task: () => Promise<T>): Promise<T> {
  const { clock, signal, isPossible } = options
  const patience = new LoadPatience(options)
  for (;;) {
    try {
      return await task()
    } catch (error) {
      if (signal.aborted || patience.isOver || !isPossible()) throw error
    }
    await sleep(clock, RETRY_MS)
  }
}

/** How many times as long everything takes where so many processes want each core. */
export function slowdown(loadPerCore: number): number {
  return Math.max(1, loadPerCore)
}
