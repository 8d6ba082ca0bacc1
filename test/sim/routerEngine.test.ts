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

test('a fault of several nodes happens to those that are in the state for it', async () => {
  const faults = [
    'faults:',
    '  - { kind: kill, nodes: [3], atS: 1 }',
    '  - { kind: kill, nodes: [3, 4], atS: 2 }',
  ]
  const { faults: records, spreads } = await simulated(networkOf(20, faults.join('\n')))
  expect(records.filter(({ kind }) => kind === 'fault-failed')).toMatchObject([
    { detail: 'kill peers 3,4: node 3 does not run' },
  ])
  const reached = spreads.transactions
    .filter(({ atMs }) => atMs > 2_100)
    .flatMap(({ first }) => first.map(([node]) => node))
  expect(reached).toContain(5)
  expect(reached).not.toContain(4)
})

test('a network of which all nodes are paused ends when its answers are overdue', async () => {
  const pause = 'faults: [{ kind: pause, nodes: { share: 1 }, atS: 1 }]'
  const { transactions } = await simulated(networkOf(20, pause))
  expect(transactions.refusals['no answer within 30 s']).toBeGreaterThan(0)
})

test('the trace of a network of routers is this one, on every version of Node', async () => {
  const report = await simulated(networkOf(40))
  expect(hashOf(report)).toBe('9cf1b595902600b7')
})
