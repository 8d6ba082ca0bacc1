import { describe, expect, test } from 'vitest'
import { intervalsOf, renderIntervals, runsText } from '../../src/measure/repeats.ts'
import type { Report } from '../../src/measure/report.ts'
import { reportOfPlan } from '../builders/report.ts'

function reportWithP50(p50: number): Report {
  const report = reportOfPlan({ transactions: 3, blocks: 0 })
  const { transactions } = report
  return {
    ...report,
    transactions: { ...transactions, latencyMs: { ...transactions.latencyMs, p50 } },
  }
}

const NAME = 'transactions: p50, ms'

describe('several runs of one experiment', () => {
  test('have the interval of Student for the mean of each figure', () => {
    const runs = [10, 12, 14, 16, 18].map(reportWithP50)
    const interval = intervalsOf(runs).find(({ name }) => name === NAME)
    // Mean 14, standard error sqrt(10 / 5), t of 4 degrees of freedom 2.776.
    expect(interval).toMatchObject({ runs: 5, mean: 14, least: 10, most: 18 })
    expect(interval?.low).toBeCloseTo(14 - 2.776 * Math.SQRT2, 9)
    expect(interval?.high).toBeCloseTo(14 + 2.776 * Math.SQRT2, 9)
  })

  test('have an interval that ends where the figure does', () => {
    const whole = reportWithP50(10)
    const half = { ...whole, transactions: { ...whole.transactions, coverage: 0.5 } }
    const coverage = intervalsOf([whole, half]).find(
      ({ name }) => name === 'transactions: coverage',
    )
    expect(coverage).toMatchObject({ mean: 0.75, low: 0, high: 1 })
  })

  test('have no interval where there is one run, and no row for what no run has', () => {
    const intervals = intervalsOf([reportWithP50(10)])
    expect(intervals.find(({ name }) => name === NAME)).toMatchObject({ low: null, high: null })
    expect(intervals.some(({ name }) => name === 'blocks: p50, ms')).toBe(false)
  })

  test('are counted, one as one', () => {
    const counts = [1, 2].map((count) => runsText(count))
    expect(counts).toEqual(['1 run', '2 runs'])
    expect(renderIntervals([reportWithP50(10)])).toMatch(/^1 run\n/)
  })

  test('are told in a table', () => {
    const text = renderIntervals([10, 14].map(reportWithP50))
    expect(text.split('\n').find((line) => line.startsWith(NAME))).toMatch(
      /12\.0+ .*0\.00 to 37\.\d+ .*10\.0+ to 14\.0+/,
    )
  })
})
