/**
 * Who was live when: the one account of it, written as things happen and never from a plan. Whoever runs a network
 * keeps it; reports, the dashboard and the figures of coverage read it.
 */
import { Emitter, type Unsubscribe } from '../lib/emitter.ts'
import type { Clock } from '../lib/clock.ts'

/** `up`: it has joined and runs. `paused`: it is there and its process is stopped. `gone`: it does not run, or not yet. */
export type LifeState = 'up' | 'paused' | 'gone'

export interface LifeChange {
  readonly node: number
  /** By the clock of the network, monotonic ms. */
  readonly atMs: number
  readonly state: LifeState
  /** Why, where it happened of itself, such as `exit code 1`. */
  readonly how?: string
}

/** Those for whom an item is meant that enters at a time. Both answers come from one account, so they agree. */
export interface Audience {
  isLive(node: number, atMs: number): boolean
  /** How many nodes {@link isLive} holds for. */
  liveCount(atMs: number): number
}

interface Count {
  readonly atMs: number
  readonly live: number
}

/** Live is who is up: a paused node takes nothing in, a node that starts is live when it has its links. */
export class Life implements Audience {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #changes: LifeChange[] = []
  readonly #ofNode = new Map<number, LifeChange[]>()
  readonly #counts: Count[] = []
  readonly #listeners = new Emitter<LifeChange>()
  #live: ReadonlySet<number> | undefined

  /** At first all nodes are gone. */
  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  /** Every change, in order of time. */
  get changes(): readonly LifeChange[] {
    return this.#changes
  }

  /** Those that are live now; the same set until something changes. */
  get live(): ReadonlySet<number> {
    this.#live ??= new Set(
      [...this.#ofNode].filter(([, own]) => own.at(-1)?.state === 'up').map(([node]) => node),
    )
    return this.#live
  }

  stateOf(node: number): LifeState {
    return this.#ofNode.get(node)?.at(-1)?.state ?? 'gone'
  }

  /** Takes down what has just happened to a node. What it is already changes nothing. */
  note(node: number, state: LifeState, how?: string): void {
    const before = this.stateOf(node)
    if (before === state) return
    const atMs = this.#clock.monotonicMs()
    const change: LifeChange = { node, atMs, state, ...(how !== undefined && { how }) }
    this.#changes.push(change)
    const own = this.#ofNode.get(node)
    if (own === undefined) this.#ofNode.set(node, [change])
    else own.push(change)
    this.#live = undefined
    this.#counts.push({
      atMs,
      live: this.#liveNow + Number(state === 'up') - Number(before === 'up'),
    })
    this.#listeners.emit(change)
  }

  onChange(listener: (change: LifeChange) => void): Unsubscribe {
    return this.#listeners.on(listener)
  }

  /** Whether it was live just before `atMs`. */
  isLive(node: number, atMs: number): boolean {
    const own = this.#ofNode.get(node) ?? []
    return own[lastBefore(own, atMs)]?.state === 'up'
  }

  liveCount(atMs: number): number {
    return this.#counts[lastBefore(this.#counts, atMs)]?.live ?? 0
  }

  get #liveNow(): number {
    return this.#counts.at(-1)?.live ?? 0
  }
}

/** An audience without some of its nodes, such as those whose clocks are not known. */
export function audienceWithout(audience: Audience, left: ReadonlySet<number>): Audience {
  return {
    isLive: (node, atMs) => !left.has(node) && audience.isLive(node, atMs),
    liveCount: (atMs) =>
      audience.liveCount(atMs) - [...left].filter((node) => audience.isLive(node, atMs)).length,
  }
}

/** The position of the last entry before a time, -1 if there is none. Entries are in order of time. */
function lastBefore(entries: readonly { readonly atMs: number }[], atMs: number): number {
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((entries[middle]?.atMs ?? Infinity) < atMs) low = middle + 1
    else high = middle
  }
  return low - 1
}
