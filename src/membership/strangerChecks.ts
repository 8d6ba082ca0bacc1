/**
 * Checks members that are no neighbours. A member that dies is missed by its neighbours; where they
 * die with it, as in one rack, or where it has none, nobody would notice. So every node checks one
 * member of the whole list now and then, picked at random: among n nodes as many as there are
 * members are checked in each interval, at a constant cost for each.
 *
 * The check is that of a neighbour that was lost: a dial, three others that dial, an accusation. A
 * member that runs and cannot be dialled from everywhere (an address behind a translator, no free
 * connection) is told by its neighbours that it is accused, and refutes that. Whoever has seen it
 * do so leaves it in peace for an hour.
 */
import type { Network, PeerId } from '../gossip/network.ts'
import type { Cancel, Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import { STRANGER_CHECK_MS, STRANGER_REST_MS } from './limits.ts'
import type { Members } from './members.ts'

/** What strangers are picked and checked with. */
export interface StrangerCheckParts {
  readonly network: Pick<Network, 'self' | 'peers'>
  readonly members: Members
  readonly clock: Clock
  readonly random: Random
  /** Checks a member and accuses it where it is silent. */
  readonly check: (peer: PeerId) => void
}

/** Checks one member at a time that this node is not connected to. */
export class StrangerChecks {
  readonly #parts: StrangerCheckParts
  #cancelNext: Cancel = () => {}

  constructor(parts: StrangerCheckParts) {
    this.#parts = parts
  }

  /**
   * Begins at a random time within the first interval, so that nodes started together do not check
   * together.
   */
  start(): void {
    this.#plan(this.#parts.random.next() * STRANGER_CHECK_MS)
  }

  stop(): void {
    this.#cancelNext()
  }

  #plan(delayMs: number): void {
    this.#cancelNext = this.#parts.clock.after(delayMs, () => {
      this.#plan(STRANGER_CHECK_MS)
      this.#checkOne()
    })
  }

  #checkOne(): void {
    const { network, members, random, check } = this.#parts
    const neighbours = new Set(network.peers().map(({ id }) => id))
    const isLeftOut = (peer: PeerId): boolean => peer === network.self || neighbours.has(peer)
    const [stranger] = members.list.sample(random, 1, isLeftOut)
    if (stranger?.state === 'alive' && !this.#rests(stranger.peer)) check(stranger.peer)
  }

  #rests(peer: PeerId): boolean {
    const { members, clock } = this.#parts
    const refutedMs = members.refutedMs(peer) ?? -Infinity
    return clock.monotonicMs() - refutedMs < STRANGER_REST_MS
  }
}
