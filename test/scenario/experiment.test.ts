import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseExperiment } from '../../src/scenario/experiment.ts'

const FOLDER = 'docs/experiments'

const VALID = `
title: Degree
asks: Which?
items: transactions
varies: D
scenario: { name: base, shows: It., nodes: 4, everyNode: { floodPublish: false, router: { D: 4 } } }
cases:
  - { label: four, set: {} }
  - { label: three, set: { everyNode: { router: { D: 3, Dlo: 2 } } } }
`

describe('an experiment', () => {
  test('takes a part of another kind whole, without the fields of the kind before', () => {
    const text = VALID.replace(
      'nodes: 4,',
      'nodes: 4, topology: { kind: random-regular, degree: 3 },',
    ).replace('set: {}', 'set: { topology: { kind: complete } }')
    const [complete, regular] = parseExperiment(text).cases
    expect(complete?.scenario.topology).toEqual({ kind: 'complete' })
    expect(regular?.scenario.topology).toEqual({ kind: 'random-regular', degree: 3 })
  })

  test('gives each case the whole scenario with what it sets merged in', () => {
    const [four, three] = parseExperiment(VALID).cases
    expect(four?.scenario.everyNode).toEqual({ floodPublish: false, router: { D: 4 } })
    expect(three?.scenario.everyNode).toEqual({ floodPublish: false, router: { D: 3, Dlo: 2 } })
    expect(three?.scenario.nodes).toBe(4)
  })

  test('replaces lists as a whole', () => {
    const text = VALID.replace('set: {} ', 'set: { workload: { dataBytes: [1, 2] } } ')
    expect(parseExperiment(text).cases[0]?.scenario.workload.dataBytes).toEqual([1, 2])
  })

  test('takes changes for all its cases', () => {
    const seeds = parseExperiment(VALID, { seed: 9 }).cases.map(({ scenario }) => scenario.seed)
    expect(seeds).toEqual([9, 9])
  })

  test.each([
    ['no YAML', '{ a: [', /^this is not YAML: [^\n]+[^:\n]$/],
    ['two documents', `${VALID}---\na: 1\n`, 'this is not YAML: more than one document: keep one'],
    ['an unknown key', `${VALID}more: 1\n`, 'Unrecognized key: "more"'],
    ['a single case', VALID.replace(/ {2}- { label: three.*\n/, ''), 'cases'],
    [
      'a case whose scenario is none',
      VALID.replace('D: 3', 'Q: 3'),
      'the case "three" is not a scenario',
    ],
  ])('with %s is refused in one line that says so', (_what, text, words) => {
    expect(() => parseExperiment(text)).toThrow(words)
  })

  const models = ['rounds.yaml', 'knowledge.yaml']
  test.each(readdirSync(FOLDER).filter((file) => file.endsWith('.yaml') && !models.includes(file)))(
    'of the project holds: %s',
    (file) => {
      const { cases } = parseExperiment(readFileSync(`${FOLDER}/${file}`, 'utf8'))
      const names = cases.map(({ group = '', label }) => `${group}, ${label}`)
      expect(new Set(names).size).toBe(cases.length)
    },
  )
})
