import { describe, expect, test } from 'vitest'
import { simulated } from '../builders/simulation.ts'

const SCENARIO = [
  'name: test',
  'shows: What the simulator does.',
  'nodes: 12',
  'regions: { table: interop-8 }',
  'workload: { transactionsPerS: 4, blocks: { periodS: 2 } }',
  'durationS: 8',
].join('\n')

describe('a simulation of whole nodes', () => {
  test('brings transactions and blocks to every node and ends with one head', async () => {
    const { transactions, blocks, simulation } = await simulated(SCENARIO, { engine: 'node' })
    expect(transactions).toMatchObject({ submitted: 32, accepted: 32, included: 32, coverage: 1 })
    expect(blocks.coverage).toBe(1)
    expect(blocks.head).toBeGreaterThanOrEqual(4)
    expect(simulation).toMatchObject({ engine: 'node', isCut: false })
  })

  test('is the same run for the same seed, first or later in its process, with shortcuts and without', async () => {
    const runs = [
      await simulated(SCENARIO, { engine: 'node' }),
      await simulated(SCENARIO, { engine: 'node' }),
      await simulated(SCENARIO, { engine: 'node', shortcuts: new Set() }),
    ]
    const hashes = runs.map(({ simulation }) => simulation?.traceHash)
    expect(new Set(hashes).size).toBe(1)
    expect(new Set(runs.map(({ traffic }) => traffic.total.bytesSent)).size).toBe(1)
  })

  test('loses what is sent in a partition until it heals, and has one head again', async () => {
    const faults = [
      'faults:',
      '  - { kind: partition, atS: 2, forS: 3, groups: [{ share: 0.5 }, rest] }',
      '  - { kind: kill, atS: 3, forS: 3, nodes: [7] }',
    ].join('\n')
    const report = await simulated(
      `${SCENARIO.replace('durationS: 8', 'durationS: 20')}\n${faults}`,
      {
        engine: 'node',
      },
    )
    expect(report.faults.map(({ kind }) => kind)).toEqual(['partition', 'kill', 'heal', 'restart'])
    expect(report.transactions.coverage).toBeLessThan(1)
    expect(report.transactions.included).toBe(report.transactions.accepted)
    expect(report.blocks.head).toBeGreaterThanOrEqual(8)
  })

  test('charges what judging costs: the validation of the scenario takes the place of what was measured', async () => {
    const slow = await simulated(`${SCENARIO}\neveryNode: { validationMs: 25 }`, { engine: 'node' })
    expect(slow.transactions.validationMs.p50).toBe(25)
    const quick = await simulated(SCENARIO, { engine: 'node' })
    expect(quick.transactions.validationMs.p50).toBeLessThan(1)
    expect(quick.transactions.validationMs.p50).toBeGreaterThan(0)
  })
})

test('the trace of a network of whole nodes is this one, on every version of Node', async () => {
  const { simulation } = await simulated(SCENARIO, { engine: 'node' })
  expect(simulation?.traceHash).toBe('c4f4a79c068f05c6')
})
