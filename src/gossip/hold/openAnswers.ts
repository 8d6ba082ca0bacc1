import type { Clock } from '../../lib/clock.ts'
import type { RouterAction } from '../network.ts'

/**
 * Answers that the router waits for. Each is given: when the item is settled, or when the router's
 * time is up.
 */
export class OpenAnswers {
  readonly #clock: Clock
  readonly #windowMs: number
  readonly #open = new Set<() => void>()

  /** `windowMs`: how long after a message's arrival the router can still forward it. */
  constructor(clock: Clock, windowMs: number) {
    this.#clock = clock
    this.#windowMs = windowMs
  }

  /** Answers that are open. */
  get size(): number {
    return this.#open.size
  }

  /**
   * What `settled` comes to, or ignore once the window is over.
   *
   * @param onLate called where it comes to accept when the router does not carry the message any
   *   more.
   */
  answer(
    settled: Promise<RouterAction>,
    receivedMs: number,
    onLate: () => void,
  ): Promise<RouterAction> {
    return new Promise((resolve) => {
      const giveUp = (): void => {
        cancel()
        this.#open.delete(giveUp)
        resolve('ignore')
      }
      this.#open.add(giveUp)
      const leftMs = receivedMs + this.#windowMs - this.#clock.monotonicMs()
      const cancel = this.#clock.after(leftMs, giveUp)
      void settled.then((action) => {
        const isLate = !this.#open.delete(giveUp)
        if (isLate && action === 'accept') onLate()
        cancel()
        resolve(action)
      })
    })
  }

  /** Gives every open answer now. */
  close(): void {
    for (const giveUp of this.#open) giveUp()
  }
}
