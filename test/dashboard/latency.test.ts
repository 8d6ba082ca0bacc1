import { describe, expect, test } from 'vitest'
import type { Sample } from '../../src/dashboard/model/items.ts'
import { Latencies } from '../../src/dashboard/model/latency.ts'

const BOUNDS = { windowMs: 60_000, maxSamples: 1_000 }

function sample(enteredMs: number, allMs: number | null, kind: Sample['kind'] = 'tx'): Sample {
  return { kind, enteredMs, halfMs: allMs === null ? null : allMs / 2, allMs }
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

  test('tell how many items did not reach all, and leave those out of the percentiles', () => {
    const latencies = new Latencies(BOUNDS)
    latencies.add([sample(0, null), sample(0, 10)])
    expect(latencies.window(1).tx).toMatchObject({ items: 2, incomplete: 1, all: { p99: 10 } })
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
