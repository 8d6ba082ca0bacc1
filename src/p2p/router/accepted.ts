/**
 * When what was accepted is forwarded. The router sends a message to those neighbours of whom it has had no copy, so what
 * is read first is not sent: a copy costs as much to send and to receive as the message itself did, and in a network
 * at rest copies are most of the work.
 *
 * - Nothing is forwarded before the sockets that are ready have been read: copies that lie there count. That is no
 *   wait, for reading them is due anyway.
 * - Kinds that may wait do so for a random time, so that of two neighbours one is first, and what else was accepted
 *   meanwhile leaves in the same frame.
 */
import type { Cancel, Clock } from '../../lib/clock.ts'
import type { Random } from '../../lib/random.ts'
import type { Soon } from '../../lib/turns.ts'

/** What accepted messages wait with. */
export interface AcceptedParts {
  readonly clock: Clock
  readonly random: Random
  /** Runs a task when the sockets that are ready have been read; nothing waits for that without it. */
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
