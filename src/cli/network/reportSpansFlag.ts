/** `--otlp` of commands that have a report: its items as spans for a collector. */
import { messageOf } from '../../lib/assert.ts'
import { systemClock } from '../../lib/clock.ts'
import type { Report } from '../../measure/report.ts'
import { CLIENT_VERSION, VERSION } from '../../node/version.ts'
import { EXIT_CODES } from '../exitCodes.ts'
import { say } from '../terminal/output.ts'

/** The help of `--otlp`. */
export const OTLP_OF_REPORT_HELP =
  'send the way of each transaction and block of the report as OpenTelemetry spans to this collector, such as http://127.0.0.1:4318'

/**
 * Sends the spans. If the collector does not take them, the exit code says so; the report is
 * written all the same.
 */
export async function sendSpans(report: Report, collector: string): Promise<void> {
  const { sendReportSpans } = await import('../../telemetry/reportSpans.ts')
  const program = { version: VERSION, client: CLIENT_VERSION }
  try {
    const count = await sendReportSpans(report, { collector, program, clock: systemClock })
    say(`sent to ${collector}: ${count} spans`)
  } catch (error) {
    say(
      `grapevine: ${messageOf(error)}; "grapevine report FILE --otlp ${collector}" sends them again`,
    )
    process.exitCode = EXIT_CODES.failure.code
  }
}
