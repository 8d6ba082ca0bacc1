/** How the leader and one follower take turns: cells in shared memory. */

/** Cells of whole numbers. */
const CELLS = { begun: 0, done: 1, isOrder: 2, untilTick: 3, nextTick: 4, answers: 5, failed: 6 }
const WORDS = 8
const FIGURES = { events: 0, usedBytes: 1 }
/** As a tick: nothing is due. */
const NEVER = 2 ** 31 - 1
/** Looks before a thread sleeps: a turn of a small network is over before a sleeper wakes. */
const LOOKS = 2_000

/** The memory of one {@link Control}. */
export interface ControlMemory {
  readonly words: Int32Array
  readonly figures: Float64Array
}

/** Makes the memory for one follower. */
export function controlMemory(): ControlMemory {
  return {
    words: new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)),
    figures: new Float64Array(new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT)),
  }
}

/** What a follower tells at the end of a turn. */
export interface TurnEnd {
  /** When anything is due of its own or is under way from it; Infinity for never. */
  readonly nextTick: number
  readonly events: number
  /** Answers that wait to be taken. */
  readonly answers: number
  readonly hasFailed: boolean
}

/** The turns of one follower. The leader and the follower each have one on the same memory. */
export class Control {
  readonly #words: Int32Array
  readonly #figures: Float64Array

  constructor({ words, figures }: ControlMemory) {
    this.#words = words
    this.#figures = figures
  }

  /** The leader begins a turn: the follower runs until this tick; without one it takes an order. */
  begin(untilTick: number | undefined): void {
    const words = this.#words
    words[CELLS.isOrder] = untilTick === undefined ? 1 : 0
    words[CELLS.untilTick] = untilTick ?? 0
    Atomics.add(words, CELLS.begun, 1)
    Atomics.notify(words, CELLS.begun)
  }

  /** The leader waits at most so long for the end of the turn. Tells whether the turn is over. */
  isDone(waitMs: number): boolean {
    const words = this.#words
    return waitFor(words, CELLS.done, (done) => done === words[CELLS.begun], waitMs)
  }

  /** What was told at the end of the last turn. */
  get turnEnd(): TurnEnd {
    const { nextTick, answers, failed } = CELLS
    const tick = this.#words[nextTick] ?? NEVER
    return {
      nextTick: tick === NEVER ? Infinity : tick,
      events: this.#figures[FIGURES.events] ?? 0,
      answers: this.#words[answers] ?? 0,
      hasFailed: this.#words[failed] === 1,
    }
  }

  /** Bytes that the heap of the thread has in use; written at any time. */
  get usedBytes(): number {
    return this.#figures[FIGURES.usedBytes] ?? 0
  }

  set usedBytes(bytes: number) {
    this.#figures[FIGURES.usedBytes] = bytes
  }

  /**
   * The follower waits at most so long for its next turn. `untilTick` is undefined where that turn
   * is an order.
   */
  next(waitMs: number): { readonly untilTick: number | undefined } | undefined {
    const words = this.#words
    const hasBegun = (begun: number): boolean => begun !== words[CELLS.done]
    if (!waitFor(words, CELLS.begun, hasBegun, waitMs)) return undefined
    return { untilTick: words[CELLS.isOrder] === 1 ? undefined : words[CELLS.untilTick] }
  }

  /** The follower ends its turn. */
  end({ nextTick, events, answers, hasFailed }: TurnEnd): void {
    const words = this.#words
    words[CELLS.nextTick] = Math.min(NEVER, nextTick)
    words[CELLS.answers] = answers
    words[CELLS.failed] = Number(hasFailed)
    this.#figures[FIGURES.events] = events
    Atomics.add(words, CELLS.done, 1)
    Atomics.notify(words, CELLS.done)
  }
}

function waitFor(
  words: Int32Array,
  cell: number,
  isReached: (value: number) => boolean,
  waitMs: number,
): boolean {
  for (let look = 0; look < LOOKS; look++) if (isReached(Atomics.load(words, cell))) return true
  for (;;) {
    const value = Atomics.load(words, cell)
    if (isReached(value)) return true
    // A late notification of an earlier turn can wake this thread too early.
    if (Atomics.wait(words, cell, value, waitMs) === 'timed-out')
      return isReached(Atomics.load(words, cell))
  }
}
