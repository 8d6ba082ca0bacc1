/**
 * What this node holds of the members, and what news does to it. Pure: no network, no timers, time
 * is an argument.
 *
 * SPECIFICATION (SWIM, section 4.2, with the changes that connections and liars ask for)
 *
 * - A record of a higher incarnation replaces what is held, whatever that is: only the member signs
 *   it.
 * - A record that says that the member leaves makes it left; nothing but a newer record changes
 *   that.
 * - An accusation of the incarnation that is held makes an alive member suspect, and confirms a
 *   suspicion. It changes nothing else: who is accused of an older incarnation has refuted that,
 *   one of a newer incarnation has not said so.
 * - A suspicion that is not refuted in its time makes the member dead, here; nobody is dead because
 *   another says so. Whoever hears the accusations comes to the same end at about the same time.
 * - This node holds itself for alive, whatever others say; what it must refute is answered to the
 *   caller.
 *
 * Bounded: members, suspicions, accusations per suspicion, and changes per story.
 */
import type { MemberReason } from '../gossip/rules/memberRules.ts'
import type { PeerId } from '../gossip/network.ts'
import { assert } from '../lib/assert.ts'
import { Emitter } from '../lib/emitter.ts'
import { accuserGroup } from './accuserGroup.ts'
import { FORGET_AFTER_MS, MAX_MEMBERS, MAX_STORY, MAX_SUSPICIONS } from './limits.ts'
import { isLive, type Member, type MemberChange, type Told } from './member.ts'
import { MemberList, type Roster } from './memberList.ts'
import type { Accusation, MemberRecord } from './statements.ts'
import { Suspicion, suspicionTimes } from './suspicion.ts'

/** What the members of a node are kept with. */
export interface MembersOptions {
  readonly self: PeerId
  /** How often each node probes, ms: the measure of suspicions. */
  readonly intervalMs: number
  readonly roster?: Roster | undefined
  /** How many are kept at most, unless as everywhere. */
  readonly maxMembers?: number
}

/** One entry of a member's story. */
export type StoryEntry = Pick<Member, 'state' | 'told'> & { readonly incarnation: number }

/** The members, as this node holds them. */
export class Members {
  readonly changes = new Emitter<MemberChange>()
  /** A suspicion ends sooner than before, because another accuser has confirmed it. */
  readonly confirmed = new Emitter<PeerId>()
  readonly list: MemberList
  readonly #self: PeerId
  readonly #intervalMs: number
  readonly #maxMembers: number
  readonly #suspicions = new Map<PeerId, Suspicion>()
  /** The accusations by which members are dead, for nodes that have not heard them. */
  readonly #evidence = new Map<PeerId, readonly Uint8Array[]>()
  readonly #stories = new Map<PeerId, readonly StoryEntry[]>()

  constructor({ self, intervalMs, roster, maxMembers = MAX_MEMBERS }: MembersOptions) {
    this.#self = self
    this.#maxMembers = maxMembers
    this.#intervalMs = intervalMs
    this.list = new MemberList(roster)
  }

  /** Why a record would change nothing; `undefined` where it would. */
  objectionToRecord(record: MemberRecord): MemberReason | undefined {
    const held = this.list.get(record.peer)
    if (held === undefined) return this.#hasRoom() ? undefined : 'members-full'
    return isNewer(record, held.record) ? undefined : 'member-stale'
  }

  /**
   * Takes a record whose signature is right; answers why it changes nothing, if so. Who left did so
   * `ageMs` ago.
   */
  takeRecord(record: MemberRecord, told: Told, ageMs = 0): MemberReason | undefined {
    const objection = this.objectionToRecord(record)
    if (objection !== undefined) return objection
    if (!this.list.get(record.peer)) this.#makeRoom()
    this.#suspicions.delete(record.peer)
    this.#evidence.delete(record.peer)
    const state = record.hasLeft ? 'left' : 'alive'
    const sinceMs = told.atMs - (record.hasLeft ? ageMs : 0)
    this.#set({ peer: record.peer, record, state, sinceMs, told })
    return undefined
  }

  /**
   * Why an accusation would change nothing; `undefined` where it would. Says so of one of this
   * node, too.
   */
  objectionToAccusation({ accuser, accused, incarnation }: Accusation): MemberReason | undefined {
    const held = this.list.get(accused)
    if (held === undefined || incarnation > held.record.incarnation) return 'accused-unknown'
    if (incarnation < held.record.incarnation || !isLive(held)) return 'accusation-stale'
    const by = this.list.get(accuser)
    // What is said of this node it answers also where it holds for dead who says so: two parts of a
    // network meet again.
    if (by === undefined || (accused !== this.#self && !isLive(by))) return 'accuser-unknown'
    const suspicion = this.#suspicions.get(accused)
    if (suspicion === undefined) return this.#hasRoomToSuspect() ? undefined : 'accusation-needless'
    return suspicion.needs(accuserGroup(by.record, held.record)) ? undefined : 'accusation-needless'
  }

  /**
   * Takes an accusation whose signature is right; answers why it changes nothing, if so. Others
   * hold it dead for `ageMs`.
   */
  takeAccusation(accusation: Accusation, told: Told, ageMs = 0): MemberReason | undefined {
    const objection = this.objectionToAccusation(accusation)
    const { accused, accuser, envelope } = accusation
    const held = this.list.get(accused)
    const by = this.list.get(accuser)
    if (objection !== undefined || held === undefined || by === undefined) return objection
    if (accused === this.#self) return undefined
    const suspicion = this.#suspicions.get(accused) ?? this.#suspect(held, { ...told, accuser })
    suspicion.add(accuserGroup(by.record, held.record), envelope)
    suspicion.ageMs = Math.max(suspicion.ageMs, ageMs)
    this.confirmed.emit(accused)
    return undefined
  }

  /** When the next suspicion ends, monotonic ms. */
  get nextDeadlineMs(): number {
    let nextMs = Infinity
    for (const { deadlineMs } of this.#suspicions.values()) nextMs = Math.min(nextMs, deadlineMs)
    return nextMs
  }

  /** Makes dead whose suspicion has ended. */
  expire(nowMs: number): void {
    for (const [peer, suspicion] of this.#suspicions) {
      if (suspicion.deadlineMs > nowMs) continue
      const held = this.list.get(peer)
      this.#suspicions.delete(peer)
      if (held === undefined) continue
      this.#evidence.set(peer, suspicion.evidence)
      const told: Told = { by: this.#self, route: 'timer', atMs: nowMs }
      this.#set({ ...held, state: 'dead', sinceMs: nowMs - suspicion.ageMs, told })
    }
  }

  /** This node was paused for so long, ms: refutations may be waiting in its sockets. */
  extendSuspicions(byMs: number): void {
    for (const suspicion of this.#suspicions.values()) suspicion.extend(byMs)
  }

  /** Forgets members that are dead or left for an hour. */
  forgetOld(nowMs: number): void {
    const old = [...this.list.all()].filter(
      (member) => !isLive(member) && nowMs - member.sinceMs >= FORGET_AFTER_MS,
    )
    for (const { peer } of old) this.#forget(peer)
  }

  /** Whether an accusation by this node of that member would count. */
  needsOurs(accused: Member): boolean {
    const own = this.list.get(this.#self)
    const suspicion = this.#suspicions.get(accused.peer)
    if (own === undefined || !isLive(accused)) return false
    return suspicion?.needs(accuserGroup(own.record, accused.record)) ?? true
  }

  /** The accusations by which a member is suspect or dead, as they travel. */
  evidenceOf(peer: PeerId): readonly Uint8Array[] {
    return this.#suspicions.get(peer)?.evidence ?? this.#evidence.get(peer) ?? []
  }

  get suspicionCount(): number {
    return this.#suspicions.size
  }

  /** What happened to a member, oldest first, as far as it is kept. */
  storyOf(peer: PeerId): readonly StoryEntry[] {
    const held = this.list.get(peer)
    if (held === undefined) return []
    return this.#stories.get(peer) ?? [entryOf(held)]
  }

  /** When this member last refuted a suspicion, as far as its story is kept, monotonic ms. */
  refutedMs(peer: PeerId): number | undefined {
    const story = this.#stories.get(peer) ?? []
    return story.findLast(
      ({ state }, at) => state === 'alive' && story[at - 1]?.state === 'suspect',
    )?.told.atMs
  }

  assertInvariants(): void {
    this.list.assertInvariants()
    assert(this.#suspicions.size <= MAX_SUSPICIONS, 'suspicions are bounded')
    assert(this.list.size <= this.#maxMembers, 'members are bounded')
    for (const member of this.list.all())
      assert(
        (member.state === 'suspect') === this.#suspicions.has(member.peer),
        'every suspect has a suspicion, and nobody else',
      )
    for (const peer of this.#evidence.keys())
      assert(this.list.get(peer)?.state === 'dead', 'evidence is kept against the dead alone')
  }

  #suspect(held: Member, told: Told): Suspicion {
    const times = suspicionTimes(this.list.liveCount, this.#intervalMs)
    const suspicion = new Suspicion(held.record.incarnation, times, told.atMs)
    this.#suspicions.set(held.peer, suspicion)
    this.#set({ ...held, state: 'suspect', sinceMs: told.atMs, told })
    return suspicion
  }

  #set(member: Member): void {
    const before = this.list.get(member.peer)
    if (before !== undefined) {
      const story = [...this.storyOf(member.peer), entryOf(member)].slice(-MAX_STORY)
      this.#stories.set(member.peer, story)
    }
    this.list.set(member)
    this.changes.emit({ member, before })
  }

  #forget(peer: PeerId): void {
    this.list.forget(peer)
    this.#stories.delete(peer)
    this.#evidence.delete(peer)
  }

  #hasRoomToSuspect(): boolean {
    return this.#suspicions.size < MAX_SUSPICIONS
  }

  #hasRoom(): boolean {
    const { dead, left } = this.list.counts
    return this.list.size < this.#maxMembers || dead + left > 0
  }

  /** The one that is gone longest makes room. */
  #makeRoom(): void {
    if (this.list.size < this.#maxMembers) return
    const gone = [...this.list.all()].filter((member) => !isLive(member))
    const oldest = gone.reduce((old, one) => (one.sinceMs < old.sinceMs ? one : old))
    this.#forget(oldest.peer)
  }
}

/**
 * Whether a record replaces the one that is held; of two with one incarnation every node keeps the
 * same.
 */
function isNewer(record: MemberRecord, held: MemberRecord): boolean {
  if (record.incarnation !== held.incarnation) return record.incarnation > held.incarnation
  return record.digest < held.digest
}

function entryOf({ state, told, record }: Member): StoryEntry {
  return { state, told, incarnation: record.incarnation }
}
