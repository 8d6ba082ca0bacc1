/** What a hostile node that should forward something forwards of it. */
import type { Misbehaviour } from './misbehaviour.ts'

/** Decides message by message, for one node. */
export class Forwarding {
  #behaviour: Misbehaviour | undefined
  #against: string | undefined
  #count = 0

  /** From now on; `undefined` is everything. */
  misbehave(behaviour: Misbehaviour | undefined, against: string | undefined): void {
    this.#behaviour = behaviour
    this.#against = against
  }

  /** Whether a valid message that came from this peer is forwarded. */
  forwards(from: string): boolean {
    switch (this.#behaviour) {
      case 'mute':
        return false
      case 'degrade':
        return this.#count++ % 2 === 0
      case 'censor':
        return from !== this.#against
      case 'spam':
      case 'withhold':
      case 'flood':
      case 'equivocate':
      case 'accuse':
      case undefined:
        break
    }
    return true
  }
}
