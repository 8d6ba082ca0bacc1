/** JSON as values, and bytes from outside as JSON. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

export type JsonObject = { readonly [key: string]: Json }

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The value of a JSON text in strict UTF-8; `undefined` for anything else. Never throws. */
export function parseJson(bytes: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(utf8.decode(bytes)) }
  } catch {
    return undefined
  }
}

/** Whether `value` is a JSON object (not null, not a list). */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
