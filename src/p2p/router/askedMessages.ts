/**
 * Which messages this node has asked which peer for by IWANT, so that a copy is known to be an
 * answer.
 */
import { BoundedMap } from '../../lib/boundedMap.ts'
import { idText } from './messageIds.ts'
import type { RPC } from './routerInternals.ts'

/**
 * What was asked for and has not come yet. The oldest leave first; their answers count as pushed.
 */
export class AskedMessages {
  readonly #asked: BoundedMap<string, true>

  /** `maxAsked`: pairs of peer and message that are remembered. */
  constructor(maxAsked: number) {
    this.#asked = new BoundedMap(maxAsked)
  }

  /** Notes what was asked for. */
  sent(to: string, iwant: readonly RPC.ControlIWant[]): void {
    for (const { messageIDs } of iwant)
      for (const id of messageIDs ?? []) this.#asked.set(keyOf(to, idText(id)), true)
  }

  /**
   * Whether the peer was asked for the message. Its first copy is the answer; a later copy is not.
   */
  takeAnswer(from: string, id: string): boolean {
    return this.#asked.size > 0 && this.#asked.delete(keyOf(from, id))
  }
}

function keyOf(peer: string, id: string): string {
  return `${peer} ${id}`
}
