import { expect, test } from 'vitest'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { afterReading, Core } from '../../src/sim/links/core.ts'
import { simulated } from '../builders/simulation.ts'

test('a core does one thing at a time, in the order in which things come', () => {
  const core = new Core()
  expect(core.use(5, 10)).toBe(15)
  expect(core.use(3, 12)).toBe(18)
  expect(core.freeMs(12)).toBe(18)
  expect(core.use(1, 30)).toBe(31)
  expect(core.freeMs(40)).toBe(40)
})

test('what a node accepted is forwarded when its core has read all that came until then', () => {
  const clock = new ManualClock()
  const core = new Core()
  core.use(7, 0)
  let forwardedMs: number | undefined
  afterReading(
    core,
    clock,
  )?.(() => {
    forwardedMs = clock.monotonicMs()
  })
  clock.advance(20)
  expect(forwardedMs).toBe(7)
  expect(afterReading(undefined, clock)).toBeUndefined()
})

const SCENARIO = [
  'name: test',
  'shows: Nodes that share processes.',
  'nodes: 20',
  'topology: { kind: random-regular, degree: 10 }',
  'links: { latencyMs: 5 }',
  'workload: { transactionsPerS: 1, blocks: { periodS: 5 } }',
  'warmupS: 1',
  'durationS: 10',
].join('\n')

function withProcesses(count: number): string {
  return `${SCENARIO}\nprocesses: ${count}`
}

test('nodes that share a process wait for each other, the longer the more they are', async () => {
  const of = async (yaml: string) => (await simulated(yaml, { engine: 'node' })).transactions
  const alone = await of(SCENARIO)
  const [four, one] = [await of(withProcesses(4)), await of(withProcesses(1))]
  expect([alone.coverage, four.coverage, one.coverage]).toEqual([1, 1, 1])
  expect(four.latencyMs.p50).toBeGreaterThan(alone.latencyMs.p50 ?? Infinity)
  expect(one.latencyMs.p50).toBeGreaterThan(four.latencyMs.p50 ?? Infinity)
})

test('links that come one after another join more meshes than links that come together', async () => {
  const together = await simulated(SCENARIO, { engine: 'node' })
  const inTurn = await simulated(withProcesses(4), { engine: 'node' })
  expect(inTurn.transactions.meshDegree).toBeGreaterThan(
    (together.transactions.meshDegree ?? Infinity) + 0.5,
  )
})

test('a report says what a process was charged for, and the run repeats', async () => {
  const runs = [
    await simulated(withProcesses(2), { engine: 'node' }),
    await simulated(withProcesses(2), { engine: 'node' }),
  ]
  const [first, second] = runs.map(({ simulation }) => simulation)
  expect(first?.costsMs).toMatchObject({
    'frame read': expect.any(Number),
    block: expect.any(Number),
  })
  expect(Object.values(first?.costsMs ?? {}).every((ms) => ms > 0)).toBe(true)
  expect(second?.traceHash).toBe(first?.traceHash)
})
