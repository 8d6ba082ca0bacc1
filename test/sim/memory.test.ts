import { describe, expect, test } from 'vitest'
import { parseScenario } from '../../src/scenario/parseScenario.ts'
import type { Scenario } from '../../src/scenario/scenarioSchema.ts'
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

  test('grows with the links of the network', () => {
    const complete = scenarioOf(300, 'kind: random-regular, degree: 10', 'kind: complete')
    expect(estimateBytes(complete, 'router')).toBeGreaterThan(
      1.2 * estimateBytes(scenarioOf(300), 'router'),
    )
  })

  test('is never more than the machine has left', () => {
    expect(heapFor(scenarioOf(100), 'router', GIB)).toBeLessThanOrEqual(GIB)
  })

  test('is at least what a small one really takes', async () => {
    const before = process.memoryUsage().rss
    const { simulation } = await simulated(networkOf(150))
    const taken = (simulation?.peakRssBytes ?? Infinity) - before
    expect(taken).toBeLessThan(estimateBytes(scenarioOf(150), 'router'))
  })
})
