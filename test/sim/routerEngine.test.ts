import { describe, expect, test } from 'vitest'
import type { Report } from '../../src/measure/report.ts'
import { networkOf, simulated } from '../builders/simulation.ts'

const hashOf = (report: Report): string => report.simulation?.traceHash ?? ''

describe('a simulation of routers', () => {
  test('brings every message to every node, never quicker than the shortest path', async () => {
    const report = await simulated(networkOf(60))
    const { coverage, items, bound, latencyMs, duplicatesPerDelivery } = report.transactions
    expect({ coverage, items }).toEqual({ coverage: 1, items: 10 })
    expect(latencyMs.p50).toBeGreaterThanOrEqual(bound?.latencyMs.p50 ?? Infinity)
    expect(bound?.ratioP99).toBeLessThan(1.5)
    expect(duplicatesPerDelivery).toBeGreaterThan(1)
  })

  test('is the same run for the same seed, and another for another seed', async () => {
    const [one, again, other] = [
      await simulated(networkOf(60)),
      await simulated(networkOf(60)),
      await simulated(networkOf(60, 'seed: 2')),
    ]
    expect(hashOf(again)).toBe(hashOf(one))
    expect(hashOf(other)).not.toBe(hashOf(one))
    expect(again.simulation?.events).toBe(one.simulation?.events)
  })
})

test('the trace of a network of routers is this one, on every version of Node', async () => {
  const report = await simulated(networkOf(40))
  expect(hashOf(report)).toBe('9cf1b595902600b7')
})
