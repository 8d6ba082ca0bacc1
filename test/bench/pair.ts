/**
 * Two ways of doing something, measured in turns: A B A B ... Whatever else the machine does meets
 * both alike, so the ratio of neighbours says more than either rate.
 *
 * What counts is the CPU time of this process, with all its threads: who else uses the machine does
 * not. Where nobody does, it is the time on the wall plus what garbage collection and compilation
 * do beside the main thread. Where the work of other threads is meant to cost no speed, the time on
 * the wall is asked too.
 */
import { systemClock } from '../../src/lib/clock.ts'
import { quartilesOf, type Quartiles } from './quartiles.ts'

export interface Side {
  /** Makes ready for one turn, outside the measured time. */
  readonly prepare?: () => void
  /** One turn; answers how many operations it did. */
  readonly turn: () => number | Promise<number>
}

export interface Pair {
  /** Operations per second. */
  readonly subjectPerS: Quartiles
  readonly baselinePerS: Quartiles
  /** Subject over baseline, turn by turn. */
  readonly ratio: Quartiles
}

/**
 * Collects what was left behind before each turn, so that no turn pays for another; needs
 * --expose-gc. The young generation alone: a full collection would also throw away optimised code,
 * which no running node does all the time.
 */
function collectGarbage(): void {
  globalThis.gc?.({ type: 'minor' })
}

/**
 * Measures `subject` against `baseline` by CPU time, each `turns` times, after half as many that do
 * not count.
 */
export async function measurePair(subject: Side, baseline: Side, turns: number): Promise<Pair> {
  const { byCpu } = await measureBothWays(subject, baseline, turns)
  return byCpu
}

/** The same, and in the same turns by the time on the wall. */
export async function measureBothWays(
  subject: Side,
  baseline: Side,
  turns: number,
): Promise<{ readonly byCpu: Pair; readonly byWall: Pair }> {
  const rates: [subject: Rates, baseline: Rates][] = []
  for (let turn = -Math.ceil(turns / 2); turn < turns; turn++) {
    const pair: [Rates, Rates] = [await ratesOf(subject), await ratesOf(baseline)]
    if (turn >= 0) rates.push(pair)
  }
  return {
    byCpu: pairOf(rates.map(([one, other]) => [one.perCpuS, other.perCpuS])),
    byWall: pairOf(rates.map(([one, other]) => [one.perWallS, other.perWallS])),
  }
}

/** Measures one thing alone: operations per second of CPU time. */
export async function measureAlone(side: Side, turns: number): Promise<Quartiles> {
  const rates: number[] = []
  for (let turn = -Math.ceil(turns / 2); turn < turns; turn++) {
    const { perCpuS } = await ratesOf(side)
    if (turn >= 0) rates.push(perCpuS)
  }
  return quartilesOf(rates)
}

/** The figures of rates that were measured in turns. */
export function pairOf(rates: readonly (readonly [subject: number, baseline: number])[]): Pair {
  return {
    subjectPerS: quartilesOf(rates.map(([subject]) => subject)),
    baselinePerS: quartilesOf(rates.map(([, baseline]) => baseline)),
    ratio: quartilesOf(rates.map(([subject, baseline]) => subject / baseline)),
  }
}

interface Rates {
  readonly perCpuS: number
  readonly perWallS: number
}

async function ratesOf(side: Side): Promise<Rates> {
  side.prepare?.()
  collectGarbage()
  const [startMs, before] = [systemClock.monotonicMs(), process.cpuUsage()]
  const operations = await side.turn()
  const { user, system } = process.cpuUsage(before)
  const wallMs = systemClock.monotonicMs() - startMs
  return { perCpuS: operations / ((user + system) / 1e6), perWallS: operations / (wallMs / 1e3) }
}
