/**
 * What a simulated network knows of its members, against what is true: how long after a death or a leave each node knows
 * it, who was suspected or held dead and ran, and who is wrong in the end.
 */
import type { Emitter } from '../../lib/emitter.ts'
import type { MemberChange, MemberState } from '../../membership/member.ts'
import type { LifeChange, LifeState } from '../../measure/life.ts'

/** How long it took until nodes knew, ms. */
export interface KnownAfter {
  /** Nodes, over all that happened. */
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** What came of it in the end. */
export interface MemberFigures {
  readonly deathKnownMs: KnownAfter | null
  readonly leaveKnownMs: KnownAfter | null
  /** Members that were suspected while they ran and were not paused, and by how many nodes in all. */
  readonly suspectedUp: { readonly members: number; readonly holders: number }
  /** Members that were held dead while they ran and were not paused, and by how many nodes in all. */
  readonly heldDeadUp: { readonly members: number; readonly holders: number }
  /** Pairs of a running node and a running member that it holds dead or does not know to be back. */
  readonly aliveHeldDead: number
  /** Pairs of a running node and a member that is gone and that it holds for live. */
  readonly deadHeldAlive: number
}

/** Compares what nodes hold with how it is. */
export class MemberWatch {
  readonly #indexOf: ReadonlyMap<string, number>
  readonly #nowMs: () => number
  readonly #states = new Map<number, LifeState>()
  /** When the life of a node began: what happened before it is told of late. */
  readonly #beganMs = new Map<number, number>()
  /** When who is gone died, or said that it leaves. */
  readonly #goneAtMs = new Map<number, { readonly atMs: number; readonly how: 'death' | 'leave' }>()
  /** By node, what it holds otherwise than alive of others. */
  readonly #held: Map<number, MemberState>[] = []
  readonly #known: Record<'death' | 'leave', number[]> = { death: [], leave: [] }
  readonly #suspectedUp = new Map<number, number>()
  readonly #heldDeadUp = new Map<number, number>()

  constructor(indexOf: ReadonlyMap<string, number>, nowMs: () => number) {
    this.#indexOf = indexOf
    this.#nowMs = nowMs
  }

  /** A life of a node begins, whose list of members says its changes. */
  begin(node: number, changes: Emitter<MemberChange>): void {
    const held = new Map<number, MemberState>()
    this.#held[node] = held
    this.#beganMs.set(node, this.#nowMs())
    changes.on(({ member }) => {
      const subject = this.#indexOf.get(member.peer)
      if (subject !== undefined && this.#held[node] === held)
        this.#note(node, held, subject, member.state)
    })
  }

  /** How it is with a node. */
  life({ node, state, atMs }: LifeChange): void {
    this.#states.set(node, state)
    if (state !== 'gone') this.#goneAtMs.delete(node)
    else if (!this.#goneAtMs.has(node)) this.#goneAtMs.set(node, { atMs, how: 'death' })
  }

  /** A node says now that it leaves. */
  leaves(node: number): void {
    this.#goneAtMs.set(node, { atMs: this.#nowMs(), how: 'leave' })
  }

  figures(): MemberFigures {
    return {
      deathKnownMs: knownAfter(this.#known.death),
      leaveKnownMs: knownAfter(this.#known.leave),
      suspectedUp: totalOf(this.#suspectedUp),
      heldDeadUp: totalOf(this.#heldDeadUp),
      ...this.#wrong(),
    }
  }

  #note(node: number, held: Map<number, MemberState>, subject: number, state: MemberState): void {
    if (state === 'alive') held.delete(subject)
    else held.set(subject, state)
    const gone = this.#goneAtMs.get(subject)
    const isGone = state === 'dead' || state === 'left'
    const wasThere = gone !== undefined && (this.#beganMs.get(node) ?? 0) <= gone.atMs
    if (isGone && wasThere && node !== subject)
      this.#known[gone.how].push(this.#nowMs() - gone.atMs)
    if (gone !== undefined || this.#states.get(subject) !== 'up') return
    if (state === 'suspect') increase(this.#suspectedUp, subject)
    if (state === 'dead') increase(this.#heldDeadUp, subject)
  }

  #wrong(): Pick<MemberFigures, 'aliveHeldDead' | 'deadHeldAlive'> {
    let aliveHeldDead = 0
    let deadHeldAlive = 0
    const isUp = (index: number): boolean =>
      this.#states.get(index) === 'up' && !this.#goneAtMs.has(index)
    for (const [node, held] of this.#held.entries()) {
      if (held === undefined || !isUp(node)) continue
      for (const [subject, state] of held)
        if (isUp(subject) && (state === 'dead' || state === 'left')) aliveHeldDead++
      for (const subject of this.#goneAtMs.keys()) {
        const state = held.get(subject) ?? 'alive'
        if (state === 'alive' || state === 'suspect') deadHeldAlive++
      }
    }
    return { aliveHeldDead, deadHeldAlive }
  }
}

function increase(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function totalOf(counts: ReadonlyMap<number, number>): { members: number; holders: number } {
  const holders = [...counts.values()].reduce((sum, count) => sum + count, 0)
  return { members: counts.size, holders }
}

function knownAfter(delaysMs: readonly number[]): KnownAfter | null {
  const sorted = delaysMs.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0)
  return sorted.length === 0
    ? null
    : { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) }
}
