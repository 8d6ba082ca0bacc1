/**
 * The memory of everything that happened to every recent item at this node.
 *
 * Recording is the hot path: it writes one row into a ring that exists already and touches one
 * small entry per item. The story of an item is put together only when someone asks for it. An
 * item's first sighting and its verdict are kept in its entry and outlive the ring's turn; the rest
 * of its rows may be overwritten, which the counts then tell.
 */
import type { Hash } from '../crypto/keccak.ts'
import type { ItemKind } from '../item/itemKinds.ts'
import { BoundedMap } from '../lib/boundedMap.ts'
import { FateRing } from './fateRing.ts'
import {
  MAX_FATES,
  MAX_SIGHTINGS,
  MAX_SIGHTINGS_PER_READ,
  MAX_TIMELINE_ENTRIES,
  MAX_TRACED_ITEMS,
} from './limits.ts'
import { NONE, SightingRing } from './sightingRing.ts'
import type { Fate, Sighting, Source, Trace } from './trace.ts'

/** The bounds of one {@link Timelines}; the defaults are those of `trace/limits.ts`. */
export interface TraceLimits {
  readonly maxItems: number
  readonly maxSightings: number
  readonly maxFates: number
  /** Entries of one list of one timeline. */
  readonly maxEntries: number
}

/** The bounds of a node unless it is given others. */
export const TRACE_LIMITS: TraceLimits = {
  maxItems: MAX_TRACED_ITEMS,
  maxSightings: MAX_SIGHTINGS,
  maxFates: MAX_FATES,
  maxEntries: MAX_TIMELINE_ENTRIES,
}

/** A fate as JSON can carry it: block numbers are plain numbers. */
export interface TimelineFate {
  readonly kind: Fate['kind']
  readonly atMs: number
  readonly reason?: string
  /** The transaction that took this one's place. */
  readonly by?: Hash
  /** The block that holds the transaction. */
  readonly block?: Hash
  readonly number?: number
}

/**
 * The whole story of an item at this node. Times are monotonic ms, shared by the processes of one
 * machine.
 */
export interface Timeline {
  readonly kind: ItemKind
  readonly hash: Hash
  /** Missing where only duplicates or fates are remembered. */
  readonly firstSeen?: {
    readonly from: Source
    readonly receivedMs: number
    readonly bytes: number
  }
  readonly verdict?: 'accept' | 'ignore' | 'reject' | 'hold'
  /** Empty for accept. */
  readonly reason?: string
  /** Wait for the verifier, part of `validationMs`. */
  readonly queueMs?: number
  /** From the stamp to the verdict. */
  readonly validationMs?: number
  /** Copies after the first, in order of arrival; the delay counts from the first copy. */
  readonly duplicates: readonly { readonly from: Source; readonly delayMs: number }[]
  readonly forwardedTo: readonly { readonly to: string; readonly atMs: number }[]
  readonly fates: readonly TimelineFate[]
  /** True numbers, where lists were cut or rows overwritten. */
  readonly counts: {
    readonly duplicates: number
    readonly forwarded: number
    readonly fates: number
  }
}

/** A batch of sightings for a collector. */
export interface SightingBatch {
  /** Hand this in at the next call. */
  readonly cursor: number
  /** Sightings overwritten before they were read. */
  readonly lost: number
  readonly sightings: readonly Sighting[]
}

interface Item {
  readonly kind: ItemKind
  readonly hash: Hash
  first: Sighting | undefined
  judged: Sighting | undefined
  lastSighting: number
  lastFate: number
  sightings: number
  forwarded: number
  fates: number
}

/** Records sightings and fates in bounded memory and tells the story of an item on demand. */
export class Timelines implements Trace {
  readonly #limits: TraceLimits
  readonly #items: BoundedMap<Hash, Item>
  readonly #sightings: SightingRing
  readonly #fates: FateRing

  constructor(limits: TraceLimits = TRACE_LIMITS) {
    this.#limits = limits
    this.#items = new BoundedMap(limits.maxItems)
    this.#sightings = new SightingRing(limits.maxSightings)
    this.#fates = new FateRing(limits.maxFates)
  }

  /** Items with a timeline. */
  get size(): number {
    return this.#items.size
  }

  sighting(sighting: Sighting): void {
    const item = this.#item(sighting.kind, sighting.hash)
    item.lastSighting = this.#sightings.append(sighting, item.hash, item.lastSighting)
    if (isJudgedAgain(item, sighting)) {
      item.judged = sighting
      return
    }
    item.sightings++
    if (item.first === undefined || isBefore(sighting, item.first)) item.first = sighting
    if (sighting.action !== 'duplicate') item.judged = sighting
  }

  fate(kind: ItemKind, hash: Hash, fate: Fate, atMs: number): void {
    const item = this.#item(kind, hash)
    item.lastFate = this.#fates.append(fate, atMs, item.lastFate)
    if (fate.kind === 'forwarded') item.forwarded++
    else item.fates++
  }

  /** Everything remembered of an item; `undefined` for an item never seen or forgotten. */
  timeline(hash: Hash): Timeline | undefined {
    const item = this.#items.peek(hash)
    if (item === undefined) return undefined
    const fates = this.#fatesOf(item)
    const cut = this.#limits.maxEntries
    return {
      kind: item.kind,
      hash,
      ...firstSeenOf(item),
      ...verdictOf(item),
      duplicates: this.#duplicatesOf(item).slice(0, cut),
      forwardedTo: fates.forwarded.slice(0, cut),
      fates: fates.others.slice(0, cut),
      counts: {
        duplicates: Math.max(0, item.sightings - 1),
        forwarded: item.forwarded,
        fates: item.fates,
      },
    }
  }

  /**
   * The sightings from `cursor` on, at most `limit`; a collector starts with 0 and hands back what
   * it was given.
   */
  sightings(cursor: number, limit: number): SightingBatch {
    const { oldest, next } = this.#sightings
    const wanted = Math.min(Math.max(0, Math.floor(cursor)), next)
    const start = Math.max(wanted, oldest)
    const end = Math.min(next, start + Math.min(Math.max(0, limit), MAX_SIGHTINGS_PER_READ))
    const sightings: Sighting[] = []
    for (let number = start; number < end; number++) sightings.push(this.#sightings.read(number))
    return { cursor: end, lost: start - wanted, sightings }
  }

  #item(kind: ItemKind, hash: Hash): Item {
    const known = this.#items.peek(hash)
    if (known !== undefined) return known
    const item: Item = {
      kind,
      hash,
      first: undefined,
      judged: undefined,
      lastSighting: NONE,
      lastFate: NONE,
      sightings: 0,
      forwarded: 0,
      fates: 0,
    }
    this.#items.set(hash, item)
    return item
  }

  #duplicatesOf(item: Item): { from: Source; delayMs: number }[] {
    const { first } = item
    if (first === undefined) return []
    const copies: Sighting[] = []
    let number = item.lastSighting >= this.#sightings.oldest ? item.lastSighting : NONE
    for (; number !== NONE; number = this.#sightings.previous(number)) {
      const copy = this.#sightings.read(number)
      const again = copies.at(-1)
      if (!isCopy(copy, first) && (again === undefined || !isCopy(copy, again))) copies.push(copy)
    }
    return copies
      .sort((a, b) => a.receivedMs - b.receivedMs)
      .map((copy) => ({ from: copy.from, delayMs: copy.receivedMs - first.receivedMs }))
  }

  #fatesOf(item: Item): { forwarded: { to: string; atMs: number }[]; others: TimelineFate[] } {
    const forwarded: { to: string; atMs: number }[] = []
    const others: TimelineFate[] = []
    let number = item.lastFate >= this.#fates.oldest ? item.lastFate : NONE
    for (; number !== NONE; number = this.#fates.previous(number)) {
      const record = this.#fates.read(number)
      if (record === undefined) continue
      if (record.fate.kind === 'forwarded')
        forwarded.push({ to: record.fate.to, atMs: record.atMs })
      else others.push(plainFate(record.fate, record.atMs))
    }
    return { forwarded: forwarded.reverse(), others: others.reverse() }
  }
}

/** A held copy is recorded again when it is judged again: the same copy, so no duplicate. */
function isJudgedAgain(item: Item, sighting: Sighting): boolean {
  return item.judged?.action === 'hold' && isCopy(item.judged, sighting)
}

/**
 * Of two copies in one moment the one that was judged came first: a duplicate is one of something
 * seen.
 */
function isBefore(a: Sighting, b: Sighting): boolean {
  if (a.receivedMs !== b.receivedMs) return a.receivedMs < b.receivedMs
  return b.action === 'duplicate' && a.action !== 'duplicate'
}

function isCopy(a: Sighting, b: Sighting): boolean {
  return a.from === b.from && a.receivedMs === b.receivedMs
}

function firstSeenOf(item: Item): Pick<Timeline, 'firstSeen'> {
  const { first } = item
  if (first === undefined) return {}
  return { firstSeen: { from: first.from, receivedMs: first.receivedMs, bytes: first.bytes } }
}

function verdictOf(item: Item): Pick<Timeline, 'verdict' | 'reason' | 'queueMs' | 'validationMs'> {
  const { judged } = item
  if (judged === undefined || judged.action === 'duplicate') return {}
  return {
    verdict: judged.action,
    reason: judged.reason,
    queueMs: judged.queuedMs,
    validationMs: judged.judgedMs - judged.receivedMs,
  }
}

function plainFate(fate: Fate, atMs: number): TimelineFate {
  return fate.kind === 'included'
    ? { kind: fate.kind, block: fate.block, number: Number(fate.number), atMs }
    : { ...fate, atMs }
}
