import {
  type Arbitrary,
  array,
  assert,
  constant,
  integer,
  oneof,
  property,
  record,
} from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/lib/random.ts'
import { DelayLine } from '../../src/p2p/links/delayLine.ts'
import { retransmitMs, travelMs } from '../../src/p2p/links/linkTravel.ts'
import { Serializer } from '../../src/p2p/links/serializer.ts'

type Step =
  | { kind: 'push'; bytes: number; sentAfterMs: number; travelMs: number }
  | { kind: 'take'; afterMs: number }

const steps: Arbitrary<Step[]> = array(
  oneof(
    record({
      kind: constant('push' as const),
      bytes: integer({ min: 1, max: 5 }),
      sentAfterMs: integer({ min: 0, max: 5 }),
      travelMs: integer({ min: 0, max: 20 }),
    }),
    record({ kind: constant('take' as const), afterMs: integer({ min: 0, max: 10 }) }),
  ),
  { maxLength: 60 },
)

/**
 * What a line gave out at each step and how it stood then, and what a plain list of bytes says it
 * should be.
 */
function run(all: readonly Step[]) {
  const line = new DelayLine()
  let waiting: { readonly byte: number; readonly dueMs: number }[] = []
  let [nowMs, freeMs, dueMs, pushed] = [0, 0, 0, 0]
  const given: unknown[] = []
  const wanted: unknown[] = []
  for (const step of all) {
    if (step.kind === 'push') {
      freeMs = Math.max(freeMs, nowMs) + step.sentAfterMs
      dueMs = Math.max(dueMs, freeMs + step.travelMs)
      const bytes = Uint8Array.from({ length: step.bytes }, () => pushed++ % 256)
      for (const byte of bytes) waiting.push({ byte, dueMs })
      line.push(new Uint8ArrayList(bytes), freeMs, freeMs + step.travelMs)
    } else {
      nowMs += step.afterMs
      given.push([...(line.take(nowMs)?.subarray() ?? [])])
      wanted.push(waiting.filter((one) => one.dueMs <= nowMs).map(({ byte }) => byte))
      waiting = waiting.filter((one) => one.dueMs > nowMs)
    }
    line.assertInvariants()
    given.push([line.bytes, line.nextDueMs])
    wanted.push([waiting.length, waiting[0]?.dueMs ?? Infinity])
  }
  return { given, wanted }
}

describe('a delay line', () => {
  test('gives everything out once, in order, when it and all before it are due', () => {
    assert(
      property(steps, (all) => {
        const { given, wanted } = run(all)
        expect(given).toEqual(wanted)
      }),
    )
  })

  test('says when its backlog is small enough', () => {
    const line = new DelayLine()
    for (const sentMs of [10, 20, 30, 40])
      line.push(new Uint8ArrayList(new Uint8Array(5)), sentMs, 100)
    expect(line.backlogBytes(0)).toBe(20)
    expect(line.backlogBelowMs(10)).toBe(20)
    expect(line.backlogBytes(20)).toBe(10)
    expect(line.backlogBelowMs(10)).toBe(0)
    expect(line.take(99)).toBeUndefined()
    expect(line.backlogBytes(40)).toBe(0)
    expect(line.take(100)?.byteLength).toBe(20)
  })
})

describe('a serializer', () => {
  test('lets one piece pass after the other, each in its time', () => {
    const serializer = new Serializer()
    serializer.setRate(1_000_000)
    expect([serializer.pass(1000, 0), serializer.pass(500, 0), serializer.pass(1000, 10)]).toEqual([
      1, 1.5, 11,
    ])
  })

  test('without a rate holds nothing back', () => {
    const serializer = new Serializer()
    expect(serializer.pass(1e9, 7)).toBe(7)
    serializer.setRate(1000)
    serializer.setRate(undefined)
    expect(serializer.pass(1e9, 8)).toBe(8)
  })
})

describe('the travel of a piece', () => {
  const random = seededRandom(5)
  const mean = (count: number, sample: () => number): number =>
    Array.from({ length: count }, sample).reduce((sum, one) => sum + one, 0) / count

  test('costs a round trip for each loss: p / (1 - p) of them on average', () => {
    const shape = { latencyMs: 40, jitterMs: 0, lossRate: 0.25 }
    const expected = 40 + (0.25 / 0.75) * retransmitMs(40)
    expect(mean(20_000, () => travelMs(shape, 1, random)) / expected).toBeCloseTo(1, 1)
  })

  test('is that of its unluckiest packet', () => {
    const shape = { latencyMs: 40, jitterMs: 0, lossRate: 0.1 }
    const whole = Array.from({ length: 20_000 }, () => travelMs(shape, 10, random))
    expect(whole.filter((ms) => ms === 40).length / whole.length).toBeCloseTo(0.9 ** 10, 1)
  })

  test('is never negative, however large the jitter', () => {
    const shape = { latencyMs: 1, jitterMs: 100, lossRate: 0 }
    expect(Math.min(...Array.from({ length: 1000 }, () => travelMs(shape, 1, random)))).toBe(0)
  })
})
