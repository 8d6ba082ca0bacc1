/**
 * Whom to probe next: a randomised round robin (SWIM, section 4.3). Everybody is probed once a
 * round in random order, so no neighbour waits longer than two rounds less one probe.
 */
import type { PeerId } from '../gossip/network.ts'
import { shuffled, type Random } from '../lib/random.ts'

/** The order of probes over a set of neighbours that changes. */
export class ProbeOrder {
  readonly #random: Random
  #round: PeerId[] = []

  constructor(random: Random) {
    this.#random = random
  }

  /**
   * The next of `neighbours`; `undefined` where there is none. Who came after the round began is in
   * the next one.
   */
  next(neighbours: readonly PeerId[]): PeerId | undefined {
    const present = new Set(neighbours)
    const next = this.#take(present)
    if (next !== undefined || neighbours.length === 0) return next
    this.#round = shuffled(this.#random, neighbours)
    return this.#take(present)
  }

  #take(present: ReadonlySet<PeerId>): PeerId | undefined {
    for (let peer = this.#round.pop(); peer !== undefined; peer = this.#round.pop())
      if (present.has(peer)) return peer
    return undefined
  }
}
