import { describe, expect, test } from 'vitest'
import { figureNames, readExpectation, unmetExpectations } from '../../src/measure/expectations.ts'
import type { Report } from '../../src/measure/report.ts'
import { reportOfPlan } from '../builders/report.ts'

const whole = reportOfPlan({ nodes: 5, transactions: 10, blocks: 1 })
const report: Report = {
  ...whole,
  transactions: {
    ...whole.transactions,
    coverage: 0.5,
    latencyMs: { ...whole.transactions.latencyMs, p99: 200, max: null },
  },
}

const linesFor = (...texts: readonly string[]): readonly string[] =>
  unmetExpectations(report, texts.map(readExpectation))

describe('expectations of a run', () => {
  test.each([
    'coverage=0.5',
    'coverage = 5e-1',
    'tx.p99<200.1',
    'tx.p99<=200',
    'tx.p99>=200',
    'tx.p99>199',
    'tx.p99!=1',
    'transactions.latencyMs.p99=200',
    'nodes=5',
  ])('%s holds', (text) => {
    expect(linesFor(text)).toEqual([])
  })

  test('that do not hold are a line each, with the value', () => {
    expect(linesFor('coverage=1', 'nodes=5', 'tx.p99<200')).toEqual([
      'expected coverage=1, was 0.5',
      'expected tx.p99<200, was 200',
    ])
  })

  test('of a figure without a value do not hold, whatever they compare', () => {
    expect(linesFor('tx.max<1', 'tx.max>=1')).toEqual([
      'expected tx.max<1, but it has no value in this run',
      'expected tx.max>=1, but it has no value in this run',
    ])
  })

  test('of an unknown figure are refused with the nearest names, not with all', () => {
    expect(() => readExpectation('coverge<1')).toThrow(
      /^there is no figure coverge; the nearest are coverage(, [\w.]+){4}; docs\/report\.md describes/,
    )
    expect(() => readExpectation('latencyMs.p99<1')).toThrow(/nearest are .*latencyMs\.p99/)
  })

  test.each(['coverage', 'coverage==1', '<1', 'tx.p99<fast', ''])('"%s" is refused', (text) => {
    expect(() => readExpectation(text)).toThrow('expected a figure, a comparison and a number')
  })

  test('name every number of the report outside its lists', () => {
    expect(figureNames()).toContain('tx.bound.ratioP99')
    expect(figureNames()).toContain('traffic.total.bytesSent')
    expect(figureNames().filter((name) => /^(peers|spreads|faults)/.test(name))).toEqual([])
  })
})
