/**
 * What one node heard of another's clock, as one sample that holds at a given moment.
 *
 * Every exchange gives an interval for the offset: its estimate, give or take half of its round
 * trip. Clocks drift, so an old interval is widened by its age. All of them hold at once, so their
 * intersection does: never wider than the exchange with the smallest round trip alone, and narrower
 * where one exchange was quick on its way there and another on its way back.
 */
import { maxOf, minOf } from '../../lib/extremes.ts'
import type { ClockOffset } from './clockSolution.ts'

/**
 * One exchange: when, by the clock of who asked; how far the other was ahead; the round trip
 * without its delay; ms.
 */
export interface Exchange {
  readonly atMs: number
  readonly offsetMs: number
  readonly roundTripMs: number
}

/**
 * Milliseconds that two clocks drift apart in one at most: two oscillators of 50 parts per million
 * each, which is what the cheapest of computers have. (RFC 5905 counts on 15 ppm for one;
 * disciplined clocks stay far below.)
 */
export const MAX_DRIFT = 100e-6
/** Times are told to a microsecond, and four of them make an offset. */
const READING_ERROR_MS = 0.002

/** The offset at `atMs` by the asker's clock; `undefined` without exchanges. */
export function offsetAt(
  exchanges: readonly Exchange[],
  atMs: number,
): Pick<ClockOffset, 'offsetMs' | 'errorMs'> | undefined {
  const intervals = exchanges.map((exchange) => {
    const ageMs = Math.abs(atMs - exchange.atMs)
    const errorMs = exchange.roundTripMs / 2 + READING_ERROR_MS + MAX_DRIFT * ageMs
    return { offsetMs: exchange.offsetMs, errorMs }
  })
  const [first] = intervals.toSorted((a, b) => a.errorMs - b.errorMs)
  if (first === undefined) return undefined
  const low = maxOf(intervals.map(({ offsetMs, errorMs }) => offsetMs - errorMs))
  const high = minOf(intervals.map(({ offsetMs, errorMs }) => offsetMs + errorMs))
  return low <= high ? { offsetMs: (low + high) / 2, errorMs: (high - low) / 2 } : first
}
