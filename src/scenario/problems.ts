/** What is wrong with a scenario, in words that say what to do. */
import { z } from 'zod'
import { nearestName } from '../lib/editDistance.ts'
import { scenarioSchema } from './scenarioSchema.ts'

/** Where a value stands in a file: the keys and positions that lead to it from the top. */
export type Path = readonly PropertyKey[]

/** One thing that is wrong, and where: the keys and positions that lead to it from the top. */
export interface Problem {
  readonly path: Path
  readonly message: string
}

/** `faults[2].nodes` */
export function pathText(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
}

/** The problems that an issue of the schema stands for; an issue may name several unknown keys. */
export function problemsOfIssue(issue: z.core.$ZodIssue, value: unknown): Problem[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      message: `unknown key; ${suggestionFor(key, knownKeys(issue.path, value))}`,
    }))
  return [{ path: issue.path, message: messageOfIssue(issue, value) }]
}

function messageOfIssue(issue: z.core.$ZodIssue, value: unknown): string {
  const found = valueAt(value, issue.path)
  if (found === undefined) {
    const meaning = schemaAt(issue.path, value)?.description
    return `missing${meaning === undefined ? '' : `: ${meaning}`}`
  }
  if (typeof found === 'number' && !Number.isFinite(found))
    return `expected a finite number, got ${found}`
  if (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options))
    return `${shown(found)} is none; ${suggestionFor(shown(found), issue.options.map(String))}`
  if (issue.code === 'invalid_value')
    return `${shown(found)} is none; ${suggestionFor(shown(found), issue.values.map(String))}`
  return `${lowerFirst(issue.message.replace(/^Invalid input: /, ''))}, got ${shown(found)}`
}

/** `did you mean periodS?`, or what there is. */
export function suggestionFor(word: string, names: readonly string[]): string {
  const meant = nearestName(word, names)
  return meant === undefined ? `known: ${names.join(', ')}` : `did you mean ${meant}?`
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1)
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, key) => (isObject(at) ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  )
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** The parts of a JSON Schema by which a place in a scenario is found. */
interface Schema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
  readonly description?: string
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly additionalProperties?: Schema | boolean
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
}

const root = z.toJSONSchema(scenarioSchema, { io: 'input' }) as Schema

function knownKeys(path: Path, value: unknown): string[] {
  return Object.keys(schemaAt(path, value)?.properties ?? {})
}

/**
 * The schema of the place that `path` leads to; of alternatives, the one that `value` chooses
 * there.
 */
function schemaAt(path: Path, value: unknown): Schema | undefined {
  let schema: Schema | undefined = root
  for (const [depth, key] of path.entries()) {
    schema = schema && chosen(schema, valueAt(value, path.slice(0, depth)))
    schema =
      typeof key === 'number'
        ? schema?.items
        : (schema?.properties?.[String(key)] ?? extra(schema?.additionalProperties))
  }
  return schema && described(schema, chosen(schema, valueAt(value, path)))
}

/** A reference may say more of its place than what it refers to. */
function described(reference: Schema, schema: Schema): Schema {
  return reference.description === undefined
    ? schema
    : { ...schema, description: reference.description }
}

function chosen(schema: Schema, value: unknown): Schema {
  const resolved = schema.$ref === undefined ? schema : (root.$defs?.[schema.$ref.slice(8)] ?? {})
  const alternatives = (resolved.oneOf ?? resolved.anyOf ?? []).map((one) => chosen(one, value))
  if (alternatives.length === 0) return resolved
  return alternatives.find((one) => fits(one, value)) ?? resolved
}

/** Every field with one allowed value has it. */
function fits({ properties }: Schema, value: unknown): boolean {
  if (properties === undefined || !isObject(value)) return false
  return Object.entries(properties).every(
    ([name, field]) => field.const === undefined || field.const === valueAt(value, [name]),
  )
}

function extra(schema: Schema | boolean | undefined): Schema | undefined {
  return typeof schema === 'object' ? schema : undefined
}
