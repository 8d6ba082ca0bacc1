/**
 * What a node that floods its neighbours sends them: copies of its last messages, round and round.
 */
import type { OutgoingMessage } from '../p2p/router/routerFaults.ts'
import { FLOOD_COPIES_PER_S, FLOOD_MESSAGES } from '../rehearsal/misbehaviour.ts'

/** Time between two bursts to every neighbour. */
export const FLOOD_EVERY_MS = 100
const COPIES_PER_BURST = (FLOOD_COPIES_PER_S * FLOOD_EVERY_MS) / 1_000
/**
 * Larger messages are left out, so that memory and bandwidth are bounded: 1.25 MiB, and 3.1 MiB/s
 * to a neighbour.
 */
export const FLOOD_MAX_MESSAGE_BYTES = 64 * 1024

/** The copies that a flooding node sends, oldest first. */
export class Flood {
  /** The oldest first. */
  readonly #copies: OutgoingMessage[] = []
  #next = 0

  /** From now on copies of this message are sent too, in the place of the oldest. */
  remember(topic: string, data: Uint8Array): void {
    if (data.length > FLOOD_MAX_MESSAGE_BYTES) return
    if (this.#copies.length === FLOOD_MESSAGES) this.#copies.shift()
    this.#copies.push({ topic, data: data.slice() })
  }

  /** The copies of the next burst; none before there is a message. */
  burst(): readonly OutgoingMessage[] {
    const burst: OutgoingMessage[] = []
    while (burst.length < COPIES_PER_BURST) {
      const copy = this.#copies[this.#next++ % this.#copies.length]
      if (copy === undefined) break
      burst.push(copy)
    }
    return burst
  }
}
