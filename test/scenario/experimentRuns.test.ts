import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ExperimentCase } from '../../src/scenario/experiment.ts'
import { experimentRuns, readShard, runsOfShard } from '../../src/scenario/experimentRuns.ts'
import { scenarioWith } from '../builders/scenario.ts'

function cases(count: number, seed: number): ExperimentCase[] {
  const scenario = scenarioWith({ seed })
  return Array.from({ length: count }, (_, at) => ({
    label: String(at),
    carrier: 'node' as const,
    scenario,
  }))
}

describe('the runs of an experiment', () => {
  test('are every case in every round, and each round has a seed of its own', () => {
    const runs = experimentRuns(3, (round) => cases(2, 10 + round))
    expect(runs.map(({ caseIndex, round }) => [round, caseIndex])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
      [2, 0],
      [2, 1],
    ])
    expect(new Set(runs.map(({ one }) => one.scenario.seed))).toEqual(new Set([10, 11, 12]))
  })

  test('are each in exactly one part, whatever the number of parts, and parts differ by one at most', () => {
    const counts = fc.tuple(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 40 }),
    )
    fc.assert(
      fc.property(counts, ([caseCount, rounds, count]) => {
        const runs = Array.from({ length: caseCount * rounds }, (_, at) => at)
        const parts = Array.from({ length: count }, (_, at) =>
          runsOfShard(runs, { index: at + 1, count }),
        )
        expect(parts.flat().toSorted((a, b) => a - b)).toEqual(runs)
        const sizes = parts.map(({ length }) => length)
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('a part of the runs', () => {
  test('is read as its number and how many there are', () => {
    expect(readShard('2/5')).toEqual({ index: 2, count: 5 })
    expect(readShard('1/1')).toEqual({ index: 1, count: 1 })
  })

  test.each(['0/5', '6/5', '2', '2/0', '-1/3', 'a/b', '1/20000', '1/2/3'])(
    'is refused as %s, with what was expected',
    (text) => {
      expect(() => readShard(text)).toThrow('such as 2/5')
    },
  )
})
