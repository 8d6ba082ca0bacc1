/**
 * Who was live when: the one account of it, written as things happen and never from a plan. Whoever
 * runs a network keeps it; reports, the dashboard and the figures of coverage read it.
 */
import { Emitter, type Unsubscribe } from '../lib/emitter.ts'
import type { Clock } from '../lib/clock.ts'

/**
 * `up`: it has joined and runs. `paused`: it is there and its process is stopped. `gone`: it does
 * not run, or not yet.
 */
export type LifeState = 'up' | 'paused' | 'gone'

/** A node came, went, was paused or resumed. */
export interface LifeChange {
  readonly node: number
  /** By the clock of the network, monotonic ms. */
  readonly atMs: number
  readonly state: LifeState
  /** Why, where it happened of itself, such as `exit code 1`. */
  readonly how?: string
  /** Of one that is gone: whether it told the network that it leaves. */
  readonly saidSo?: boolean
}

/**
 * Live is who is up: a paused node takes nothing in, a node that starts is live when it has its
 * links.
 */
export class Life {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #changes: LifeChange[] = []
  readonly #states = new Map<number, LifeState>()
  readonly #listeners = new Emitter<LifeChange>()
  /** The last answer of {@link liveAt}, and up to which change it holds. */
  #known: { readonly changes: number; readonly live: ReadonlySet<number> } = {
    changes: 0,
    live: new Set(),
  }

  /** At first all nodes are gone. */
  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  /** Every change, in order of time. */
  get changes(): readonly LifeChange[] {
    return this.#changes
  }

  /** Those that are live now; the same set while nothing changes and no other time is asked for. */
  get live(): ReadonlySet<number> {
    return this.#liveAfter(this.#changes.length)
  }

  /** Those that were live just before `atMs`: for them an item is meant that enters then. */
  liveAt(atMs: number): ReadonlySet<number> {
    return this.#liveAfter(countBefore(this.#changes, atMs))
  }

  stateOf(node: number): LifeState {
    return this.#states.get(node) ?? 'gone'
  }

  /** Takes down what has just happened to a node. What it is already changes nothing. */
  note(node: number, state: LifeState, more: Pick<LifeChange, 'how' | 'saidSo'> = {}): void {
    if (this.stateOf(node) === state) return
    const atMs = this.#clock.monotonicMs()
    const change: LifeChange = { node, atMs, state, ...more }
    this.#changes.push(change)
    this.#states.set(node, state)
    this.#listeners.emit(change)
  }

  onChange(listener: (change: LifeChange) => void): Unsubscribe {
    return this.#listeners.on(listener)
  }

  #liveAfter(changes: number): ReadonlySet<number> {
    if (this.#known.changes === changes) return this.#known.live
    const forward = changes > this.#known.changes
    const live = new Set(forward ? this.#known.live : [])
    for (const { node, state } of this.#changes.slice(forward ? this.#known.changes : 0, changes)) {
      if (state === 'up') live.add(node)
      else live.delete(node)
    }
    this.#known = { changes, live }
    return live
  }
}

/** How many entries are before a time. Entries are in order of time. */
function countBefore(entries: readonly { readonly atMs: number }[], atMs: number): number {
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((entries[middle]?.atMs ?? Infinity) < atMs) low = middle + 1
    else high = middle
  }
  return low
}
