import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/lib/random.ts'
import { offsetAt } from '../../src/measure/clocks/clockSamples.ts'
import type { ClockOffset } from '../../src/measure/clocks/clockSolution.ts'
import { summarise } from '../../src/measure/percentile.ts'
import {
  OBSERVER,
  pairErrors,
  runClocks,
  type ClockReading,
} from '../../src/measure/clocks/runClocks.ts'

/** Readings of nodes that each have a clock of their own, exact unless an error is given. */
function reading(
  atMs: number,
  offsets: Readonly<Record<number, number>>,
  errorMs = 0,
): ClockReading {
  const nodes = Object.entries(offsets).map(([node, offsetMs]) => ({
    node: Number(node),
    offsetMs,
  }))
  return {
    atMs,
    clockIds: new Map([
      [OBSERVER, 'observer'],
      ...nodes.map(({ node }) => [node, `clock ${node}`] as const),
    ]),
    samples: nodes.map(({ node, offsetMs }) => ({ from: OBSERVER, to: node, offsetMs, errorMs })),
  }
}

describe('the clocks of a run', () => {
  test('put times of every node on the clock of who measured', () => {
    const { toCommonMs, report } = runClocks([0, 1], [reading(0, { 0: 500, 1: -300 })])
    expect(toCommonMs(0, 1_500)).toBe(1_000)
    expect(toCommonMs(1, 700)).toBe(1_000)
    expect(report.source).toBe('status-exchange')
  })

  test('follow a clock that drifts between two readings', () => {
    const { toCommonMs, report } = runClocks(
      [0],
      [reading(0, { 0: 100 }), reading(10_000, { 0: 101 })],
    )
    expect(toCommonMs(0, 5_100.5)).toBeCloseTo(5_000, 6)
    expect(report.clocks).toMatchObject([{ startOffsetMs: 100, endOffsetMs: 101 }])
  })

  test('of one machine are one clock, without error and as they are', () => {
    const samples: ClockOffset[] = [{ from: 0, to: 1, offsetMs: 0.4, errorMs: 0.7 }]
    const clockIds = new Map([OBSERVER, 0, 1].map((node) => [node, 'host'] as const))
    const { report, toCommonMs } = runClocks([0, 1], [{ atMs: 5, clockIds, samples }])
    expect(toCommonMs(1, 123.456)).toBe(123.456)
    expect(report).toEqual({
      source: 'host-monotonic',
      errorMs: 0,
      residualMs: 0,
      clocks: [{ nodes: [0, 1], startOffsetMs: 0, endOffsetMs: 0, errorMs: 0 }],
      pairErrorMs: [[0]],
      check: { maxOffsetMs: 0.4, errorMs: 0.7 },
    })
  })

  test('that are one host elsewhere have no error among them, however far it is', () => {
    const clockIds = new Map([
      [OBSERVER, 'here'],
      [0, 'there'],
      [1, 'there'],
    ])
    const samples = [{ from: OBSERVER, to: 0, offsetMs: 9_000, errorMs: 80 }]
    const { report, toCommonMs } = runClocks([0, 1], [{ atMs: 0, clockIds, samples }])
    expect(report).toMatchObject({ source: 'host-monotonic', errorMs: 0 })
    expect(toCommonMs(1, 9_001) - toCommonMs(0, 9_000)).toBe(1)
  })

  test('widen for a clock that only one reading knows', () => {
    const { report } = runClocks(
      [0, 1],
      [reading(0, { 0: 5, 1: 5 }, 1), reading(60_000, { 0: 5 }, 1)],
    )
    expect(pairErrors(report)(0, 1)).toBeCloseTo(2 + 60_000 * 100e-6, 3)
  })

  test('do not know a node that said nothing, or whose clock was another one later', () => {
    const [first, second] = [reading(0, { 0: 1, 1: 1 }), reading(9, { 0: 1, 1: 1 })]
    const rebooted = { ...second, clockIds: new Map([...second.clockIds, [1, 'a new clock']]) }
    const { isKnown } = runClocks([0, 1, 2], [first, rebooted])
    expect([0, 1, 2].map(isKnown)).toEqual([true, false, false])
  })
})

describe('an offset from many exchanges', () => {
  test('holds the truth, whatever the delays and the drift within its bound', () => {
    const runs = fc.record({
      seed: fc.nat(),
      count: fc.integer({ min: 1, max: 16 }),
      ppm: fc.double({ min: -100, max: 100, noNaN: true }),
    })
    fc.assert(
      fc.property(runs, ({ seed, count, ppm }) => {
        const random = seededRandom(seed)
        const trueMs = (atMs: number): number => 300 + (ppm / 1e6) * atMs
        const exchanges = Array.from({ length: count }, (_, at) => {
          const [there, back] = [50 * random.next() ** 3, 50 * random.next() ** 3]
          const atMs = 3_000 * at
          const offsetMs = trueMs(atMs) + (there - back) / 2
          return { atMs, offsetMs, roundTripMs: there + back }
        })
        const nowMs = 3_000 * count
        const { offsetMs = NaN, errorMs = NaN } = offsetAt(exchanges, nowMs) ?? {}
        expect(Math.abs(offsetMs - trueMs(nowMs))).toBeLessThanOrEqual(errorMs + 1e-6)
        const best = Math.min(...exchanges.map(({ roundTripMs }) => roundTripMs / 2))
        expect(errorMs).toBeLessThanOrEqual(best + 100e-6 * nowMs + 0.01)
      }),
    )
  })

  test('of none is none', () => {
    expect(offsetAt([], 0)).toBeUndefined()
  })
})

describe('the error of a summary', () => {
  test('covers every percentile of what may have been true', () => {
    const latency = fc.record({
      ms: fc.double({ min: 0, max: 100, noNaN: true }),
      errorMs: fc.double({ min: 0, max: 10, noNaN: true }),
      at: fc.double({ min: -1, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1, maxLength: 60 }), (latencies) => {
        const measured = summarise(
          latencies.map(({ ms }) => ms),
          { errorsMs: latencies.map(({ errorMs }) => errorMs) },
        )
        const truth = summarise(latencies.map(({ ms, errorMs, at }) => ms + at * errorMs))
        for (const name of ['p50', 'p90', 'p99', 'max'] as const)
          expect(Math.abs((measured[name] ?? NaN) - (truth[name] ?? NaN))).toBeLessThanOrEqual(
            measured.errorMs + 0.002,
          )
        const largest = Math.max(...latencies.map(({ errorMs }) => errorMs))
        expect(measured.errorMs).toBeLessThanOrEqual(largest + 0.002)
      }),
    )
  })
})
