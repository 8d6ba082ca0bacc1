/** The text of `report.json`, written and read. */
import { z } from 'zod'
import type { Report, SpreadRecord } from './report.ts'
import { reportSchema } from './reportSchema.ts'
import { REPORT_VERSION } from './reportTerms.ts'

/**
 * Reads the text of a `report.json`; throws an Error that says what is wrong with it, and where.
 */
export function readReport(text: string): Report {
  const json = lifted(parse(text))
  const version = z.object({ version: z.number() }).safeParse(json)
  if (!version.success) throw new Error('this is not a propagation report: it has no version')
  if (version.data.version !== REPORT_VERSION)
    throw new Error(
      `this report has version ${version.data.version}; this program reads version ${REPORT_VERSION}: measure again`,
    )
  const report = reportSchema.safeParse(json)
  if (report.success) return report.data
  const [issue] = report.error.issues
  throw new Error(`not a valid report: ${issue?.path.join('.')}: ${issue?.message}`)
}

const VERSION_4 = z.looseObject({
  version: z.literal(4),
  simulation: z.looseObject({ members: z.unknown() }).optional(),
})

/** Before version 5, `members` stood in `simulation`, and reports of real runs had none. */
function lifted(json: unknown): unknown {
  const old = VERSION_4.safeParse(json)
  if (!old.success) return json
  const { simulation, ...report } = old.data
  const { members = null, ...rest } = simulation ?? {}
  return {
    ...report,
    version: REPORT_VERSION,
    members,
    ...(simulation !== undefined && { simulation: rest }),
  }
}

/**
 * The text of `report.json`: one item a line, so that it stays small and still can be read and
 * compared by line.
 */
export function writeReport(report: Report): string {
  const { spreads, ...facts } = report
  const head = JSON.stringify(facts, null, 2).replace(/\n\}$/, '')
  const list = (records: readonly SpreadRecord[]): string =>
    records.map((record) => `\n      ${JSON.stringify(record)}`).join(',')
  return [
    `${head},`,
    '  "spreads": {',
    `    "transactions": [${list(spreads.transactions)}],`,
    `    "blocks": [${list(spreads.blocks)}]`,
    '  }',
    '}',
    '',
  ].join('\n')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('this is not a propagation report: it is not JSON')
  }
}
