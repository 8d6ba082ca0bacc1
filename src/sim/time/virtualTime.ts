/**
 * Virtual time: what is due happens in order, each thing to its end, and the clock jumps from one
 * to the next.
 *
 * Time goes in ticks of a tenth of a millisecond. What is due in one tick happens in the order in
 * which it was planned. The promises and ticks that one thing leaves behind are run before the next
 * thing, so that whatever runs belongs to one node and draws from the random numbers of that node.
 */
import { BucketQueue } from '../../lib/bucketQueue.ts'
import type { Cancel, Clock } from '../../lib/clock.ts'
import { everyBy } from '../../lib/manualClock.ts'

/** Ticks in a millisecond. */
export const TICKS_PER_MS = 10
/** The calendar at virtual time 0, ms since 1970: always the same, so that runs repeat. */
export const CALENDAR_START_MS = 1_700_000_000_000

/** Whose an event is: it happens only while its owner lives, and late if the owner is paused. */
export interface Owner {
  /** Stream of random numbers. */
  readonly stream: number
  /** `paused` keeps what is due until it goes on; `gone` drops it. */
  state: 'running' | 'paused' | 'gone'
  /** What fell due during a pause, in order. */
  missed: Due[]
}

/**
 * What something answers that has left neither a promise nor a tick behind: nothing has to be run
 * after it.
 */
export const QUIET = Symbol('quiet')

/** Something that happens at a time. */
export interface Due {
  readonly owner: Owner
  /** Answers {@link QUIET} or anything else. */
  run(): unknown
}

/**
 * Runs what promises and `process.nextTick` have waiting, now. Node keeps it for its own loop and
 * does not document it.
 */
type Drain = () => void

/** A slice of wall time after which the process looks at its signals and messages. */
const SLICE_MS = 25
/** Events between two looks at the wall clock. */
const EVENTS_PER_LOOK = 64

/** What of the real world the loop needs; taken before the globals are replaced. */
export interface RealLoop {
  readonly nowMs: () => number
  readonly setImmediate: (task: () => void) => void
}

/** A new owner that runs. */
export function ownerOf(stream: number): Owner {
  return { stream, state: 'running', missed: [] }
}

/** The clock and the queue of everything that is to happen. */
export class VirtualTime {
  /** Whose event runs now. */
  current: Owner
  /** Things that have happened. */
  events = 0
  readonly world: Owner = ownerOf(0)
  readonly #loop: RealLoop
  readonly #due = new BucketQueue<Due>()
  readonly #drain: Drain
  #tick = 0

  constructor(loop: RealLoop) {
    this.#loop = loop
    this.#drain = drainOfNode()
    this.current = this.world
  }

  get nowMs(): number {
    return this.#tick / TICKS_PER_MS
  }

  get tick(): number {
    return this.#tick
  }

  get wallMs(): number {
    return CALENDAR_START_MS + Math.floor(this.#tick / TICKS_PER_MS)
  }

  /** Plans something at a virtual time; the earliest is the next tick. */
  at(timeMs: number, due: Due): void {
    this.atTick(Math.round(timeMs * TICKS_PER_MS), due)
  }

  /** The same by its tick. */
  atTick(tick: number, due: Due): void {
    this.#due.add(Math.max(this.#tick + 1, tick), due)
  }

  after(delayMs: number, due: Due): void {
    this.at(this.nowMs + delayMs, due)
  }

  /** Forgets all that is to happen. */
  clear(): void {
    this.#due.clear()
  }

  /** Goes on after a pause: what was missed happens now, in its order. */
  resume(owner: Owner): void {
    if (owner.state !== 'paused') return
    owner.state = 'running'
    for (const due of owner.missed.splice(0)) this.after(0, due)
  }

  /** The clock of an owner: its timers end with it. */
  clock(owner: Owner): Clock {
    return new OwnerClock(this, owner)
  }

  /** Runs until `untilMs` or until `isEnough`, which is asked at each slice of wall time. */
  run(untilMs: number, isEnough: () => boolean = () => false): Promise<void> {
    const untilTick = Math.round(untilMs * TICKS_PER_MS)
    return new Promise((resolve, reject) => {
      const slice = (): void => {
        try {
          this.#runSlice(untilTick)
        } catch (error) {
          reject(error)
          return
        }
        const isOver = this.#due.nextTime > untilTick
        if (isOver) this.#tick = Math.max(this.#tick, untilTick)
        if (isOver || isEnough()) resolve()
        else this.#loop.setImmediate(slice)
      }
      this.#loop.setImmediate(slice)
    })
  }

  #runSlice(untilTick: number): void {
    const endMs = this.#loop.nowMs() + SLICE_MS
    let left = EVENTS_PER_LOOK
    while (this.#due.nextTime <= untilTick) {
      this.#tick = this.#due.nextTime
      const bucket = this.#due.take()
      for (const due of bucket) this.#happen(due)
      left -= bucket.length
      if (left > 0) continue
      if (this.#loop.nowMs() >= endMs) break
      left = EVENTS_PER_LOOK
    }
    this.current = this.world
  }

  #happen(due: Due): void {
    const { owner } = due
    if (owner.state === 'gone') return
    if (owner.state === 'paused') {
      owner.missed.push(due)
      return
    }
    this.events++
    this.current = owner
    if (due.run() !== QUIET) this.#drain()
  }
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

class OwnerClock implements Clock {
  readonly #time: VirtualTime
  readonly #owner: Owner

  constructor(time: VirtualTime, owner: Owner) {
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

/** Throws where this Node does not have it: without it two nodes' promises would mix. */
function drainOfNode(): Drain {
  const drain: unknown = Reflect.get(process, '_tickCallback')
  if (typeof drain !== 'function')
    throw new Error('this version of Node.js cannot simulate: it lacks process._tickCallback')
  return () => Reflect.apply(drain, process, [])
}
