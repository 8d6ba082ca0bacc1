/**
 * Makes the spans of a node from what its trace is told. A span begins when the first copy arrives
 * and ends with the verdict; it is handed on some seconds later, when it is known how many more
 * copies came and what became of the item.
 */
import type { Hash } from '../crypto/keccak.ts'
import { isFollowed, type ItemKind } from '../item/itemKinds.ts'
import { BoundedMap } from '../lib/boundedMap.ts'
import type { Clock } from '../lib/clock.ts'
import type { Fate, Sighting, Trace } from '../trace/trace.ts'
import { Calendar } from './calendar.ts'
import { MAX_OPEN_SPANS, MAX_SENT_SPANS, MAX_SPAN_EVENTS, SPAN_SETTLE_MS } from './limits.ts'
import {
  isChosen,
  senderOf,
  spanIdOf,
  spanName,
  traceIdOf,
  type Attributes,
  type Span,
  type SpanEvent,
} from './span.ts'

/** What spans are made with. */
export interface ItemSpansOptions {
  readonly peerId: string
  /** Of all items, 0 to 1. */
  readonly share: number
  readonly clock: Pick<Clock, 'monotonicMs' | 'wallMs'>
  readonly onSpan: (span: Span) => void
}

interface OpenSpan {
  readonly kind: ItemKind
  readonly hash: Hash
  readonly openedMs: number
  judged: Sighting | undefined
  copies: number
  forwarded: number
  readonly events: { readonly fate: Fate; readonly atMs: number }[]
}

/** A trace that makes one span of each item. */
export class ItemSpans implements Trace {
  readonly #options: ItemSpansOptions
  readonly #calendar: Calendar
  /** In the order in which they were opened. */
  readonly #open = new Map<Hash, OpenSpan>()
  readonly #sent = new BoundedMap<Hash, true>(MAX_SENT_SPANS)

  constructor(options: ItemSpansOptions) {
    this.#options = options
    this.#calendar = new Calendar(options.clock)
  }

  /** Items whose span is not finished. */
  get openCount(): number {
    return this.#open.size
  }

  sighting(sighting: Sighting): void {
    const { kind, hash, action } = sighting
    this.#calendar.read()
    const span = this.#open.get(hash) ?? this.#opened(kind, hash)
    if (span === undefined) return
    const isAgain = span.judged?.action === 'hold' && isCopy(span.judged, sighting)
    if (!isAgain) span.copies++
    if (action !== 'duplicate' && span.judged?.action !== 'accept') span.judged = sighting
  }

  /** The pool tells of an item before its verdict is told. */
  fate(kind: ItemKind, hash: Hash, fate: Fate, atMs: number): void {
    const span = this.#open.get(hash) ?? this.#opened(kind, hash)
    if (span === undefined) return
    if (fate.kind === 'forwarded') span.forwarded++
    else if (span.events.length < MAX_SPAN_EVENTS) span.events.push({ fate, atMs })
  }

  /** Hands on the spans that are old enough. */
  settle(): void {
    this.#calendar.read()
    const beforeMs = this.#options.clock.monotonicMs() - SPAN_SETTLE_MS
    for (const span of this.#open.values()) {
      if (span.openedMs > beforeMs) return
      this.#finish(span)
    }
  }

  /** Hands on all spans as they are. */
  finishAll(): void {
    for (const span of this.#open.values()) this.#finish(span)
  }

  /** `undefined` for an item that has no span, or had it. */
  #opened(kind: ItemKind, hash: Hash): OpenSpan | undefined {
    const hasSpan = isFollowed(kind) && isChosen(hash, this.#options.share)
    if (!hasSpan || this.#sent.has(hash)) return undefined
    const [oldest] = this.#open.size < MAX_OPEN_SPANS ? [] : this.#open.values()
    if (oldest !== undefined) this.#finish(oldest)
    const openedMs = this.#options.clock.monotonicMs()
    const span = { kind, hash, openedMs, judged: undefined, copies: 0, forwarded: 0, events: [] }
    this.#open.set(hash, span)
    return span
  }

  /** Of an item that was never judged here there is nothing to tell. */
  #finish(span: OpenSpan): void {
    this.#open.delete(span.hash)
    this.#sent.set(span.hash, true)
    if (span.judged !== undefined) this.#options.onSpan(this.#spanOf(span, span.judged))
  }

  #spanOf({ kind, hash, copies, forwarded, events }: OpenSpan, judged: Sighting): Span {
    const { peerId } = this.#options
    const sender = senderOf(judged)
    return {
      traceId: traceIdOf(hash),
      spanId: spanIdOf(hash, peerId),
      ...(sender !== undefined && { parentSpanId: spanIdOf(hash, sender) }),
      name: spanName(kind, peerId),
      startMs: this.#calendar.toWallMs(judged.receivedMs),
      endMs: this.#calendar.toWallMs(judged.judgedMs),
      attributes: {
        'grapevine.hash': hash,
        'grapevine.kind': kind,
        'grapevine.route': judged.route,
        'grapevine.from': judged.from,
        'grapevine.verdict': judged.action,
        ...(judged.reason !== '' && { 'grapevine.reason': judged.reason }),
        'grapevine.size': judged.bytes,
        'grapevine.duplicates': Math.max(0, copies - 1),
        'grapevine.forwarded': forwarded,
        'grapevine.queue_us': Math.round(judged.queuedMs * 1000),
      },
      events: events.map(({ fate, atMs }) => this.#eventOf(fate, atMs)),
      ...(judged.action === 'reject' && { error: judged.reason }),
    }
  }

  #eventOf(fate: Fate, atMs: number): SpanEvent {
    return {
      name: fate.kind,
      atMs: this.#calendar.toWallMs(atMs),
      attributes: attributesOfFate(fate),
    }
  }
}

function attributesOfFate(fate: Fate): Attributes {
  if (fate.kind === 'included')
    return { 'grapevine.block': fate.block, 'grapevine.number': Number(fate.number) }
  if (fate.kind === 'replaced') return { 'grapevine.by': fate.by }
  const reason = 'reason' in fate ? (fate.reason ?? '') : ''
  return reason === '' ? {} : { 'grapevine.reason': reason }
}

function isCopy(a: Sighting, b: Sighting): boolean {
  return a.from === b.from && a.receivedMs === b.receivedMs
}
