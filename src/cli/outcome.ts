/** What a run came to, as the exit code says it. */
import { unmetExpectations, type Expectation } from '../measure/expectations.ts'
import { shortfallsOf } from '../measure/outcome.ts'
import type { Report } from '../measure/report.ts'
import { EXIT_CODES } from './exitCodes.ts'
import { leaveUnfinished } from './terminal/lifetime.ts'
import { say } from './terminal/output.ts'

/** The options that decide what is said of a run. */
export interface OutcomeFlags {
  readonly json?: boolean
  /** What the user expects of the figures. */
  readonly expect?: readonly Expectation[]
  /** Of several runs, which one: its lines begin so. Its report is not shown. */
  readonly run?: string
}

/**
 * A run that fell short ends with its own exit code. The report says why; where that is JSON, or is
 * not shown, a line for people does too. What was expected by the user and does not hold is said in
 * any case.
 */
export function reportOutcome(report: Report, { json, expect = [], run }: OutcomeFlags): void {
  const shortfalls = shortfallsOf(report)
  const failed = unmetExpectations(report, expect)
  if (shortfalls.length === 0 && failed.length === 0) return
  process.exitCode = EXIT_CODES.fellShort.code
  const unseen = json || run !== undefined ? shortfalls.map(({ text }) => text) : []
  for (const line of [...unseen, ...failed]) say(ofRun(line, run))
}

/**
 * A run that was asked to end before it had measured anything: no report, and no success in
 * silence.
 */
export function reportNothing(run?: string): void {
  leaveUnfinished(ofRun('ended before there was anything to report', run))
}

function ofRun(line: string, run: string | undefined): string {
  return run === undefined ? line : `${run}: ${line}`
}
