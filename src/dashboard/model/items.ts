/** The last transactions and blocks of a network and how far each has come, in bounded memory. */
import { minOf } from '../../lib/extremes.ts'
import type { ItemKind } from '../../item/itemKinds.ts'
import { assert } from '../../lib/assert.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import { percentile, roundMs } from '../../measure/percentile.ts'
import type { Arrival, ItemRow, PairFigures, Wave } from './terms.ts'

/** One copy at one peer. Times are monotonic ms, shared by the processes of one machine. */
export interface PeerCopy {
  readonly kind: ItemKind
  readonly hash: string
  readonly peer: number
  /** Index of the peer that sent it; `undefined` where the item entered the network. */
  readonly from: number | undefined
  readonly receivedMs: number
  readonly judgedMs: number
  readonly action: string
}

/**
 * What one finished item adds to the figures of the last minute. Times are monotonic ms, durations
 * count from entry.
 */
export interface Sample {
  readonly hash: string
  readonly kind: ItemKind
  readonly enteredMs: number
  readonly halfMs: number | null
  /** `null` for an item that has not been seen at some live peer. */
  readonly allMs: number | null
  /** See {@link ItemRow.isUnsure}. */
  readonly isUnsure: boolean
}

interface Item {
  readonly kind: ItemKind
  readonly hash: string
  /** Those that should get it: live when it was first heard of. */
  readonly live: ReadonlySet<number>
  readonly accepted: Map<number, PeerCopy>
  entry: PeerCopy | undefined
  duplicates: number
  halfMs: number | null
  allMs: number | null
  isDone: boolean
  isUnsure: boolean
}

/** The bounds of {@link Items}. */
export interface ItemBounds {
  readonly maxItems: number
  /** An item that a live peer has not accepted after this long is finished, for now. */
  readonly giveUpMs: number
}

/**
 * An item counts from its entry on: the first accepted copy that no peer had sent. Until that is
 * read, and for items that entered before, it is not shown.
 */
export class Items {
  readonly #bounds: ItemBounds
  readonly #items: BoundedMap<string, Item>
  /** Those to measure at the next {@link settle}. */
  readonly #open = new Set<Item>()
  readonly #changed = new Set<Item>()
  /** Open items that had to leave for newer ones. */
  #displaced: Item[] = []
  /** By peer, when sightings of it were last skipped, monotonic ms. */
  readonly #skippedMs = new Map<number, number>()

  constructor(bounds: ItemBounds) {
    this.#bounds = bounds
    this.#items = new BoundedMap(bounds.maxItems)
  }

  /** Items remembered. */
  get size(): number {
    return this.#items.size
  }

  /** Takes a copy in; refused and held ones are no part of a wave. */
  add(copy: PeerCopy, live: ReadonlySet<number>): void {
    if (copy.action !== 'accept' && copy.action !== 'duplicate') return
    const item = this.#items.peek(copy.hash) ?? this.#enter(copy, live)
    this.#changed.add(item)
    if (copy.action === 'duplicate') {
      item.duplicates++
      return
    }
    this.#accept(item, copy)
  }

  /**
   * Over pairs of a peer and an item that entered within these times; an item that may have been
   * skipped is left out.
   */
  pairFigures(kind: ItemKind, fromMs: number, untilMs: number): PairFigures {
    const latenciesMs: number[] = []
    let pairs = 0
    for (const item of this.#items.values()) {
      const { entry, accepted } = item
      if (item.kind !== kind || entry === undefined || this.#mayHaveBeenSkipped(item)) continue
      if (entry.receivedMs < fromMs || entry.receivedMs > untilMs) continue
      const others = othersOf(item)
      pairs += others.length
      for (const peer of others) {
        const copy = accepted.get(peer)
        if (copy !== undefined) latenciesMs.push(copy.judgedMs - entry.receivedMs)
      }
    }
    const ascending = latenciesMs.toSorted((a, b) => a - b)
    const at = (percent: number): number | null => {
      const ms = percentile(ascending, percent)
      return ms === undefined ? null : roundMs(ms)
    }
    return { p50: at(50), p99: at(99), coverage: pairs === 0 ? null : latenciesMs.length / pairs }
  }

  /**
   * Takes in first copies that were asked for, of an item that is remembered. They correct what was
   * skipped.
   */
  correct(copies: readonly PeerCopy[]): void {
    for (const copy of copies) {
      const item = this.#items.peek(copy.hash)
      if (item === undefined || item.accepted.has(copy.peer)) continue
      this.#changed.add(item)
      this.#accept(item, copy)
    }
  }

  /**
   * Sightings of the peer were not read: what it has not been seen to accept by now, it may have
   * accepted.
   */
  skipped(peer: number, nowMs: number): void {
    this.#skippedMs.set(peer, nowMs)
  }

  /**
   * Computes how far the open items have come and answers those that are finished with it. An item
   * is answered again when a copy of it comes later.
   */
  settle(nowMs: number, liveNow: ReadonlySet<number>): Sample[] {
    const finished: Sample[] = []
    for (const item of [...this.#displaced.splice(0), ...this.#open]) {
      measure(item, liveNow)
      const isForgotten = this.#items.peek(item.hash) !== item
      const sinceMs = nowMs - (item.entry?.receivedMs ?? earliestMs(item))
      if (item.allMs === null && sinceMs < this.#bounds.giveUpMs && !isForgotten) continue
      item.isDone = true
      item.isUnsure = item.allMs === null && (isForgotten || this.#mayHaveBeenSkipped(item))
      this.#open.delete(item)
      if (!isForgotten) this.#changed.add(item)
      const sample = sampleOf(item)
      if (sample !== undefined) finished.push(sample)
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
      assert(this.#items.peek(item.hash) === item, 'an open item is remembered')
    }
  }

  #enter({ kind, hash }: PeerCopy, live: ReadonlySet<number>): Item {
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
      isUnsure: false,
    }
    const left = this.#items.set(hash, item)?.[1]
    if (left !== undefined) {
      if (this.#open.delete(left))
        this.#displaced = [...this.#displaced, left].slice(-this.#bounds.maxItems)
      this.#changed.delete(left)
    }
    this.#open.add(item)
    return item
  }

  /** A copy that comes after the item was given up opens it again. */
  #accept(item: Item, copy: PeerCopy): void {
    const known = item.accepted.get(copy.peer)
    if (known === undefined || copy.judgedMs < known.judgedMs) item.accepted.set(copy.peer, copy)
    if (item.isDone && item.allMs === null) this.#open.add(item)
    if (copy.from !== undefined) return
    const isEarlier = !item.isDone && copy.receivedMs < (item.entry?.receivedMs ?? Infinity)
    if (item.entry === undefined || isEarlier) item.entry = copy
  }

  #mayHaveBeenSkipped(item: Item): boolean {
    const enteredMs = item.entry?.receivedMs ?? Infinity
    return othersOf(item).some(
      (peer) => !item.accepted.has(peer) && (this.#skippedMs.get(peer) ?? -Infinity) >= enteredMs,
    )
  }
}

/** `undefined` for an item that nobody saw enter, or that had nowhere to go. */
function sampleOf(item: Item): Sample | undefined {
  const { hash, kind, halfMs, allMs, isUnsure, entry } = item
  if (entry === undefined || othersOf(item).length === 0) return undefined
  return { hash, kind, enteredMs: entry.receivedMs, halfMs, allMs, isUnsure }
}

function othersOf({ live, entry }: Item): number[] {
  return [...live].filter((peer) => peer !== entry?.peer)
}

function earliestMs({ accepted }: Item): number {
  return minOf([...accepted.values()].map((copy) => copy.receivedMs))
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
  const { kind, hash, entry, live, accepted, duplicates, halfMs, allMs, isDone, isUnsure } = item
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
    isUnsure,
  }
}

function arrivalOf(copy: PeerCopy, enteredMs: number): Arrival {
  return {
    peer: copy.peer,
    from: copy.from ?? null,
    receivedMs: roundMs(copy.receivedMs - enteredMs),
    judgedMs: roundMs(copy.judgedMs - enteredMs),
  }
}
