/**
 * The attacks of the gossipsub evaluation report (PL-TechRep-2020-001): each scenario says what
 * must happen.
 */
import { describe, expect, test } from 'vitest'
import type { Report } from '../../src/measure/report.ts'
import { readScenario } from '../builders/scenario.ts'
import { simulatedScenario } from '../builders/simulation.ts'

async function attack(name: string): Promise<Report> {
  const report = await simulatedScenario(readScenario(`attack-${name}`), {
    engine: 'router',
    isChecked: true,
  })
  expect(report.simulation?.problems).toEqual([])
  expect(report.faults.filter(({ kind }) => kind === 'fault-failed')).toEqual([])
  return report
}

describe('an attack on a network of routers', () => {
  test.each([
    ['eclipse-node', 600],
    ['eclipse-publishers', 600],
    ['censor', 600],
    ['degrade', 800],
    ['covert-flash', 800],
    ['at-dawn', 600],
  ] as const)('%s: every message reaches everybody', async (name, nodes) => {
    const report = await attack(name)
    expect(report.nodes).toBe(nodes)
    expect(report.transactions).toMatchObject({ coverage: 1 })
    expect(report.transactions.items).toBeGreaterThanOrEqual(40)
    // Three heartbeats of 700 ms: what no mesh carries comes by announcement, request and answer.
    expect(report.transactions.latencyMs.max).toBeLessThan(2_100)
  })

  test('cold-boot: every message reaches every honest node that has an honest neighbour', async () => {
    const { transactions, spreads } = await attack('cold-boot')
    // Of 800 nodes with 12 neighbours each, six tenths mute, one or two have none that forwards.
    expect(transactions.coverage).toBeGreaterThan(0.99)
    expect(transactions.latencyMs.p99).toBeLessThan(2_100)
    const routes = spreads.transactions.flatMap(({ first }) => first.map((copy) => copy[6]))
    expect(new Set(routes)).toEqual(new Set(['push', 'iwant']))
  })
})
