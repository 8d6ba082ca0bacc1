import { describe, expect, test } from 'vitest'
import { parseScenario } from '../../src/scenario/parseScenario.ts'
import type { Scenario } from '../../src/scenario/scenarioSchema.ts'
import { HeapWatch } from '../../src/sim/heapWatch.ts'
import { estimateBytes, heapFor } from '../../src/sim/memory.ts'
import { networkOf, simulated } from '../builders/simulation.ts'

const GIB = 1024 ** 3

function scenarioOf(nodes: number, replaced = '', by = ''): Scenario {
  const { scenario, problems } = parseScenario(networkOf(nodes).replace(replaced, by))
  if (scenario === undefined) throw new Error(problems.join('\n'))
  return scenario
}

describe('memory of a simulation', () => {
  test('that does not fit is refused in one line with the estimate', () => {
    expect(() => heapFor(scenarioOf(200_000), 'node', 8 * GIB)).toThrow(
      /^200000 nodes with engine node take about \d+\.\d GiB of memory and 7\.2 GiB are free: simulate fewer nodes, or with --engine router, or for a shorter time$/,
    )
  })

  test('that does not fit in several threads is refused with what can be changed', () => {
    expect(() => heapFor(scenarioOf(200_000), 'router', 2 * GIB, 4)).toThrow(
      / in 4 threads take about \d+\.\d GiB .*: simulate fewer nodes, or in fewer threads, or for a shorter time$/,
    )
  })

  test('grows with the links of the network', () => {
    const complete = scenarioOf(300, 'kind: random-regular, degree: 10', 'kind: complete')
    expect(estimateBytes(complete, 'router')).toBeGreaterThan(
      1.2 * estimateBytes(scenarioOf(300), 'router'),
    )
  })

  test('may be all that the machine has left, and never more', () => {
    expect(heapFor(scenarioOf(100), 'router', GIB)).toBeLessThanOrEqual(GIB)
    expect(heapFor(scenarioOf(100), 'router', 16 * GIB)).toBeGreaterThan(13 * GIB)
  })

  test('has room for a minute of 25,000 routers and for its report', () => {
    const minute = parseScenario(
      [
        'name: minute',
        'shows: One message a second in a large network.',
        'nodes: 25000',
        'topology: { kind: random-regular, degree: 10 }',
        'workload: { transactionsPerS: 1 }',
        'durationS: 50',
      ].join('\n'),
    ).scenario
    if (minute === undefined) throw new Error('the scenario is not understood')
    // 620 MiB were in use, and 1.25 million first copies and 200,000 later ones are listed.
    const messages = 50
    const watch = new HeapWatch({
      figures: () => ({
        usedBytes: 0.7 * GIB,
        limitBytes: heapFor(minute, 'router', 2 * GIB),
      }),
    })
    expect(watch.shortage(messages * 25_000 + 200_000)).toBeUndefined()
  })

  test('is at least what a small one really takes', async () => {
    const before = process.memoryUsage().rss
    const { simulation } = await simulated(networkOf(150))
    const taken = (simulation?.peakRssBytes ?? Infinity) - before
    expect(taken).toBeLessThan(estimateBytes(scenarioOf(150), 'router'))
  })
})
