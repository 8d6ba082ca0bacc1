/**
 * One frame per peer and turn of the event loop for all messages that are forwarded in it.
 *
 * Verdicts come in bursts: the verifier answers a batch at once, a read brings many frames. The
 * router sends each message in a frame of its own, and a frame costs an encoding, an encryption and
 * a header on this side and their opposites on the other. Gathered, they share one. Nothing waits:
 * what is gathered leaves when the turn ends.
 */
import type { RPC } from './routerInternals.ts'

/** Gathers the messages of one turn for each peer. */
export class TurnBatches {
  readonly #send: (to: string, messages: RPC.Message[]) => void
  #waiting = new Map<string, RPC.Message[]>()

  /** @param send sends messages to a peer, in frames within the limits. */
  constructor(send: (to: string, messages: RPC.Message[]) => void) {
    this.#send = send
  }

  add(to: string, message: RPC.Message): void {
    if (this.#waiting.size === 0) process.nextTick(() => this.#flush())
    const messages = this.#waiting.get(to)
    if (messages === undefined) this.#waiting.set(to, [message])
    else messages.push(message)
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = new Map()
    for (const [to, messages] of waiting) this.#send(to, messages)
  }
}
