import { expect, test } from 'vitest'
import { citationOf } from '../../src/measure/citation.ts'
import { PLACES, reportOfPlan } from '../builders/report.ts'

test('a citation names the run, the program and the machine', () => {
  const { citation } = reportOfPlan({ places: PLACES })
  expect(citation.text).toBe(
    'grapevine: Propagation over 12 peers, scenario test-regions, seed 1. grapevine/v0.0.0/test, commit 0123456789abcdef0123456789abcdef01234567; run begun 2026-01-02T03:04:05.678Z on 2 x test, linux x64, kernel 6.1.0; report version 5.',
  )
  expect(citation.bibtex).toContain(
    'title = {Propagation over 12 peers, scenario test-regions, seed 1},',
  )
  expect(citation.bibtex).toContain('year = {2026},')
})

test('a citation for BibTeX stands for itself in LaTeX', () => {
  const report = reportOfPlan({ places: PLACES })
  const { scenario } = report
  if (scenario === null) throw new Error('the report has a scenario')
  const { bibtex } = citationOf({
    ...report,
    scenario: { ...scenario, name: String.raw`a_b&{\}%` },
  })
  expect(bibtex).toContain(String.raw`scenario a\_b\&\{\textbackslash{}\}\%`)
})
