import { expect, test } from 'vitest'
import { figuresOf, withFigures, type PageFigures } from '../../src/cli/docs/experimentPage.ts'
import { experimentResult } from '../../src/measure/experiment/experimentResult.ts'
import { experimentReport, simulatedReport } from '../builders/experiment.ts'

const REAL = [0, 1].map((caseIndex) => experimentReport({ caseIndex, round: 0 }))

function figures(reports = REAL): PageFigures {
  return figuresOf('slowness', experimentResult(reports))
}

test('a new page has title, question, command, table, plot, seed, machine and commit', () => {
  const text = withFigures(figures())
  const words = [
    '# Slowness',
    'How slow?',
    'npx grapevine experiment slowness --write',
    '| x | runs |',
    '](slowness.svg)',
    'seed 1',
    REAL[0]?.report.machine.cpu ?? 'no machine',
    REAL[0]?.report.commit ?? 'no commit',
  ]
  for (const word of words) expect(text).toContain(word)
  expect(text).not.toContain('imulated')
})

test('the page of simulated runs says so, with engine, seeds, nodes and how long it took', () => {
  const text = withFigures(
    figures([0, 1].map((caseIndex) => simulatedReport({ caseIndex, round: 0 }))),
  )
  expect(text).toMatch(/Simulated \(engine node\): 12 nodes, seed 1, .* virtual s took/)
  expect(text).not.toContain('processes a core')
})

test('what people wrote around the figures stays when they are made anew', () => {
  const first = withFigures(figures())
  const written = `${first.replace('# Slowness', '# Our title')}\n## What to set\n\nNothing.\n`
  const again = withFigures(figures(REAL.slice(0, 1)), written)
  expect(again).toContain('# Our title')
  expect(again.endsWith('## What to set\n\nNothing.\n')).toBe(true)
  expect(again.match(/\| x \| runs \|/g)).toHaveLength(1)
  expect(withFigures(figures(), again)).toBe(withFigures(figures(), written))
})

test('a page without a place for figures is refused', () => {
  expect(() => withFigures(figures(), '# Slowness\n')).toThrow('no place for figures')
})
