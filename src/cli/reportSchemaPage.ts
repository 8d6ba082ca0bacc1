/** `docs/report.md` and `docs/report.schema.json`: the form of the report, from the schema that checks it. */
import { z } from 'zod'
import { reportSchema } from '../measure/reportSchema.ts'
import { REPORT_VERSION } from '../measure/reportTerms.ts'
import { code, page, table, type Page } from './markdown.ts'

/** The parts of a JSON Schema that the form of the report uses. */
interface Schema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
  readonly title?: string
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly prefixItems?: readonly Schema[]
  readonly additionalProperties?: Schema | boolean
  readonly anyOf?: readonly Schema[]
}

/** The JSON Schema (draft 2020-12) of `report.json`. */
export function reportJsonSchema(): Schema {
  return z.toJSONSchema(reportSchema, { io: 'input' }) as Schema
}

export function reportSchemaPages(): readonly Page[] {
  const schema = reportJsonSchema()
  const parts = Object.values(schema.$defs ?? {}).filter(({ properties }) => properties)
  return [
    page('report.md', 'The report', 'src/measure/reportSchema.ts', [
      `What \`report.json\` holds, version ${REPORT_VERSION}; [report.schema.json](report.schema.json) says the same to`,
      'programs. Durations are milliseconds rounded to microseconds, sizes are bytes. `grapevine report FILE` shows a report,',
      '`--html` draws it, `--export` hands its data to other tools, and two files are compared. New fields do not raise',
      'the version; a reader must refuse a version it does not know.',
      '',
      '## Report',
      '',
      fieldTable(schema),
      ...parts.flatMap((part) => ['', `## ${part.title}`, '', fieldTable(part)]),
    ]),
    { file: 'report.schema.json', markdown: `${JSON.stringify(schema, null, 2)}\n` },
  ]
}

function fieldTable({ properties = {}, required = [] }: Schema): string {
  const rows = Object.entries(properties).map(([name, field]) => [
    code(name),
    typeText(field),
    `${required.includes(name) ? '' : 'Optional. '}${field.description ?? ''}`,
  ])
  return table(['Field', 'Type', 'Meaning'], rows)
}

function typeText(schema: Schema): string {
  const { $ref, anyOf, items, prefixItems, additionalProperties, properties } = schema
  if ($ref !== undefined) return referenceText($ref)
  if (schema.const !== undefined) return code(JSON.stringify(schema.const))
  if (anyOf !== undefined) return anyOf.map(typeText).join(' or ')
  if (prefixItems !== undefined) return `[${prefixItems.map(typeText).join(', ')}]`
  if (items !== undefined) return `list of ${typeText(items)}`
  if (properties !== undefined)
    return Object.entries(properties)
      .map(([name, field]) => `${code(name)}: ${typeText(field)}`)
      .join('; ')
  if (typeof additionalProperties === 'object') return `${typeText(additionalProperties)} by name`
  return [schema.type ?? 'any'].flat().join(' or ')
}

function referenceText(reference: string): string {
  const name = reference.replace('#/$defs/', '')
  const part = reportJsonSchema().$defs?.[name]
  if (part?.properties === undefined) return part === undefined ? name : typeText(part)
  return `[${name}](#${(part.title ?? name)
    .toLowerCase()
    .replace(/[^a-z0-9 ]/g, '')
    .replaceAll(' ', '-')})`
}
