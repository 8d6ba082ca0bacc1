/**
 * How values of JSON-RPC look as JSON Schema (draft 7, as OpenRPC takes it): of parameters by kind,
 * of results by their words.
 */
import type { JsonObject } from './server/json.ts'

const hexOf = (bytes: number): JsonObject => ({
  type: 'string',
  pattern: `^0x[0-9a-fA-F]{${2 * bytes}}$`,
})

/** JSON Schemas of the values that many methods share. */
export const SCHEMAS = {
  hash: hexOf(32),
  address: hexOf(20),
  bytes: { type: 'string', pattern: '^0x([0-9a-fA-F]{2})*$' },
  quantity: { type: 'string', pattern: '^0x(0|[1-9a-fA-F][0-9a-fA-F]*)$' },
  text: { type: 'string' },
  boolean: { type: 'boolean' },
  number: { type: 'number' },
  object: { type: 'object' },
} as const satisfies Readonly<Record<string, JsonObject>>

/** By the words that the text of a result begins with; the longer ones first. */
const RESULTS: readonly (readonly [RegExp, JsonObject])[] = [
  [/^list of hashes/, { type: 'array', items: SCHEMAS.hash }],
  [/^list of addresses/, { type: 'array', items: SCHEMAS.address }],
  [/^list/, { type: 'array' }],
  [/^quantity/, SCHEMAS.quantity],
  [/^(hash|block hash|transaction hash)/, SCHEMAS.hash],
  [/^address/, SCHEMAS.address],
  [/^bytes \(32\)/, SCHEMAS.hash],
  [/^bytes/, SCHEMAS.bytes],
  [/^subscription id|^filter id/, SCHEMAS.bytes],
  [/^(true|false|boolean)\b/, SCHEMAS.boolean],
  [/^text/, SCHEMAS.text],
  [/^(object|block|header|transaction|receipt|timeline)/, SCHEMAS.object],
]

/**
 * The schema of a result, from the words by which its method tells it; anything where these do not
 * say.
 */
export function resultSchema(result: string): JsonObject {
  const schema = RESULTS.find(([words]) => words.test(result))?.[1] ?? {}
  const isNullable = /\bor (null|false)\b/.test(result)
  const orNothing = { enum: [null, false] }
  return isNullable && Object.keys(schema).length > 0 ? { anyOf: [schema, orNothing] } : schema
}
