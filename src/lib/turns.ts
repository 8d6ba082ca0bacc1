/**
 * Turns of the event loop for work that comes in streams. Streams whose next piece is always there
 * already never leave the loop by themselves: awaiting one runs no timer and reads no socket.
 * Whoever works through one asks after each piece whether the turn has had its time, and if so
 * waits for the next.
 */
import { setImmediate as polled } from 'node:timers/promises'
import type { Cancel, Clock } from './clock.ts'

/** Resolves in the next turn of the event loop, after timers and sockets have had theirs. */
export async function nextTurn(): Promise<void> {
  await polled()
}

/**
 * The answers of `work` for the items, in their order and one in each turn of the event loop:
 * signals are heard between them.
 */
export async function oneATurn<Item, Answer>(
  items: readonly Item[],
  work: (item: Item, index: number) => Answer | Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const [index, item] of items.entries()) {
    await nextTurn()
    answers.push(await work(item, index))
  }
  return answers
}

/** Runs a task soon, in another turn of the event loop; the answer cancels it. */
export type Soon = (task: () => void) => Cancel

/**
 * Runs `task` once the sockets that are ready have been read. Unlike a timer, this does not wake
 * the process once more.
 */
export const afterPoll: Soon = (task) => {
  const due = setImmediate(task)
  return () => clearImmediate(due)
}

/**
 * One budget of time for all streams together, so that a hundred of them take no longer than one.
 */
export class Turns {
  readonly #clock: Clock
  readonly #maxMs: number
  readonly #soon: Soon
  #beganMs: number | undefined
  #cancel: Cancel = () => {}
  #waiting: (() => void)[] = []

  /**
   * @param maxMs how long work goes on before everything else gets a turn.
   * @param soon how the next turn is waited for; by a timer unless given.
   */
  constructor(clock: Clock, maxMs: number, soon: Soon = (task) => clock.after(0, task)) {
    this.#clock = clock
    this.#maxMs = maxMs
    this.#soon = soon
  }

  /** Whether this turn has had its time, which counts from the first question in it. */
  isSpent(): boolean {
    const nowMs = this.#clock.monotonicMs()
    return nowMs - (this.#beganMs ?? this.#begin(nowMs)) >= this.#maxMs
  }

  /**
   * Resolves in the next turn, together with all others that wait for it; never after {@link stop}.
   */
  next(): Promise<void> {
    if (this.#beganMs === undefined) this.#begin(this.#clock.monotonicMs())
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  stop(): void {
    this.#cancel()
    this.#waiting = []
  }

  #begin(nowMs: number): number {
    this.#beganMs = nowMs
    this.#cancel = this.#soon(() => this.#end())
    return nowMs
  }

  #end(): void {
    this.#beganMs = undefined
    for (const resume of this.#waiting.splice(0)) resume()
  }
}
