/**
 * A JSON Schema as sections of Markdown: a table of fields for the whole and for each named part.
 */
import { code, table } from './markdown.ts'

/** The parts of a JSON Schema that are shown. */
export interface JsonSchema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
  readonly title?: string
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly prefixItems?: readonly JsonSchema[]
  readonly additionalProperties?: JsonSchema | boolean
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
}

/** How a schema is shown. */
export interface SectionOptions {
  readonly title: string
  /**
   * Whether values are written by people, who want to know defaults and bounds, and parts by their
   * titles.
   */
  readonly isWritten: boolean
}

interface View {
  readonly root: JsonSchema
  readonly isWritten: boolean
}

/** The whole first, then the parts with fields in the order of the schema. */
export function schemaSections(root: JsonSchema, { title, isWritten }: SectionOptions): string[] {
  const parts = Object.values(root.$defs ?? {}).filter(({ properties }) => properties)
  const fields = isWritten ? writtenFields : readFields
  const view = { root, isWritten }
  return [
    `## ${title}`,
    '',
    fields(root, view),
    ...parts.flatMap((part) => ['', `## ${part.title}`, '', fields(part, view)]),
  ]
}

function readFields({ properties = {}, required = [] }: JsonSchema, view: View): string {
  const rows = Object.entries(properties).map(([name, field]) => [
    code(name),
    typeText(field, view),
    `${required.includes(name) ? '' : 'Optional. '}${field.description ?? ''}`,
  ])
  return table(['Field', 'Type', 'Meaning'], rows)
}

function writtenFields({ properties = {}, required = [] }: JsonSchema, view: View): string {
  const rows = Object.entries(properties).map(([name, field]) => [
    code(name),
    `${typeText(field, view)}${boundsText(field)}`,
    required.includes(name) ? 'needed' : defaultText(field.default),
    field.description ?? '',
  ])
  return table(['Field', 'Type', 'Default', 'Meaning'], rows)
}

function defaultText(value: unknown): string {
  return value === undefined ? '' : code(JSON.stringify(value))
}

/** Bounds that say something: whole numbers carry the largest safe one. */
function boundsText({ minimum, maximum }: JsonSchema): string {
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum
  const least = minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum
  if (most !== undefined) return `, ${least ?? 'up'} to ${most}`
  return least === undefined ? '' : `, from ${least}`
}

function typeText(schema: JsonSchema, view: View): string {
  const { $ref, items, prefixItems, additionalProperties, properties } = schema
  const alternatives = schema.anyOf ?? schema.oneOf
  const text = (part: JsonSchema): string => typeText(part, view)
  if ($ref !== undefined) return referenceText($ref, view)
  if (schema.const !== undefined) return code(JSON.stringify(schema.const))
  if (schema.enum !== undefined) return schema.enum.map((one) => code(String(one))).join(' or ')
  if (alternatives !== undefined) return alternatives.map(text).join(' or ')
  if (prefixItems !== undefined) return `[${prefixItems.map(text).join(', ')}]`
  if (items !== undefined) return `list of ${text(items)}`
  if (properties !== undefined)
    return Object.entries(properties)
      .map(([name, field]) => `${code(name)}: ${text(field)}`)
      .join('; ')
  if (typeof additionalProperties === 'object') return `${text(additionalProperties)} by name`
  return [schema.type ?? 'any'].flat().join(' or ')
}

function referenceText(reference: string, view: View): string {
  const name = reference.replace('#/$defs/', '')
  const part = view.root.$defs?.[name]
  if (part?.properties === undefined) return part === undefined ? name : typeText(part, view)
  return `[${view.isWritten ? (part.title ?? name) : name}](#${anchorOf(part.title ?? name)})`
}

function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-')
}
