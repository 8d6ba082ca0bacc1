/** The last transactions and blocks of a network and how far each has come, in bounded memory. */
import { assert } from '../../lib/assert.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import { roundMs } from '../../measure/percentile.ts'
import type { Arrival, ItemKind, ItemRow, Wave } from './terms.ts'

/** One copy at one peer. Times are monotonic ms, shared by the processes of one host. */
export interface Copy {
  readonly kind: ItemKind
  readonly hash: string
  readonly peer: number
  /** Index of the peer that sent it; `undefined` where the item entered the network. */
  readonly from: number | undefined
  readonly receivedMs: number
  readonly judgedMs: number
  readonly action: string
}

/** What one finished item adds to the figures of the last minute. */
export interface Sample {
  readonly kind: ItemKind
  readonly enteredMs: number
  readonly halfMs: number | null
  /** `null` for an item that some live peer did not get. */
  readonly allMs: number | null
}

interface Item {
  readonly kind: ItemKind
  readonly hash: string
  /** Those that should get it: live when it was first heard of. */
  readonly live: ReadonlySet<number>
  readonly accepted: Map<number, Copy>
  entry: Copy | undefined
  duplicates: number
  halfMs: number | null
  allMs: number | null
  isDone: boolean
}

export interface ItemBounds {
  readonly maxItems: number
  readonly giveUpMs: number
}

/**
 * An item counts from its entry on: the first accepted copy that no peer had sent. Until that is read, and for items
 * that entered before, it is not shown.
 */
export class Items {
  readonly #bounds: ItemBounds
  readonly #items: BoundedMap<string, Item>
  readonly #open = new Set<Item>()
  readonly #changed = new Set<Item>()

  constructor(bounds: ItemBounds) {
    this.#bounds = bounds
    this.#items = new BoundedMap(bounds.maxItems)
  }

  get size(): number {
    return this.#items.size
  }

  /** Takes a copy in; refused and held ones are no part of a wave. */
  add(copy: Copy, live: ReadonlySet<number>): void {
    if (copy.action !== 'accept' && copy.action !== 'duplicate') return
    const item = this.#items.peek(copy.hash) ?? this.#enter(copy, live)
    this.#changed.add(item)
    if (copy.action === 'duplicate') {
      item.duplicates++
      return
    }
    const known = item.accepted.get(copy.peer)
    if (known === undefined || copy.judgedMs < known.judgedMs) item.accepted.set(copy.peer, copy)
    const isEntry = copy.from === undefined && !item.isDone
    if (isEntry && (item.entry === undefined || copy.receivedMs < item.entry.receivedMs))
      item.entry = copy
  }

  /** Computes how far the open items have come and answers those that are finished with it. */
  settle(nowMs: number, liveNow: ReadonlySet<number>): Sample[] {
    const finished: Sample[] = []
    for (const item of this.#open) {
      measure(item, liveNow)
      const sinceMs = nowMs - (item.entry?.receivedMs ?? earliestMs(item))
      if (item.allMs === null && sinceMs < this.#bounds.giveUpMs) continue
      item.isDone = true
      this.#open.delete(item)
      this.#changed.add(item)
      if (item.entry === undefined || othersOf(item).length === 0) continue
      const { kind, halfMs, allMs, entry } = item
      finished.push({ kind, enteredMs: entry.receivedMs, halfMs, allMs })
    }
    return finished
  }

  /** Rows of what changed since the last call, in no order. */
  takeChanged(originMs: number): ItemRow[] {
    const rows = [...this.#changed].flatMap((item) => rowOf(item, originMs) ?? [])
    this.#changed.clear()
    return rows
  }

  /** Rows of the newest, the newest first. `originMs` is the calendar time at monotonic zero. */
  newest(count: number, originMs: number): ItemRow[] {
    return [...this.#items.values()]
      .flatMap((item) => rowOf(item, originMs) ?? [])
      .toSorted((a, b) => b.atMs - a.atMs)
      .slice(0, count)
  }

  wave(hash: string, originMs: number): Wave | undefined {
    const item = this.#items.peek(hash)
    const row = item && rowOf(item, originMs)
    if (item === undefined || row === undefined) return undefined
    const enteredMs = item.entry?.receivedMs ?? 0
    const arrivals = [...item.accepted.values()].map((copy) => arrivalOf(copy, enteredMs))
    return { ...row, arrivals: arrivals.toSorted((a, b) => a.receivedMs - b.receivedMs) }
  }

  assertInvariants(): void {
    this.#items.assertInvariants()
    assert(this.#open.size <= this.#items.maxEntries, 'no more open items than items')
    for (const item of this.#open) {
      assert(!item.isDone, 'an open item is not done')
      assert(this.#items.peek(item.hash) === item, 'an open item is remembered')
    }
  }

  #enter({ kind, hash }: Copy, live: ReadonlySet<number>): Item {
    const item: Item = {
      kind,
      hash,
      live,
      accepted: new Map(),
      entry: undefined,
      duplicates: 0,
      halfMs: null,
      allMs: null,
      isDone: false,
    }
    const left = this.#items.set(hash, item)?.[1]
    if (left !== undefined) {
      this.#open.delete(left)
      this.#changed.delete(left)
    }
    this.#open.add(item)
    return item
  }
}

function othersOf({ live, entry }: Item): number[] {
  return [...live].filter((peer) => peer !== entry?.peer)
}

function earliestMs({ accepted }: Item): number {
  return Math.min(...[...accepted.values()].map((copy) => copy.receivedMs))
}

/** Half of those that should get it, and all of them that are still live. */
function measure(item: Item, liveNow: ReadonlySet<number>): void {
  const { entry } = item
  if (entry === undefined) return
  const others = othersOf(item)
  const gotMs = others
    .flatMap((peer) => item.accepted.get(peer)?.judgedMs ?? [])
    .map((judgedMs) => judgedMs - entry.receivedMs)
    .toSorted((a, b) => a - b)
  const half = gotMs[Math.ceil(others.length / 2) - 1]
  item.halfMs = half === undefined ? null : roundMs(half)
  const isMissing = others.some((peer) => liveNow.has(peer) && !item.accepted.has(peer))
  const last = gotMs.at(-1)
  item.allMs = isMissing || last === undefined ? null : roundMs(last)
}

function rowOf(item: Item, originMs: number): ItemRow | undefined {
  const { kind, hash, entry, live, accepted, duplicates, halfMs, allMs, isDone } = item
  if (entry === undefined) return undefined
  return {
    kind,
    hash,
    origin: entry.peer,
    atMs: Math.round(originMs + entry.receivedMs),
    reached: [...live].filter((peer) => accepted.has(peer)).length,
    live: live.size,
    duplicates,
    halfMs,
    allMs,
    isDone,
  }
}

function arrivalOf(copy: Copy, enteredMs: number): Arrival {
  return {
    peer: copy.peer,
    from: copy.from ?? null,
    receivedMs: roundMs(copy.receivedMs - enteredMs),
    judgedMs: roundMs(copy.judgedMs - enteredMs),
  }
}
