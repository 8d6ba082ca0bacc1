/**
 * `docs/report.md` and `docs/report.schema.json`: the form of the report, from the schema that
 * checks it.
 */
import { z } from 'zod'
import { DEFINITIONS } from '../../measure/definitions.ts'
import { reportSchema } from '../../measure/reportSchema.ts'
import { REPORT_VERSION } from '../../measure/reportTerms.ts'
import { page, type Page } from './markdown.ts'
import { schemaSections, type JsonSchema } from './schemaSections.ts'

/** The JSON Schema (draft 2020-12) of `report.json`. */
export function reportJsonSchema(): JsonSchema {
  return z.toJSONSchema(reportSchema, { io: 'input' }) as JsonSchema
}

/** Makes the page and the JSON Schema of the report. */
export function reportSchemaPages(): readonly Page[] {
  const schema = reportJsonSchema()
  return [
    page('report.md', 'The report', 'src/measure/reportSchema.ts', [
      `What \`report.json\` contains, version ${REPORT_VERSION}. [report.schema.json](report.schema.json) is the same for`,
      'programs. Durations are milliseconds rounded to microseconds, sizes are bytes. `grapevine report FILE` shows a report,',
      '`--html` draws it, `--export` writes its data for other tools, and several files are compared. New fields do not raise',
      'the version; a reader must refuse a version it does not know.',
      '',
      '## Terms',
      '',
      'Every report carries these sentences in `definitions`.',
      '',
      ...Object.entries(DEFINITIONS).map(([term, meaning]) => `- **${term}**: ${meaning}`),
      '',
      ...schemaSections(schema, { title: 'Report', isWritten: false }),
    ]),
    { file: 'report.schema.json', markdown: `${JSON.stringify(schema, null, 2)}\n` },
  ]
}
