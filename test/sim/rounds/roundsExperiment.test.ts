import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  isRoundsExperiment,
  parseRoundsExperiment,
  roundsTables,
  runRoundsExperiment,
} from '../../../src/sim/rounds/roundsExperiment.ts'

const SMALL = `
title: Rounds
asks: How many?
rounds:
  nodes: [100, 1000]
  protocols: [push, push-pull]
  runs: 3
  residue: { nodes: 1000, interest: [1, 2] }
`

test('rounds are run for each protocol and size, and rumours for each interest, beside theory', async () => {
  const told: string[] = []
  const result = await runRoundsExperiment(parseRoundsExperiment(SMALL), (done, of) =>
    told.push(`${done}/${of}`),
  )
  expect(told.at(-1)).toBe('6/6')
  expect(result.spreads.map(({ protocol, nodes }) => [protocol, nodes])).toEqual([
    ['push', 100],
    ['push', 1000],
    ['push-pull', 100],
    ['push-pull', 1000],
  ])
  const [few, many] = result.spreads.map(({ rounds }) => rounds.all.mean ?? 0)
  expect(few).toBeLessThan(many ?? 0)
  const rows = roundsTables(result).split('\n')
  expect(rows.find((row) => row.startsWith('| push | 1,000'))).toContain(
    `= ${(Math.log2(1000) + Math.log(1000)).toFixed(1)}`,
  )
  expect(rows.find((row) => row.startsWith('| 2 |'))).toContain(
    `${(Math.exp(-3) * 100).toPrecision(3)} %`,
  )
})

test('the file of the project asks for rounds and is right; others are refused with the place', () => {
  const text = readFileSync('docs/experiments/rounds.yaml', 'utf8')
  expect(isRoundsExperiment(text)).toBe(true)
  expect(parseRoundsExperiment(text).rounds.nodes).toContain(25_000)
  expect(isRoundsExperiment(readFileSync('docs/experiments/truth.yaml', 'utf8'))).toBe(false)
  expect(() => parseRoundsExperiment(SMALL.replace('runs: 3', 'runs: 0'))).toThrow('rounds.runs')
})
