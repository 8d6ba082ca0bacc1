import { describe, expect, test } from 'vitest'
import { RunCut } from '../../src/instrument/runMeasurement.ts'
import { HeapWatch, ownHeap } from '../../src/sim/heapWatch.ts'
import { networkOf, simulated } from '../builders/simulation.ts'

const MIB = 1024 ** 2

/** A heap of 1000 MiB of which a part can be collected. */
function heapOf(liveMib: number, garbageMib: number) {
  const heap = { live: liveMib, garbage: garbageMib, collected: 0 }
  const access = {
    figures: () => ({ usedBytes: (heap.live + heap.garbage) * MIB, limitBytes: 1000 * MIB }),
    collect: () => {
      heap.collected += 1
      heap.garbage = 0
    },
  }
  return { heap, watch: new HeapWatch(access) }
}

describe('the watch over the heap', () => {
  test('says nothing while there is room, and collects nothing', () => {
    const { heap, watch } = heapOf(500, 300)
    expect(watch.shortage(0)).toBeUndefined()
    expect(heap.collected).toBe(0)
  })

  test('does not take garbage for what is in use', () => {
    const { heap, watch } = heapOf(700, 250)
    expect(watch.shortage(0)).toBeUndefined()
    expect(heap.collected).toBe(1)
  })

  test('ends the run when what is in use nearly fills the heap, and says how large the heap is', () => {
    expect(heapOf(950, 0).watch.shortage(0)).toBe('its heap of 1000 MiB was nearly full')
  })

  test('collects again only when the heap has grown', () => {
    const { heap, watch } = heapOf(890, 20)
    for (let look = 0; look < 10; look++) watch.shortage(0)
    expect(heap.collected).toBe(1)
    heap.garbage = 30
    watch.shortage(0)
    expect(heap.collected).toBe(2)
  })

  test('leaves room for the report of what was seen', () => {
    const { watch } = heapOf(500, 0)
    expect(watch.shortage(1_900_000)).toBeUndefined()
    expect(watch.shortage(2_000_000)).toBe('its report would fill its heap of 1000 MiB')
  })
})

test('a run that ends because its heap is nearly full reports what it has, and why', async () => {
  const { watch } = heapOf(950, 0)
  const report = await simulated(networkOf(20, 'warmupS: 1'), {
    cutBecause: ({ time }) => {
      const shortage = time.nowMs < 9_500 ? undefined : watch.shortage(0)
      return shortage === undefined ? undefined : new RunCut(`because ${shortage}`)
    },
  })
  expect(report.simulation?.isCut).toBe(true)
  expect(report.transactions.items).toBeGreaterThan(0)
  expect(report.faults.map(({ detail }) => detail)).toEqual([
    expect.stringMatching(
      /^the run was ended because its heap of 1000 MiB was nearly full after \d\.\d s of 5\.0 s: the report covers what happened until then$/,
    ),
  ])
})

test('the heap of this process is what its lasting objects take of the room for them', () => {
  const { usedBytes, limitBytes } = ownHeap().figures()
  expect(usedBytes).toBeGreaterThan(MIB)
  expect(usedBytes).toBeLessThan(process.memoryUsage().heapUsed + 64 * MIB)
  expect(limitBytes).toBeGreaterThan(usedBytes)
})
