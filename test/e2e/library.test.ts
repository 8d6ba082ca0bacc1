/** What the library promises of networks of real peers: cuts, and whole scenarios. */
import { expect, test } from 'vitest'
import { builtLibrary } from '../builders/library.ts'

const { runScenario, startDevnet, UserError } = await builtLibrary()

const SCENARIO = {
  name: 'three',
  shows: 'Three nodes, one of which is killed and comes back.',
  nodes: 3,
  topology: { kind: 'complete' },
  links: { latencyMs: 10 },
  workload: { transactionsPerS: 5 },
  warmupS: 0,
  durationS: 4,
}

test('a cut devnet spreads transactions on each side alone, and to all once it is healed', async () => {
  const devnet = await startDevnet({ nodes: 4 })
  try {
    await devnet.cut([0, 1], [2, 3])
    const low = await devnet.transfer({ from: 0 }, 0)
    const high = await devnet.transfer({ from: 1 }, 3)
    const wait = devnet.waitForAll(low, { timeoutMs: 2_000 })
    await expect(wait).rejects.toThrow(/missing at peer 2 \(has not seen it\), peer 3/)
    await expect(wait).rejects.toBeInstanceOf(UserError)
    const { arrivals, missing } = await devnet.timeline(low)
    expect(arrivals.map(({ peer }) => peer)).toEqual([0, 1])
    expect(missing).toEqual([2, 3])
    expect(await devnet.timeline(high)).toMatchObject({ missing: [0, 1] })
    await devnet.heal()
    for (const hash of [low, high, await devnet.transfer({ from: 2 }, 1)])
      expect(await devnet.waitForAll(hash, { timeoutMs: 120_000 })).toMatchObject({ missing: [] })
    const { faults } = await devnet.report()
    expect(faults.map(({ kind }) => kind)).toEqual(['partition', 'heal'])
  } finally {
    await devnet.stop()
  }
})

test('peers on one side of a cut still reach each other, and a third group reaches both', async () => {
  await using devnet = await startDevnet({ nodes: 3 })
  await devnet.cut([0], [1])
  const hash = await devnet.transfer({}, 0)
  const { arrivals } = await devnet.waitForAll(hash)
  expect(arrivals.map(({ peer, from }) => [peer, from])).toEqual([
    [0, undefined],
    [2, 0],
    [1, 2],
  ])
})

test('a cut of a peer that there is not is refused', async () => {
  await using devnet = await startDevnet({ nodes: 1 })
  await expect(devnet.cut([0], [1])).rejects.toThrow(/no peer 1|peer 1/)
})

test('a scenario on peers answers a report of its load, its faults and its definition', async () => {
  const phases = new Set<string>()
  const faults = [{ kind: 'kill', nodes: [2], atS: 1, forS: 1 }]
  const report = await runScenario(
    { ...SCENARIO, faults },
    { onProgress: ({ phase }) => phases.add(phase) },
  )
  expect(report.nodes).toBe(3)
  expect(report.scenario).toMatchObject({ name: 'three', definition: { durationS: 4 } })
  expect(report.transactions.submitted).toBeGreaterThan(5)
  expect(report.transactions.included).toBeGreaterThan(0)
  expect(report.faults.map(({ kind }) => kind)).toEqual(['kill', 'restart'])
  expect([...phases]).toEqual(expect.arrayContaining(['signing', 'submitting', 'settling']))
})

test('changes of a scenario are those of the run', async () => {
  const changes = { nodes: 2, seed: 7, durationS: 1, transactionsPerS: 3, processes: 1 }
  const report = await runScenario(SCENARIO, changes)
  expect(report.nodes).toBe(2)
  expect(report.transactions).toMatchObject({ submitted: 3, included: 3, coverage: 1 })
  expect(report.scenario).toMatchObject({
    seed: 7,
    definition: { nodes: 2, durationS: 1, workload: { transactionsPerS: 3 } },
  })
})

test('a scenario that is aborted while its load is sent answers a report of what has been', async () => {
  const ended = new AbortController()
  const report = await runScenario(
    { ...SCENARIO, durationS: 600 },
    {
      signal: ended.signal,
      onProgress: ({ submitted }) => {
        if (submitted >= 3) ended.abort()
      },
    },
  )
  expect(report.transactions.submitted).toBeGreaterThanOrEqual(3)
  expect(report.transactions.submitted).toBeLessThan(600)
  expect(report.faults).toHaveLength(1)
})

test('a scenario that is aborted before it starts starts nothing', async () => {
  const run = runScenario(SCENARIO, { signal: AbortSignal.abort() })
  await expect(run).rejects.toThrow(/abort/)
})
