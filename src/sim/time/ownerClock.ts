/** The clock of one node, of the world or of the instrument: its timers end with it. */
import type { Cancel, Clock } from '../../lib/clock.ts'
import { everyBy } from '../../lib/manualClock.ts'
import { QUIET, type Due, type Owner } from './due.ts'

/** What a clock needs of virtual time. */
export interface OwnerTime {
  readonly nowMs: number
  readonly wallMs: number
  after(delayMs: number, due: Due): void
}

class Timer implements Due {
  readonly owner: Owner
  task: (() => void) | undefined

  constructor(owner: Owner, task: () => void) {
    this.owner = owner
    this.task = task
  }

  run(): unknown {
    const { task } = this
    if (task === undefined) return QUIET
    this.task = undefined
    task()
    return undefined
  }
}

/** The clock that one owner reads. */
export class OwnerClock implements Clock {
  readonly #time: OwnerTime
  readonly #owner: Owner

  constructor(time: OwnerTime, owner: Owner) {
    this.#time = time
    this.#owner = owner
  }

  monotonicMs(): number {
    return this.#time.nowMs
  }

  wallMs(): number {
    return this.#time.wallMs
  }

  after(delayMs: number, task: () => void): Cancel {
    const timer = new Timer(this.#owner, task)
    this.#time.after(delayMs, timer)
    return () => {
      timer.task = undefined
    }
  }

  every(intervalMs: number, task: () => void): Cancel {
    return everyBy((delayMs, again) => this.after(delayMs, again), intervalMs, task)
  }
}
