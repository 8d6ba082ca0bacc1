/**
 * Spans of OpenTelemetry that nodes make without talking to each other, and that form one tree all
 * the same.
 *
 * The trace is the item: its id is the first 16 bytes of the hash. Each node has one span in it,
 * whose id is the first 8 bytes of the SHA-256 of the text `<hash>|<peer id>`. So a node that got
 * the item from a peer knows the id of that peer's span, which is the parent of its own.
 */
import { createHash } from 'node:crypto'
import type { Hash } from '../crypto/keccak.ts'
import { isItemKind, ITEM_KINDS } from '../item/itemKinds.ts'
import type { Route } from '../item/route.ts'
import type { Source } from '../trace/trace.ts'

/** The value of an attribute. Whole numbers travel as integers, others as doubles. */
export type AttributeValue = string | number | boolean

/** Attributes by name. */
export type Attributes = Readonly<Record<string, AttributeValue>>

/** Something that happened during a span. */
export interface SpanEvent {
  readonly name: string
  /** Milliseconds since 1970, with a fraction. */
  readonly atMs: number
  readonly attributes: Attributes
}

/** The way of one item through one node. Times are milliseconds since 1970, with a fraction. */
export interface Span {
  /** 32 hex digits, of the item. */
  readonly traceId: string
  /** 16 hex digits, of the item at this node. */
  readonly spanId: string
  /** The span of the node from which the item came; absent where it entered the network. */
  readonly parentSpanId?: string
  readonly name: string
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Attributes
  readonly events: readonly SpanEvent[]
  /** Why the item is invalid for everyone; absent for all others. */
  readonly error?: string
}

const TRACE_DIGITS = 32
const SPAN_DIGITS = 16

/** The trace of an item. */
export function traceIdOf(hash: Hash): string {
  return hash.slice(2, 2 + TRACE_DIGITS)
}

/** The span of an item at a node. */
export function spanIdOf(hash: Hash, peerId: string): string {
  return createHash('sha256').update(`${hash}|${peerId}`).digest('hex').slice(0, SPAN_DIGITS)
}

/**
 * The peer from which a copy came; `undefined` for one that entered here: sources that are no peer
 * are plain words.
 */
export function senderOf({
  from,
  route,
}: {
  readonly from: Source
  readonly route: Route
}): string | undefined {
  return route === 'local' || /^[a-z]*$/.test(from) ? undefined : from
}

/** What a span is called: few names for each node, so that lists of them stay readable. */
export function spanName(kind: string, peerId: string): string {
  const noun = isItemKind(kind) ? ITEM_KINDS[kind].singular : kind
  return `${noun} at ${peerId.slice(-6)}`
}

/** 2^56: the last seven bytes of a trace id are a number below it. */
const SHARE_RANGE = 2 ** 56
const SHARE_DIGITS = 14

/**
 * Whether spans of an item are sent when only a share of all items is traced. The last seven bytes
 * of the trace id decide (W3C Trace Context Level 2), so that all nodes choose the same items.
 */
export function isChosen(hash: Hash, share: number): boolean {
  if (share >= 1) return true
  const randomness = Number.parseInt(traceIdOf(hash).slice(-SHARE_DIGITS), 16)
  return randomness >= (1 - share) * SHARE_RANGE
}
