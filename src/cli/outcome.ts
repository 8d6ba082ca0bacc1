/** What a run came to, as the exit code says it. */
import { shortfallsOf } from '../measure/outcome.ts'
import type { Report } from '../measure/report.ts'
import { say } from './terminal/output.ts'

/** The command did what it was asked to, and the run fell short of what was expected of it. */
export const FELL_SHORT_EXIT_CODE = 3

/** A run that fell short ends with its own exit code. The report says why; where that is JSON, a line for people does too. */
export function tellOutcome(report: Report, { json }: { readonly json?: boolean }): void {
  const shortfalls = shortfallsOf(report)
  if (shortfalls.length === 0) return
  process.exitCode = FELL_SHORT_EXIT_CODE
  if (json) for (const { text } of shortfalls) say(text)
}
