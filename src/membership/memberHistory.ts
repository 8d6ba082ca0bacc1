/**
 * The last changes of all members at a node in their order, for who compares what it knew with what
 * was true.
 */
import type { PeerId } from '../gossip/network.ts'
import type { Emitter, Unsubscribe } from '../lib/emitter.ts'
import { MAX_MEMBER_CHANGES } from './limits.ts'
import type { MemberChange, MemberState, NewsRoute } from './member.ts'

/** From a time on the node held a member for this. */
export interface HeldState {
  readonly peer: PeerId
  readonly state: MemberState
  readonly incarnation: number
  /** Monotonic ms. */
  readonly atMs: number
  /** The peer that brought the news; the node itself for what it found out. */
  readonly toldBy: PeerId
  readonly route: NewsRoute
}

/** A page of the history. */
export interface HistoryPage {
  /** From where to read on. */
  readonly cursor: number
  /** Changes from the cursor on that were overwritten before they were read. */
  readonly lost: number
  readonly changes: readonly HeldState[]
}

/** A ring of changes: the oldest go when there is no room. */
export class MemberHistory {
  readonly #capacity: number
  readonly #ring: HeldState[] = []
  #next = 0

  /** @param capacity changes kept; memory is taken as they come. */
  constructor(capacity: number = MAX_MEMBER_CHANGES) {
    this.#capacity = capacity
  }

  /** Keeps every change from now on. */
  follow(changes: Pick<Emitter<MemberChange>, 'on'>): Unsubscribe {
    return changes.on(({ member: { peer, state, record, told } }) => {
      const { incarnation } = record
      const { by: toldBy, atMs, route } = told
      this.#ring[this.#next++ % this.#capacity] = {
        peer,
        state,
        incarnation,
        atMs,
        toldBy,
        route,
      }
    })
  }

  /** At most `limit` changes from a cursor on: 0 at first, then that of the last page. */
  since(cursor: number, limit: number): HistoryPage {
    const oldest = Math.max(0, this.#next - this.#capacity)
    const from = Math.min(Math.max(cursor, oldest), this.#next)
    const to = Math.min(this.#next, from + limit)
    const changes = Array.from({ length: to - from }, (_, at) => this.#at(from + at))
    return { cursor: to, lost: Math.max(0, from - cursor), changes: changes.flat() }
  }

  #at(number: number): HeldState[] {
    const held = this.#ring[number % this.#capacity]
    return held === undefined ? [] : [held]
  }
}
