import { describe, expect, test } from 'vitest'
import { systemClock, type Clock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { giveMemoryBackAtRest, nodeHeap } from '../../src/node/memoryAtRest.ts'

const MIB = 1024 * 1024
const TICK_MS = 5_000
const [AT_REST, BUSY] = [0.02, 0.5]

/** A process whose load and heap the test sets. */
function processWith(heap: { youngMiB: number; oldMiB: number }) {
  const state = { nowMs: 0, cpuMs: 2_000, collections: 0 }
  let tick = (): void => {}
  const clock: Clock = {
    ...systemClock,
    monotonicMs: () => state.nowMs,
    every: (intervalMs, task) => {
      expect(intervalMs).toBe(TICK_MS)
      tick = task
      return () => {}
    },
  }
  giveMemoryBackAtRest({
    log: silentLogger,
    clock,
    cpuMs: () => state.cpuMs,
    heap: {
      youngBytes: () => heap.youngMiB * MIB,
      oldBytes: () => heap.oldMiB * MIB,
      collect: () => {
        state.collections++
        return Promise.resolve()
      },
    },
  })
  return {
    heap,
    /** How often garbage had been collected after ticks with these shares of processor time. */
    after: (...shares: readonly number[]): number => {
      for (const share of shares) {
        state.nowMs += TICK_MS
        state.cpuMs += share * TICK_MS
        tick()
      }
      return state.collections
    },
  }
}

describe('a process that comes to rest', () => {
  test('collects its garbage once after the start, and once after each load', () => {
    const it = processWith({ youngMiB: 16, oldMiB: 20 })
    expect(it.after(BUSY, BUSY)).toBe(0)
    expect(it.after(AT_REST)).toBe(1)
    expect(it.after(AT_REST, AT_REST)).toBe(1)
    expect(it.after(BUSY)).toBe(1)
    expect(it.after(AT_REST, AT_REST)).toBe(2)
  })

  test('does so only where there is much to be had, and no large heap to look through', () => {
    const it = processWith({ youngMiB: 1, oldMiB: 20 })
    expect(it.after(AT_REST, AT_REST)).toBe(0)
    it.heap.youngMiB = 16
    expect(it.after(AT_REST)).toBe(1)
    it.heap.oldMiB = 500
    expect(it.after(BUSY, AT_REST)).toBe(1)
  })

  test('gives most of the room of its young objects back', async () => {
    growYoungSpace()
    const before = youngBytes()
    expect(before).toBeGreaterThanOrEqual(8 * MIB)
    await nodeHeap().collect()
    expect(youngBytes()).toBeLessThan(before / 2)
  })
})

function youngBytes(): number {
  return nodeHeap().youngBytes()
}

/** Objects that outlive a few collections of the young make V8 take more room for them. */
function growYoungSpace(): void {
  let kept: object[] = []
  for (let made = 0; youngBytes() < 8 * MIB && made < 10_000_000; made++) {
    if (kept.length > 20_000) kept = []
    kept.push({ made, text: [made] })
  }
}
