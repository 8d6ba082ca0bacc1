/** JSON as values, and bytes from outside as JSON. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** An object of JSON. */
export type JsonObject = { readonly [key: string]: Json }

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Lists and objects in one another; a transaction object needs six. Millions would keep the parser
 * busy for seconds.
 */
const MAX_JSON_DEPTH = 128

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [
  0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d,
]

/** A value that was read from JSON. */
export interface ParsedJson {
  readonly value: unknown
  /** What the value was read from. */
  readonly text: string
}

/**
 * The value of a JSON text in strict UTF-8; `undefined` for anything else and for absurd depths.
 * Never throws.
 */
export function parseJson(bytes: Uint8Array): ParsedJson | undefined {
  if (isTooDeep(bytes)) return undefined
  try {
    const text = utf8.decode(bytes)
    return { value: JSON.parse(text), text }
  } catch {
    return undefined
  }
}

function isTooDeep(bytes: Uint8Array): boolean {
  let depth = 0
  let inText = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (inText) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) inText = false
    } else if (byte === QUOTE) inText = true
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth++
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--
    if (depth > MAX_JSON_DEPTH) return true
  }
  return false
}
