import { expect, test } from 'vitest'
import { withFigures, type PageParts } from '../../src/cli/docs/experimentPage.ts'
import type { SweepRun } from '../../src/measure/sweep.ts'
import { reportOfPlan } from '../builders/report.ts'

const RUNS: readonly SweepRun[] = [1, 2].map((slower) => ({
  value: slower,
  report: { ...reportOfPlan({ slower }), seed: 7 },
}))

function parts(over: Partial<PageParts> = {}): PageParts {
  return {
    name: 'slowness',
    series: { title: 'Slowness', asks: 'How slow?', items: 'transactions', varies: 'x', cases: [] },
    runs: RUNS,
    options: { parameter: 'x', kind: 'transactions' },
    before: undefined,
    ...over,
  }
}

test('a new page has title, question, command, table, plot, seed and machine', () => {
  const text = withFigures(parts())
  const words = [
    '# Slowness',
    'How slow?',
    'npx grapevine experiment slowness --write',
    '| x | runs |',
    '](slowness.svg)',
    'seed 7',
    RUNS[0]?.report.machine.cpu ?? 'no machine',
  ]
  for (const word of words) expect(text).toContain(word)
})

test('what people wrote around the figures stays when they are made anew', () => {
  const first = withFigures(parts())
  const written = `${first.replace('# Slowness', '# Our title')}\n## What to set\n\nNothing.\n`
  const again = withFigures(parts({ before: written, runs: RUNS.slice(0, 1) }))
  expect(again).toContain('# Our title')
  expect(again.endsWith('## What to set\n\nNothing.\n')).toBe(true)
  expect(again.match(/\| x \| runs \|/g)).toHaveLength(1)
  expect(withFigures(parts({ before: again }))).toBe(withFigures(parts({ before: written })))
})

test('a page without a place for figures is refused', () => {
  expect(() => withFigures(parts({ before: '# Slowness\n' }))).toThrow('no place for figures')
})
