/**
 * When accepted messages are forwarded. The router sends a message only to neighbours that have not
 * sent it a copy, so reading copies first saves sending some. A duplicate costs as much as the
 * first copy, and in a network at rest duplicates are most of the work.
 *
 * - A message is forwarded after the sockets that are ready have been read, so that copies waiting
 *   there count. This adds no delay, because the sockets are due to be read anyway.
 * - Kinds that may linger wait for a random time. Of two neighbours one is then first, and messages
 *   that are accepted meanwhile share a frame.
 */
import type { Cancel, Clock } from '../../lib/clock.ts'
import type { Random } from '../../lib/random.ts'
import type { Soon } from '../../lib/turns.ts'

/** The clock, the randomness and the turns that {@link Accepted} waits with. */
export interface AcceptedParts {
  readonly clock: Clock
  readonly random: Random
  /**
   * Runs a task when the sockets that are ready have been read; nothing waits for that without it.
   */
  readonly soon: Soon | undefined
}

type Forward = () => void

/** Messages that were accepted and are to be forwarded. */
export class Accepted {
  readonly #parts: AcceptedParts
  /** Until the sockets have been read. */
  #read: Forward[] = []
  /** Until the time of the first of them is over. */
  #lingering: Forward[] = []
  readonly #ends = new Set<Cancel>()

  constructor(parts: AcceptedParts) {
    this.#parts = parts
  }

  /** Calls `forward` at its time, and not after {@link stop}. */
  forward(forward: Forward, maxLingerMs: number): void {
    if (maxLingerMs > 0) this.#linger(forward, maxLingerMs)
    else if (this.#parts.soon === undefined) forward()
    else this.#afterReading(forward, this.#parts.soon)
  }

  stop(): void {
    for (const end of this.#ends) end()
    this.#ends.clear()
  }

  #afterReading(forward: Forward, soon: Soon): void {
    if (this.#read.push(forward) > 1) return
    this.#once(soon, () => this.#read.splice(0))
  }

  #linger(forward: Forward, maxLingerMs: number): void {
    if (this.#lingering.push(forward) > 1) return
    const { clock, random } = this.#parts
    const delayMs = random.next() * maxLingerMs
    this.#once(
      (task) => clock.after(delayMs, task),
      () => this.#lingering.splice(0),
    )
  }

  #once(wait: Soon, take: () => Forward[]): void {
    const end = wait(() => {
      this.#ends.delete(end)
      for (const forward of take()) forward()
    })
    this.#ends.add(end)
  }
}
