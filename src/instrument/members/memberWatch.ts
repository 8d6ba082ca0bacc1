/**
 * What the nodes of a network hold of each other, against what is true: how long after a death or a
 * leave each node knows it, who was suspected or held dead and ran, and who is wrong in the end. It
 * is told of everything in order of time, by one clock.
 */
import type { MemberState } from '../../membership/member.ts'
import type { LifeChange, LifeState } from '../../measure/life.ts'
import { percentile, roundMs } from '../../measure/percentile.ts'
import type { KnownAfter, MemberFigures } from '../../measure/report.ts'

interface Gone {
  readonly atMs: number
  readonly how: 'death' | 'leave'
}

/** What one life of a node holds of others. */
interface Holdings {
  /** Since when: what happened before it is told of late. */
  readonly sinceMs: number
  /**
   * What it holds of a member that it was told nothing of: alive where it began with all members,
   * else nothing.
   */
  readonly atFirst: MemberState | undefined
  /** Members that it holds otherwise. */
  readonly states: Map<number, MemberState>
}

/** What one watch was told, before it is made figures. */
export interface MemberSums extends Pick<MemberFigures, 'aliveHeldDead' | 'deadHeldAlive'> {
  /** How long after each end of a node each holder knew it, ms. */
  readonly known: Readonly<Record<'death' | 'leave', readonly number[]>>
  /** Holders by the member that they wrongly suspected, or held dead, at some time. */
  readonly suspectedUp: ReadonlyMap<number, number>
  readonly heldDeadUp: ReadonlyMap<number, number>
}

/** Compares what nodes hold with how it is. Nodes and members are named by their numbers. */
export class MemberWatch {
  readonly #countsFromMs: number
  readonly #states = new Map<number, LifeState>()
  /** When who is gone died, or said that it leaves. */
  readonly #goneAtMs = new Map<number, Gone>()
  readonly #held = new Map<number, Holdings>()
  readonly #known: Record<'death' | 'leave', number[]> = { death: [], leave: [] }
  readonly #suspectedUp = new Map<number, number>()
  readonly #heldDeadUp = new Map<number, number>()

  /**
   * @param countsFromMs what happened before is known and not counted; everything counts unless
   *   given.
   */
  constructor(countsFromMs = -Infinity) {
    this.#countsFromMs = countsFromMs
  }

  /**
   * A life of a node begins, with all members alive or with none; what it held in an earlier one is
   * forgotten.
   */
  begin(node: number, sinceMs: number, knows: 'all' | 'nobody'): void {
    const atFirst = knows === 'all' ? 'alive' : undefined
    this.#held.set(node, { sinceMs, atFirst, states: new Map() })
  }

  /** How it is with a node. */
  life({ node, state, atMs, saidSo = false }: LifeChange): void {
    this.#states.set(node, state)
    if (state !== 'gone') this.#goneAtMs.delete(node)
    else if (!this.#goneAtMs.has(node))
      this.#goneAtMs.set(node, { atMs, how: saidSo ? 'leave' : 'death' })
  }

  /** A node says that it leaves, and still runs. */
  leaves(node: number, atMs: number): void {
    this.#goneAtMs.set(node, { atMs, how: 'leave' })
  }

  /** From now on a node holds a member for this. */
  holds(node: number, subject: number, state: MemberState, atMs: number): void {
    const held = this.#held.get(node)
    if (held === undefined) return
    const before = held.states.get(subject) ?? held.atFirst
    if (state === held.atFirst) held.states.delete(subject)
    else held.states.set(subject, state)
    if (node === subject) return
    const gone = this.#goneAtMs.get(subject)
    if (gone === undefined) this.#noteOfRunning(subject, state, atMs)
    else if (isGone(state) && !isGone(before) && held.sinceMs <= gone.atMs)
      this.#noteKnown(gone, atMs)
  }

  figures(): MemberFigures {
    return figuresOfMembers([this.sums()])
  }

  /** What it was told of, to be put together with what others were told of other nodes. */
  sums(): MemberSums {
    return {
      known: this.#known,
      suspectedUp: this.#suspectedUp,
      heldDeadUp: this.#heldDeadUp,
      ...this.#wrong(),
    }
  }

  #noteKnown({ atMs, how }: Gone, knownMs: number): void {
    if (atMs >= this.#countsFromMs) this.#known[how].push(knownMs - atMs)
  }

  #noteOfRunning(subject: number, state: MemberState, atMs: number): void {
    if (this.#states.get(subject) !== 'up' || atMs < this.#countsFromMs) return
    if (state === 'suspect') increase(this.#suspectedUp, subject)
    if (state === 'dead') increase(this.#heldDeadUp, subject)
  }

  #wrong(): Pick<MemberFigures, 'aliveHeldDead' | 'deadHeldAlive'> {
    let aliveHeldDead = 0
    let deadHeldAlive = 0
    const isUp = (index: number): boolean =>
      this.#states.get(index) === 'up' && !this.#goneAtMs.has(index)
    for (const [node, { states, atFirst }] of this.#held) {
      if (!isUp(node)) continue
      for (const [subject, state] of states) if (isUp(subject) && isGone(state)) aliveHeldDead++
      for (const subject of this.#goneAtMs.keys()) {
        const state = states.get(subject) ?? atFirst
        if (state !== undefined && !isGone(state)) deadHeldAlive++
      }
    }
    return { aliveHeldDead, deadHeldAlive }
  }
}

/** The figures of all nodes together, by what each of several watches was told. */
export function figuresOfMembers(parts: readonly MemberSums[]): MemberFigures {
  const total = (of: (part: MemberSums) => number): number =>
    parts.reduce((sum, part) => sum + of(part), 0)
  return {
    deathKnownMs: knownAfter(parts.flatMap(({ known }) => known.death)),
    leaveKnownMs: knownAfter(parts.flatMap(({ known }) => known.leave)),
    suspectedUp: totalOf(parts.map(({ suspectedUp }) => suspectedUp)),
    heldDeadUp: totalOf(parts.map(({ heldDeadUp }) => heldDeadUp)),
    aliveHeldDead: total(({ aliveHeldDead }) => aliveHeldDead),
    deadHeldAlive: total(({ deadHeldAlive }) => deadHeldAlive),
  }
}

function isGone(state: MemberState | undefined): boolean {
  return state === 'dead' || state === 'left'
}

function increase(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function totalOf(parts: readonly ReadonlyMap<number, number>[]): {
  members: number
  holders: number
} {
  const members = new Set(parts.flatMap((counts) => [...counts.keys()]))
  const holders = parts.flatMap((counts) => [...counts.values()])
  return { members: members.size, holders: holders.reduce((sum, count) => sum + count, 0) }
}

function knownAfter(delaysMs: readonly number[]): KnownAfter | null {
  const sorted = delaysMs.toSorted((a, b) => a - b)
  const at = (percent: number): number => roundMs(percentile(sorted, percent) ?? 0)
  return sorted.length === 0
    ? null
    : { count: sorted.length, p50: at(50), p99: at(99), max: at(100) }
}
