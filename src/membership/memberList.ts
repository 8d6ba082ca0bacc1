/**
 * The list of members: what all nodes of a process hold alike (a roster), and over it what this
 * node holds otherwise. A node on real sockets has an empty roster; a simulated one begins with
 * that of its network and stores differences alone.
 *
 * Complexity: look-up, change, count and draw O(1); a draw tries again where it meets a member that
 * is not live. `assertInvariants()` recomputes counts and sum.
 */
import type { PeerId } from '../gossip/network.ts'
import { assert } from '../lib/assert.ts'
import { shuffled, type Random } from '../lib/random.ts'
import {
  elementOf,
  isLive,
  MEMBER_STATES,
  SUM_LIMIT,
  summandOf,
  type Member,
  type MemberState,
} from './member.ts'

/** Members by state. */
export type StateCounts = Readonly<Record<MemberState, number>>

/** Members that several nodes begin with; never changed. */
export interface Roster {
  readonly members: ReadonlyMap<PeerId, Member>
  readonly peers: readonly PeerId[]
  readonly counts: StateCounts
  /** Of the elements, modulo 2^128. */
  readonly sum: bigint
}

/** Draws per wanted member that may meet one that is not live before the list is walked instead. */
const TRIES_PER_DRAW = 16

/** A roster of these members, each once. */
export function rosterOf(members: readonly Member[]): Roster {
  const counts = noCounts()
  let sum = 0n
  for (const member of members) {
    counts[member.state]++
    sum = (sum + summandOf(elementOf(member))) % SUM_LIMIT
  }
  return {
    members: new Map(members.map((member) => [member.peer, member])),
    peers: members.map(({ peer }) => peer),
    counts,
    sum,
  }
}

/** The members of one node. */
export class MemberList {
  readonly #roster: Roster
  /** What differs from the roster; `undefined` for one of it that was forgotten. */
  readonly #own = new Map<PeerId, Member | undefined>()
  /** Members beyond the roster in any order, and their places in it. */
  readonly #peers: PeerId[] = []
  readonly #places = new Map<PeerId, number>()
  readonly #counts: Record<MemberState, number>
  #sum: bigint

  constructor(roster: Roster = rosterOf([])) {
    this.#roster = roster
    this.#counts = { ...roster.counts }
    this.#sum = roster.sum
  }

  get(peer: PeerId): Member | undefined {
    return this.#own.has(peer) ? this.#own.get(peer) : this.#roster.members.get(peer)
  }

  /** All members, whatever their state. */
  get size(): number {
    return MEMBER_STATES.reduce((sum, state) => sum + this.#counts[state], 0)
  }

  /** Members that are alive or suspect. */
  get liveCount(): number {
    return this.#counts.alive + this.#counts.suspect
  }

  get counts(): StateCounts {
    return { ...this.#counts }
  }

  /** The sum of the elements modulo 2^128: equal for equal sets. */
  get sum(): bigint {
    return this.#sum
  }

  /** Adds a member or takes the place of what was held of it. */
  set(member: Member): void {
    const before = this.get(member.peer)
    if (before === undefined) this.#addPlace(member.peer)
    else this.#count(before, -1)
    this.#own.set(member.peer, member)
    this.#count(member, 1)
  }

  /** Removes a member; nothing happens where there is none. */
  forget(peer: PeerId): void {
    const before = this.get(peer)
    if (before === undefined) return
    this.#count(before, -1)
    if (this.#roster.members.has(peer)) this.#own.set(peer, undefined)
    else {
      this.#own.delete(peer)
      this.#removePlace(peer)
    }
  }

  /** Every member, in no order that means anything. */
  *all(): IterableIterator<Member> {
    for (const peer of this.#roster.peers) {
      const member = this.get(peer)
      if (member !== undefined) yield member
    }
    for (const peer of this.#peers) {
      const member = this.#own.get(peer)
      if (member !== undefined) yield member
    }
  }

  /** Those that are alive or suspect. */
  live(): Member[] {
    return [...this.all()].filter(isLive)
  }

  /**
   * Up to `count` different live members, all sets of them with equal chance; without those that
   * `isLeftOut`.
   */
  sample(random: Random, count: number, isLeftOut: (peer: PeerId) => boolean): Member[] {
    const total = this.#roster.peers.length + this.#peers.length
    const chosen = new Map<PeerId, Member>()
    for (let tries = 0; chosen.size < count && tries < count * TRIES_PER_DRAW; tries++) {
      const member = total === 0 ? undefined : this.#at(random.int(total))
      if (member !== undefined && isLive(member) && !isLeftOut(member.peer))
        chosen.set(member.peer, member)
    }
    if (chosen.size === count) return [...chosen.values()]
    const fit = this.live().filter(({ peer }) => !isLeftOut(peer))
    return shuffled(random, fit).slice(0, count)
  }

  assertInvariants(): void {
    const counts = noCounts()
    let sum = 0n
    for (const member of this.all()) {
      counts[member.state]++
      sum = (sum + summandOf(elementOf(member))) % SUM_LIMIT
    }
    for (const state of MEMBER_STATES)
      assert(counts[state] === this.#counts[state], `members that are ${state} are counted right`)
    assert(sum === this.#sum, 'the sum is that of all members')
    assert(this.#places.size === this.#peers.length, 'every member beyond the roster has one place')
  }

  #at(index: number): Member | undefined {
    const shared = this.#roster.peers.length
    const peer = index < shared ? this.#roster.peers[index] : this.#peers[index - shared]
    return peer === undefined ? undefined : this.get(peer)
  }

  #count(member: Member, by: 1 | -1): void {
    this.#counts[member.state] += by
    this.#sum = (this.#sum + BigInt(by) * summandOf(elementOf(member)) + SUM_LIMIT) % SUM_LIMIT
  }

  #addPlace(peer: PeerId): void {
    if (this.#roster.members.has(peer)) return
    this.#places.set(peer, this.#peers.length)
    this.#peers.push(peer)
  }

  /** The last one takes the place that becomes free. */
  #removePlace(peer: PeerId): void {
    const place = this.#places.get(peer)
    const last = this.#peers.pop()
    this.#places.delete(peer)
    if (place === undefined || last === undefined || last === peer) return
    this.#peers[place] = last
    this.#places.set(last, place)
  }
}

function noCounts(): Record<MemberState, number> {
  return { alive: 0, suspect: 0, dead: 0, left: 0 }
}
