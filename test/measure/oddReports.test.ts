import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/lib/random.ts'
import { compareReports } from '../../src/measure/compare/compare.ts'
import { csvFiles } from '../../src/measure/export/csv.ts'
import { interopFiles } from '../../src/measure/export/interop.ts'
import { comparisonPage } from '../../src/measure/html/comparisonPage.ts'
import { renderComparison } from '../../src/measure/terminal/terminalCompare.ts'
import { renderReport } from '../../src/measure/terminal/terminal.ts'
import type { Report } from '../../src/measure/report.ts'
import { PLACES, reportOfPlan, type ReportPlan } from '../builders/report.ts'
import { pageOf } from '../builders/reportPage.ts'

/** A few nodes and items, many of which reach few nodes or none. */
function oddPlan(seed: number): ReportPlan {
  const random = seededRandom(seed)
  const nodes = 1 + random.int(12)
  const deafShare = random.next()
  return {
    nodes,
    seed,
    transactions: random.int(8),
    blocks: random.int(4),
    slower: 10 ** (random.int(7) - 3),
    deaf: Array.from({ length: nodes }, (_, node) => node).filter(() => random.next() < deafShare),
    ...(nodes >= 5 && random.int(2) === 0 && { places: PLACES }),
    ...(random.int(3) === 0 && { clockErrorMs: 10 ** random.int(4) }),
  }
}

/** Everything that is made of a report alone and of two beside each other. */
async function allOf(report: Report, other: Report): Promise<string[]> {
  const sides = [
    { file: 'a.json', report },
    { file: 'b.json', report: other },
  ]
  const comparison = compareReports(sides, { seed: 1, replicates: 20 })
  const pages = [await pageOf(report), await comparisonPage(sides, comparison)]
  return [
    ...pages.map((page) => page.split('<script')[0] ?? ''),
    renderReport(report),
    renderComparison(comparison),
    JSON.stringify([...csvFiles(report), ...interopFiles(report)]),
  ]
}

describe('a report of few nodes and items, many of which arrive nowhere', () => {
  test.each(Array.from({ length: 12 }, (_, at) => at + 1))(
    'is told in every form with numbers that are numbers: seed %i',
    async (seed) => {
      const reports = [reportOfPlan(oddPlan(seed)), reportOfPlan(oddPlan(seed + 100))] as const
      for (const text of await allOf(...reports)) expect(text).not.toMatch(/NaN|undefined|Infinity/)
    },
  )
})
