import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  isKnowledgeExperiment,
  knowledgeTables,
  parseKnowledgeExperiment,
  runKnowledgeExperiment,
} from '../../../src/sim/rounds/knowledgeExperiment.ts'
import { searchRoundsFor } from '../../../src/search/settling.ts'
import { isRoundsExperiment } from '../../../src/sim/rounds/roundsExperiment.ts'

const SMALL = `
title: What it knows
asks: When?
knowledge:
  nodes: [8, 300]
  degree: 10
  epochs: 2
  searches: 3
  showRounds: [1, 20]
`

test('every node is within one per cent in the rounds of an epoch, and who asks gets the best answer', async () => {
  const experiment = parseKnowledgeExperiment(SMALL)
  const told: string[] = []
  const result = await runKnowledgeExperiment(experiment, (done, of) => told.push(`${done}/${of}`))
  expect(told.at(-1)).toBe('4/4')
  for (const { reached, allowed } of result.epochs)
    expect(reached ?? Infinity).toBeLessThanOrEqual(allowed)
  for (const { nodes, runs } of result.searches) {
    expect(runs.map(({ isRight }) => isRight)).toEqual([true, true, true])
    for (const { answered } of runs) expect(answered).toBeLessThanOrEqual(searchRoundsFor(nodes))
  }
  const rows = knowledgeTables(experiment, result).split('\n')
  expect(rows.find((row) => row.startsWith('| 300 | number of nodes'))).toContain('100 % or more')
  expect(rows.filter((row) => row.includes('3 of 3'))).toHaveLength(2)
})

test('the file of the project asks for what a network knows; others are refused with the place', () => {
  const text = readFileSync('docs/experiments/knowledge.yaml', 'utf8')
  expect([isKnowledgeExperiment(text), isRoundsExperiment(text)]).toEqual([true, false])
  expect(parseKnowledgeExperiment(text).knowledge.nodes).toContain(25_000)
  expect(() => parseKnowledgeExperiment(SMALL.replace('epochs: 2', 'epochs: 0'))).toThrow(
    'knowledge.epochs',
  )
})
