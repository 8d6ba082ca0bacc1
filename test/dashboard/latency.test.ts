import { describe, expect, test } from 'vitest'
import type { Sample } from '../../src/dashboard/model/items.ts'
import { Latencies } from '../../src/dashboard/model/latency.ts'

const BOUNDS = { windowMs: 60_000, maxSamples: 1_000 }

let samples = 0

function sample(enteredMs: number, allMs: number | null, kind: Sample['kind'] = 'tx'): Sample {
  const halfMs = allMs === null ? null : allMs / 2
  return { hash: `0x${++samples}`, kind, enteredMs, halfMs, allMs, isUnsure: false }
}

describe('latencies of the last minute', () => {
  test('are nearest-rank percentiles, of each kind by itself', () => {
    const latencies = new Latencies(BOUNDS)
    latencies.add(Array.from({ length: 100 }, (_, at) => sample(1_000, at + 1)))
    latencies.add([sample(1_000, 7, 'block')])
    const { tx, block } = latencies.window(2_000)
    expect(tx).toMatchObject({ items: 100, all: { p50: 50, p90: 90, p99: 99 }, half: { p50: 25 } })
    expect(block).toMatchObject({ items: 1, all: { p50: 7, p90: 7, p99: 7 } })
  })

  test('forget what entered more than a minute ago', () => {
    const latencies = new Latencies(BOUNDS)
    latencies.add([sample(1_000, 500), sample(30_000, 10)])
    expect(latencies.window(60_999).tx.items).toBe(2)
    expect(latencies.window(61_000).tx).toMatchObject({ items: 1, all: { p99: 10 } })
    expect(latencies.window(90_000).tx).toMatchObject({ items: 0, all: { p50: null } })
    expect(latencies.size).toBe(0)
  })

  test('count an item that did not reach all as later than any that did', () => {
    const latencies = new Latencies(BOUNDS)
    latencies.add([sample(0, null), sample(0, 10)])
    expect(latencies.window(1).tx).toMatchObject({
      items: 2,
      incomplete: 1,
      all: { p50: 10, p90: 'never', p99: 'never' },
    })
  })

  test('take a later sample of an item in place of the earlier one', () => {
    const latencies = new Latencies(BOUNDS)
    const early = sample(0, null)
    latencies.add([early])
    latencies.add([{ ...early, allMs: 12_000, halfMs: 9 }])
    expect(latencies.window(1).tx).toMatchObject({ items: 1, incomplete: 0, all: { p50: 12_000 } })
  })

  test('leave out, and count, items of which it is not known how far they came', () => {
    const latencies = new Latencies(BOUNDS)
    latencies.add([{ ...sample(0, null), isUnsure: true }, sample(0, 10)])
    expect(latencies.window(1).tx).toMatchObject({
      items: 1,
      incomplete: 0,
      unsure: 1,
      all: { p99: 10 },
    })
  })

  test('give the median of each second, the newest last', () => {
    const latencies = new Latencies(BOUNDS)
    latencies.add([sample(59_500, 1), sample(59_600, 3), sample(59_700, 9), sample(500, 4)])
    const { seconds } = latencies.window(60_000).tx
    expect(seconds).toHaveLength(60)
    expect(seconds.at(-1)).toBe(3)
    expect(seconds[0]).toBe(4)
    expect(seconds.filter((value) => value !== null)).toHaveLength(2)
  })

  test('keep no more samples than they may, the newest', () => {
    const latencies = new Latencies({ ...BOUNDS, maxSamples: 10 })
    for (let at = 0; at < 100; at++) latencies.add([sample(at, at)])
    expect(latencies.size).toBe(10)
    expect(latencies.window(100).tx.all.p99).toBe(99)
  })
})
