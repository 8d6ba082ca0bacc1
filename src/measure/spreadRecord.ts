/** A spread as the report keeps it: rows of numbers, rounded to microseconds; and back. */
import { hopOf, type Delivery, type Spread } from './delivery.ts'
import { roundMs } from './percentile.ts'
import type { SpreadRecord } from './report.ts'
import type { Route } from '../item/route.ts'

/** `startMs` is the start of the run on the clock of the spread. */
export function recordOf(spread: Spread, startMs: number): SpreadRecord {
  const after = (timeMs: number): number => roundMs(timeMs - spread.originMs)
  return {
    hash: spread.hash,
    origin: spread.origin,
    atMs: roundMs(spread.originMs - startMs),
    bytes: spread.bytes,
    missed: spread.missed,
    first: [...spread.first.values()]
      .sort(byArrival)
      .map((copy) => [
        copy.node,
        copy.from ?? null,
        after(copy.receivedMs),
        after(copy.judgedMs),
        roundMs(copy.queuedMs),
        hopOf(spread, copy.node) ?? null,
        copy.route,
      ]),
    later: spread.later
      .toSorted(byArrival)
      .map((copy) => [copy.node, copy.from ?? null, after(copy.receivedMs), copy.route]),
  }
}

/** The spread of a record, on the clock of the run. */
export function spreadOfRecord(record: SpreadRecord): Spread {
  const copyOf = (
    [node, from, receivedMs]: readonly [number, number | null, number, ...unknown[]],
    outcome: Delivery['outcome'],
    [judgedMs, queuedMs, route]: readonly [number, number, Route],
  ): Delivery => ({
    hash: record.hash,
    node,
    from: from ?? undefined,
    receivedMs: record.atMs + receivedMs,
    judgedMs: record.atMs + judgedMs,
    queuedMs,
    route,
    outcome,
    bytes: record.bytes,
  })
  return {
    hash: record.hash,
    origin: record.origin,
    originMs: record.atMs,
    bytes: record.bytes,
    missed: record.missed,
    first: new Map(
      record.first.map(
        (row) => [row[0], copyOf(row, 'accepted', [row[3], row[4], row[6]])] as const,
      ),
    ),
    later: record.later.map((row) => copyOf(row, 'duplicate', [row[2], 0, row[3]])),
  }
}

function byArrival(a: Delivery, b: Delivery): number {
  return a.receivedMs - b.receivedMs
}
