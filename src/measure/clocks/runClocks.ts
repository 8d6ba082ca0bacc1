/**
 * One time for a whole run: that of the observer, who started it.
 *
 * Nodes of one machine read one clock, and what they saw is subtracted as it is. The clocks of
 * several machines are solved (`clockSolution.ts`) from readings at the start and at the end of the
 * run; in between, offsets are interpolated, for an oscillator that is off is off by the same rate
 * for minutes. The error at a time between two readings is then no more than the larger of theirs,
 * and that is the bound a run has; a clock that only one reading knows may have drifted for the
 * time between them, which is added.
 */
import { maxOf } from '../../lib/extremes.ts'
import { MAX_DRIFT } from './clockSamples.ts'
import { solveClocks, type ClockOffset, type ClockSolution } from './clockSolution.ts'
import { roundMs } from '../percentile.ts'
import type { ClockReport } from '../report.ts'

/** The number of the observer among the nodes. */
export const OBSERVER = -1

/** What was asked of all clocks at one moment. */
export interface ClockReading {
  /** By the observer's clock. */
  readonly atMs: number
  /** Which clock each node reads that answered, the observer's included. */
  readonly clockIds: ReadonlyMap<number, string>
  /** Between nodes by their number, {@link OBSERVER} included. */
  readonly samples: readonly ClockOffset[]
}

/** The clocks of a run, and the way to bring a node's times onto the observer's clock. */
export interface RunClocks {
  readonly report: ClockReport
  /** Whether the node's times can be told on the observer's clock at all. */
  readonly isKnown: (node: number) => boolean
  /** A time by the node's clock on that of the observer, ms. */
  readonly toCommonMs: (node: number, timeMs: number) => number
}

interface SolvedReading {
  readonly atMs: number
  readonly solution: ClockSolution
}

/** `readings` in order of time, at least one. */
export function runClocks(nodes: readonly number[], readings: readonly ClockReading[]): RunClocks {
  const clockOf = clockNumbers(nodes, readings)
  const clocks = 1 + Math.max(0, maxOf(clockOf.values()))
  const solved = readings.map(({ atMs, samples }) => ({
    atMs,
    solution: solveClocks(clocks, betweenClocks(samples, clockOf), 0),
  }))
  const isSolved = (clock: number): boolean =>
    solved.some(({ solution }) => solution.offsetsMs[clock] !== undefined)
  const isKnown = (node: number): boolean => {
    const clock = clockOf.get(node)
    return clock !== undefined && isSolved(clock)
  }
  const known = Array.from({ length: clocks }, (_, clock) => knownOffsets(solved, clock))
  return {
    report: reportOfClocks(nodes.filter(isKnown), { clockOf, clocks, solved, readings }),
    isKnown,
    toCommonMs: (node, timeMs) => timeMs - offsetMs(known[clockOf.get(node) ?? 0] ?? [], timeMs),
  }
}

/**
 * Numbers the clocks, the observer's 0. A node whose clock was not the same at every reading has
 * none.
 */
function clockNumbers(
  nodes: readonly number[],
  readings: readonly ClockReading[],
): ReadonlyMap<number, number> {
  const numbers = new Map<string, number>()
  const idsOf = (node: number): Set<string> =>
    new Set(readings.flatMap(({ clockIds }) => clockIds.get(node) ?? []))
  return new Map(
    [OBSERVER, ...nodes].flatMap((node) => {
      const [id, other] = idsOf(node)
      if (id === undefined || other !== undefined) return []
      const number = numbers.get(id) ?? numbers.size
      numbers.set(id, number)
      return [[node, number] as const]
    }),
  )
}

function betweenClocks(
  samples: readonly ClockOffset[],
  clockOf: ReadonlyMap<number, number>,
): ClockOffset[] {
  return samples.flatMap((sample) => {
    const [from, to] = [clockOf.get(sample.from), clockOf.get(sample.to)]
    return from === undefined || to === undefined || from === to ? [] : [{ ...sample, from, to }]
  })
}

/** How far a clock is ahead of the observer's, at a time by itself. */
interface KnownOffset {
  readonly atMs: number
  readonly offset: number
}

function knownOffsets(solved: readonly SolvedReading[], clock: number): readonly KnownOffset[] {
  return solved.flatMap(({ atMs, solution }) => {
    const offset = solution.offsetsMs[clock]
    return offset === undefined ? [] : [{ atMs: atMs + offset, offset }]
  })
}

/** How far the clock is ahead of the observer's at a time by itself. */
function offsetMs(known: readonly KnownOffset[], timeMs: number): number {
  const after = known.find(({ atMs }) => atMs >= timeMs) ?? known.at(-1)
  const before = known.findLast(({ atMs }) => atMs <= timeMs) ?? known[0]
  if (before === undefined || after === undefined) return 0
  const spanMs = after.atMs - before.atMs
  const share = spanMs <= 0 ? 0 : (timeMs - before.atMs) / spanMs
  return before.offset + share * (after.offset - before.offset)
}

/** The bound for the difference of two clocks over the run; Infinity if no reading joins them. */
function runErrorMs(solved: readonly SolvedReading[], a: number, b: number): number {
  const errors = solved.map(({ solution }) => solution.errorMs(a, b))
  const finite = errors.filter(Number.isFinite)
  if (finite.length === 0)
    return a === 0 || b === 0 ? Infinity : runErrorMs(solved, 0, a) + runErrorMs(solved, 0, b)
  const spanMs = (solved.at(-1)?.atMs ?? 0) - (solved[0]?.atMs ?? 0)
  return maxOf(finite) + (finite.length < errors.length ? MAX_DRIFT * spanMs : 0)
}

interface Solved {
  readonly clockOf: ReadonlyMap<number, number>
  readonly clocks: number
  readonly solved: readonly SolvedReading[]
  readonly readings: readonly ClockReading[]
}

function reportOfClocks(known: readonly number[], parts: Solved): ClockReport {
  const { clockOf, clocks, solved, readings } = parts
  const numbers = Array.from({ length: clocks }, (_, at) => at)
  const nodesOf = (clock: number): number[] => known.filter((node) => clockOf.get(node) === clock)
  const used = numbers.filter((clock) => nodesOf(clock).length > 0)
  const pairErrorMs = used.map((a) =>
    used.map((b) => (a === b ? 0 : roundedUp(runErrorMs(solved, a, b)))),
  )
  const offsetAtReading = (at: number, clock: number): number | null => {
    const offset = solved.at(at)?.solution.offsetsMs[clock]
    return offset === undefined ? null : roundMs(offset)
  }
  return {
    source: used.length > 1 ? 'status-exchange' : 'host-monotonic',
    errorMs: Math.max(0, maxOf(pairErrorMs.flat())),
    residualMs: roundMs(Math.max(0, maxOf(solved.map(({ solution }) => solution.residualMs)))),
    clocks: used.map((clock) => ({
      nodes: nodesOf(clock),
      startOffsetMs: offsetAtReading(0, clock),
      endOffsetMs: offsetAtReading(-1, clock),
      errorMs: roundedUp(runErrorMs(solved, 0, clock)),
    })),
    pairErrorMs,
    check: checkOf(
      readings.flatMap(({ samples }) => samples),
      clockOf,
    ),
  }
}

/** What the samples between nodes that read one clock say of it: it should be nothing. */
function checkOf(
  samples: readonly ClockOffset[],
  clockOf: ReadonlyMap<number, number>,
): ClockReport['check'] {
  const within = samples.filter(
    ({ from, to }) => clockOf.has(from) && clockOf.get(from) === clockOf.get(to),
  )
  if (within.length === 0) return null
  return {
    maxOffsetMs: roundMs(maxOf(within.map(({ offsetMs: ms }) => Math.abs(ms)))),
    errorMs: roundMs(maxOf(within.map(({ errorMs }) => errorMs))),
  }
}

/** To a microsecond, so that a bound stays one. */
function roundedUp(ms: number): number {
  return Math.ceil(ms * 1000) / 1000
}

/** The bound for the difference of the times of two nodes, as a report has it. */
export function pairErrors(clock: ClockReport): (a: number, b: number) => number {
  const numberOf = new Map(
    clock.clocks.flatMap(({ nodes }, number) => nodes.map((node) => [node, number] as const)),
  )
  return (a, b) => clock.pairErrorMs[numberOf.get(a) ?? -1]?.[numberOf.get(b) ?? -1] ?? 0
}
