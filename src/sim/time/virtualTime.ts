/**
 * Virtual time: what is due happens in order, each thing to its end, and the clock jumps from one
 * to the next.
 *
 * Time goes in ticks of a tenth of a millisecond. In one tick the instrument comes first, then the
 * world (nodes start and die, connections come and go), then what nodes want of the world, then the
 * nodes. A node takes what others sent it in the order of their numbers, then does what it planned
 * itself, in the order in which it planned it. Two nodes in one tick have nothing to do with each
 * other: what one sends comes later. So it does not matter which thread a node is in.
 *
 * The promises and ticks that one thing leaves behind are run before the next thing, so that
 * whatever runs belongs to one node and draws from the random numbers of that node.
 */
import { BucketQueue } from '../../lib/bucketQueue.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Companions } from './companions.ts'
import { checkDrain, drainOfNode, type Drain } from './drain.ts'
import {
  bySender,
  inOrder,
  LOST,
  ownerOf,
  QUIET,
  type Due,
  type Owner,
  type SentDue,
} from './due.ts'
import { OwnerClock } from './ownerClock.ts'

/** Ticks in a millisecond. */
export const TICKS_PER_MS = 10
/** The calendar at virtual time 0, ms since 1970: always the same, so that runs repeat. */
export const CALENDAR_START_MS = 1_700_000_000_000

/** A slice of wall time after which the process looks at its signals and messages. */
const SLICE_MS = 25
/** Events between two looks at the wall clock. */
const EVENTS_PER_LOOK = 64

/** What of the real world the loop needs; taken before the globals are replaced. */
export interface RealLoop {
  readonly nowMs: () => number
  readonly setImmediate: (task: () => void) => void
}

/** The clock and the queue of everything that is to happen. */
export class VirtualTime {
  /** Whose event runs now. */
  current: Owner
  /** Owns what happens around the nodes. */
  readonly world: Owner = ownerOf(0)
  /** Owns what the instrument does. */
  readonly instrument: Owner = ownerOf(0)
  readonly #loop: RealLoop
  readonly #ofInstrument = new BucketQueue<Due>()
  readonly #ofWorld = new BucketQueue<Due>()
  readonly #ofIntents = new BucketQueue<Due>()
  readonly #ofNodes = new BucketQueue<Due>()
  readonly #drain: Drain
  #tick = 0
  /** All that was due until this tick has happened, while several threads share the nodes. */
  #passedTick = -1
  #events = 0
  #eventsOfNodes = 0
  #companions: Companions | undefined
  /** Answers that the instrument waits for. */
  #awaited = 0
  /** Whether what runs now is of the world. */
  #isWorldTurn = false

  constructor(loop: RealLoop) {
    this.#loop = loop
    this.#drain = drainOfNode()
    this.current = this.instrument
  }

  /** Things that have happened, those in other threads included. */
  get events(): number {
    return this.#events + (this.#companions?.events ?? 0)
  }

  /** Those of nodes of this thread alone. */
  get eventsOfNodes(): number {
    return this.#eventsOfNodes
  }

  /** The earliest tick at which anything is due in this thread. */
  get nextTick(): number {
    return Math.min(
      this.#ofInstrument.nextTime,
      this.#ofWorld.nextTime,
      this.#ofIntents.nextTime,
      this.#ofNodes.nextTime,
    )
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

  /** Plans something of a node or of the instrument; the earliest is the next tick. */
  at(timeMs: number, due: Due): void {
    const queue = due.owner === this.instrument ? this.#ofInstrument : this.#ofNodes
    queue.add(this.#tickOf(timeMs), due)
  }

  after(delayMs: number, due: Due): void {
    this.at(this.nowMs + delayMs, due)
  }

  /** Plans something of the world; its owner may be a node to which it happens. */
  worldAt(timeMs: number, due: Due): void {
    this.#ofWorld.add(this.#tickOf(timeMs), due)
  }

  worldAfter(delayMs: number, due: Due): void {
    this.worldAt(this.nowMs + delayMs, due)
  }

  /**
   * Plans what a node wants of the world. In one tick that comes after all else of the world, in
   * the order of the nodes. It may come from another thread.
   */
  intendAt(timeMs: number, due: SentDue): void {
    this.#ofIntents.add(this.#openTick(timeMs), due)
  }

  /** Plans what a node of another thread has sent. */
  arriveAt(timeMs: number, due: SentDue): void {
    this.#ofNodes.add(this.#openTick(timeMs), due)
  }

  /** Forgets all that is to happen. */
  clear(): void {
    for (const queue of this.#queues) queue.clear()
  }

  /** Goes on after a pause: what was missed happens now, in its order. */
  resume(owner: Owner): void {
    if (owner.state !== 'paused') return
    owner.state = 'running'
    const missed = owner.missed.splice(0)
    this.worldAfter(0, { owner: this.world, run: () => this.#catchUp(missed) })
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
          const isOver = this.#runSlice(untilTick)
          if (isOver) this.#tick = Math.max(this.#tick, untilTick)
          if (isOver || (this.#isTogether && isEnough())) resolve()
          else this.#loop.setImmediate(slice)
        } catch (error) {
          reject(error)
        }
      }
      this.#loop.setImmediate(slice)
    })
  }

  /** Makes this thread the leader of these companions. */
  lead(companions: Companions): void {
    this.#companions = companions
  }

  /** In a follower: sets the clock to this tick. All that was due before it has happened. */
  moveTo(tick: number): void {
    this.#tick = Math.max(this.#tick, tick)
  }

  /**
   * Runs at once all that is due until this tick, in the leader or in a follower. Only a task of
   * the event loop may call it.
   */
  runThrough(untilTick: number): void {
    checkDrain(this.#drain)
    for (let tick = this.nextTick; tick <= untilTick; tick = this.nextTick) {
      if (this.#ofInstrument.nextTime === tick) throw new Error('the instrument acts out of turn')
      this.#tick = tick
      this.#runBucket()
    }
    this.moveTo(untilTick)
    this.#passedTick = untilTick
    this.current = this.instrument
  }

  /**
   * The threads come together after the tick of something that is planned now: the instrument may
   * go on by what it brings.
   */
  meetAfter(delayMs: number): void {
    if (this.#companions !== undefined)
      this.#ofInstrument.add(this.#tickOf(this.nowMs + delayMs) + 1, MEETING)
  }

  /**
   * The instrument waits for an answer of a node and goes on a tick after it. Until the answer
   * calls what this returns, the threads come together after every tick.
   */
  awaitAnswer(): () => void {
    this.#awaited++
    return () => {
      this.#awaited--
    }
  }

  /** Runs for a slice of wall time; answers whether all has happened that is due until then. */
  #runSlice(untilTick: number): boolean {
    checkDrain(this.#drain)
    const endMs = this.#loop.nowMs() + SLICE_MS
    const companions = this.#companions
    if (companions !== undefined) return this.#runWindows(companions, untilTick, endMs)
    let left = EVENTS_PER_LOOK
    for (let tick = this.nextTick; tick <= untilTick; tick = this.nextTick) {
      this.#tick = tick
      left -= this.#runBucket()
      if (left > 0) continue
      if (this.#loop.nowMs() >= endMs) break
      left = EVENTS_PER_LOOK
    }
    this.current = this.instrument
    return this.nextTick > untilTick
  }

  /**
   * The same with others: no thread goes further than a frame of another could come, nor past
   * something that the instrument does.
   */
  #runWindows(companions: Companions, untilTick: number, endMs: number): boolean {
    /** When the instrument has acted since the threads went on: it may make nodes send at once. */
    let actedTick = Infinity
    while (companions.haveArrived()) {
      const first = Math.min(this.nextTick, companions.nextTick)
      if (first > untilTick) return true
      if (this.#ofInstrument.nextTime === first) {
        this.#tick = first
        this.#runBucket()
        this.current = this.instrument
        actedTick = Math.min(actedTick, first)
        continue
      }
      const { lookaheadTicks } = companions
      const through = Math.min(
        untilTick,
        first + (this.#awaited > 0 ? 1 : lookaheadTicks) - 1,
        actedTick + lookaheadTicks - 1,
        this.#ofInstrument.nextTime - 1,
      )
      companions.start(through)
      this.runThrough(through)
      actedTick = Infinity
      if (this.#loop.nowMs() >= endMs) break
    }
    return false
  }

  get #isTogether(): boolean {
    return this.#companions?.haveArrived() ?? true
  }

  get #queues(): readonly BucketQueue<Due>[] {
    return [this.#ofInstrument, this.#ofWorld, this.#ofIntents, this.#ofNodes]
  }

  /** What is due next in this tick, of one queue; answers how much that was. */
  #runBucket(): number {
    const tick = this.#tick
    if (this.#ofInstrument.nextTime === tick) return this.#runAll(this.#ofInstrument.take())
    if (this.#ofWorld.nextTime === tick) return this.#runWorld(this.#ofWorld.take())
    if (this.#ofIntents.nextTime === tick)
      return this.#runWorld(this.#ofIntents.take().toSorted(bySender))
    return this.#runAll(inOrder(this.#ofNodes.take(), tick))
  }

  #runWorld(bucket: readonly Due[]): number {
    this.#isWorldTurn = true
    const count = this.#runAll(bucket)
    this.#isWorldTurn = false
    return count
  }

  #runAll(bucket: readonly Due[]): number {
    for (const due of bucket) this.#happen(due)
    return bucket.length
  }

  #happen(due: Due): void {
    const { owner } = due
    if (owner.state === 'gone') return
    if (owner.state === 'paused') {
      owner.missed.push({ due, isOfWorld: this.#isWorldTurn })
      return
    }
    this.current = owner
    const left = due.run()
    if (left === LOST) return
    this.#events++
    if (!this.#isWorldTurn) this.#eventsOfNodes++
    if (left !== QUIET) this.#drain()
  }

  #catchUp(missed: Owner['missed']): unknown {
    for (const { due, isOfWorld } of missed) {
      this.#isWorldTurn = isOfWorld
      this.#happen(due)
    }
    this.#isWorldTurn = true
    return QUIET
  }

  /** Its very tick: this thread may stand there, because the instrument acts, before it runs it. */
  #openTick(timeMs: number): number {
    const tick = Math.round(timeMs * TICKS_PER_MS)
    if (tick <= this.#passedTick) throw new Error(`what is due at ${timeMs} ms came too late`)
    return tick
  }

  #tickOf(timeMs: number): number {
    return Math.max(this.#tick + 1, Math.round(timeMs * TICKS_PER_MS))
  }
}

/** Nothing happens at it. */
const MEETING: Due = { owner: { ...ownerOf(0), state: 'gone' }, run: () => QUIET }
