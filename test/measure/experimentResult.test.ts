import { describe, expect, test } from 'vitest'
import { agreementOf, agreementTable } from '../../src/measure/experiment/agreement.ts'
import type { NamedReport } from '../../src/measure/compare/compareFacts.ts'
import { experimentResult, caseOptions } from '../../src/measure/experiment/experimentResult.ts'
import { experimentJson, experimentText } from '../../src/measure/experiment/experimentText.ts'
import { readReport, writeReport } from '../../src/measure/reportFile.ts'
import { runsOfShard } from '../../src/scenario/experimentRuns.ts'
import { experimentReport, simulatedReport } from '../builders/experiment.ts'
import { reportOfPlan } from '../builders/report.ts'

const ALL = [0, 1, 2].flatMap((round) =>
  [0, 1].map((caseIndex) => simulatedReport({ caseIndex, round })),
)

/** As it is after it was written on another machine. */
function carried({ file, report }: NamedReport): NamedReport {
  return { file, report: readReport(writeReport(report)) }
}

describe('the parts of an experiment', () => {
  test.each([1, 2, 4, 6])('that %i machines made give the same as one run of all', (count) => {
    const parts = Array.from({ length: count }, (_, at) =>
      runsOfShard(ALL, { index: at + 1, count }),
    )
    const joined = experimentResult(parts.toReversed().flat().map(carried))
    const whole = experimentResult(ALL)
    expect(joined).toEqual(whole)
    expect(experimentText(joined)).toBe(experimentText(whole))
    expect(experimentJson(joined)).toEqual(experimentJson(whole))
  })

  test('that are not there are named', () => {
    const some = ALL.filter((_, at) => at !== 3)
    expect(experimentResult(some).missing).toEqual(['run 2 of case 2'])
    expect(experimentResult(ALL).missing).toEqual([])
  })

  test('of which a run is there twice, or is one of another experiment, are refused by name', () => {
    const second = simulatedReport({ caseIndex: 0, round: 1 })
    const other = simulatedReport({ caseIndex: 1, round: 0, title: 'Another' })
    expect(() => experimentResult([...ALL, { ...second, file: 'b/report.json' }])).toThrow(
      'b/report.json and case-0-seed-2/report.json are the same run',
    )
    expect(() => experimentResult([...ALL.slice(0, 1), other])).toThrow('another experiment')
    const lonely = { file: 'c.json', report: reportOfPlan() }
    expect(() => experimentResult([lonely])).toThrow('c.json is not a run of an experiment')
  })
})

describe('two cases that are to agree', () => {
  const sides = [0, 1, 2].flatMap((round) => [
    experimentReport({ caseIndex: 0, round, agreeWithin: 0.05 }),
    simulatedReport({ caseIndex: 1, round, agreeWithin: 0.05 }),
  ])

  test('stand side by side with means, intervals and the difference', () => {
    const { runs, facts } = experimentResult(sides)
    const rows = agreementOf(runs, caseOptions(facts), 0.05)
    const p50 = rows.find(({ name }) => name === 'transactions: p50, ms')
    expect(p50?.first.runs).toBe(3)
    expect(p50?.difference).toBeCloseTo((p50?.second.mean ?? 0) / (p50?.first.mean ?? 1) - 1, 10)
    expect(p50?.agrees).toBe(false)
    expect(rows.find(({ name }) => name === 'transactions: coverage')?.agrees).toBe(true)
    expect(rows.filter(({ name }) => name.startsWith('blocks'))).toEqual([])
    const table = agreementTable(runs, caseOptions(facts), 0.05)
    expect(table).toMatch(/\| p50, ms \| [\d.]+ \([\d.]+ to [\d.]+\) \| .*\+\d.* \| no \|/)
    expect(experimentText(experimentResult(sides))).toContain(table)
  })

  test('say in one text which were real and which simulated', () => {
    const text = experimentText(experimentResult(sides))
    expect(text).toContain('processes a core at most')
    expect(text).toContain('Simulated (engine node)')
  })

  test('give the duration of the scenario as that of the load, without the wait for blocks', () => {
    expect(textWith({ durationS: 3 })).toContain(', 3 s of load after the warm-up')
  })

  test('say in how many processes the real nodes were: as many as the scenario names', () => {
    expect(textWith({ processes: 7 })).toContain('in 7 processes, seeds')
  })

  /** Of runs whose scenario says this. */
  function textWith(definition: Readonly<Record<string, number>>): string {
    const facts = { name: 'own', seed: 1, description: 'Says one thing.', definition }
    const scenario = { ...facts, regions: [], places: {}, links: [] }
    const named = sides.map(({ file, report }) => ({ file, report: { ...report, scenario } }))
    return experimentText(experimentResult(named))
  }
})
