/**
 * The spreads as the page's own script reads them: columns of whole numbers, small enough for a
 * thousand messages.
 */
import { maxOf } from '../../lib/extremes.ts'
import type { Report, SpreadRecord } from '../report.ts'

/** First copies in one page: about 18 bytes each, so that the page stays under 3 MB. */
const MAX_COPIES = 120_000

/**
 * One message: kind (0 transaction, 1 block), hash, origin, entered at (µs after the start), bytes,
 * live nodes other than the origin, copies in all, and by first copy in order of arrival: node,
 * from (-1: not a peer), µs since the arrival before it, µs to its verdict.
 */
export type MessageRow = readonly [
  kind: 0 | 1,
  hash: string,
  origin: number,
  atUs: number,
  bytes: number,
  others: number,
  copies: number,
  nodes: readonly number[],
  froms: readonly number[],
  arrivalUs: readonly number[],
  judgingUs: readonly number[],
]

/** All that the script of the page reads. */
export interface MessageData {
  readonly nodes: number
  /** By node; empty without regions. */
  readonly regions: readonly string[]
  readonly messages: readonly MessageRow[]
  /** Messages of the report that are not in the page. */
  readonly left: number
}

/**
 * All messages, or where they are too many those that the text links to and evenly as many as fit.
 */
export function messageData(report: Report): MessageData {
  const { transactions, blocks } = report
  const linked = new Set(
    [transactions, blocks].flatMap(({ medianItem, worstItem }) => [medianItem, worstItem]),
  )
  const all = [
    ...report.spreads.transactions.map((record) => rowOf(record, 0)),
    ...report.spreads.blocks.map((record) => rowOf(record, 1)),
  ]
  const copies = all.reduce((sum, row) => sum + row[7].length, 0)
  const step = Math.max(1, copies / MAX_COPIES)
  const messages = all.filter(
    (row, at) => linked.has(row[1]) || Math.floor(at / step) !== Math.floor((at - 1) / step),
  )
  return {
    nodes: report.nodes,
    regions: regionsOf(report),
    messages,
    left: all.length - messages.length,
  }
}

function regionsOf({ peers }: Report): readonly string[] {
  if (peers.every(({ region }) => region === undefined)) return []
  const names = new Map(peers.map(({ index, region = '' }) => [index, region]))
  const last = maxOf(names.keys())
  return Array.from({ length: last + 1 }, (_, node) => names.get(node) ?? '')
}

function rowOf(record: SpreadRecord, kind: 0 | 1): MessageRow {
  const { hash, origin, atMs, bytes, first, missed, later } = record
  const arrivals = first.map((row) => microseconds(row[2]))
  return [
    kind,
    hash,
    origin,
    microseconds(atMs),
    bytes,
    first.length + missed.length,
    first.length + later.length,
    first.map((row) => row[0]),
    first.map((row) => row[1] ?? -1),
    arrivals.map((us, at) => us - (arrivals[at - 1] ?? 0)),
    first.map((row) => microseconds(row[3] - row[2])),
  ]
}

function microseconds(ms: number): number {
  return Math.round(ms * 1000)
}
