import { readFileSync } from 'node:fs'
import { reportPage } from '../../src/measure/html/page.ts'
import type { Report } from '../../src/measure/report.ts'

const EXPLORER = readFileSync(
  new URL('../../src/measure/html/explorer.js', import.meta.url),
  'utf8',
)

/** The page of a report, with its script. */
export function pageOf(report: Report): Promise<string> {
  return reportPage(report, EXPLORER)
}
