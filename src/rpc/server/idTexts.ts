/**
 * The ids of JSON-RPC requests as their callers wrote them. An id goes back unchanged, and a number
 * that has become one of JavaScript's no longer is: 2^53 + 1 loses its last digit, 1.0 its fraction
 * and 1e400 everything.
 */

/**
 * For a request, its id's text; for a batch, that of each item in order. `undefined` for what has
 * no member `id`.
 *
 * @param text JSON that a parser has accepted: nothing is checked here.
 */
export function idTexts(text: string): readonly (string | undefined)[] {
  const start = valueStart(text, 0)
  return text[start] === '[' ? [...itemIds(text, start + 1)] : [idText(text, start)]
}

const [SPACE, QUOTE, COMMA, COLON, BACKSLASH] = [0x20, 0x22, 0x2c, 0x3a, 0x5c]
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]

function* itemIds(text: string, start: number): Iterable<string | undefined> {
  let at = valueStart(text, start)
  while (text.charCodeAt(at) !== CLOSE_LIST) {
    yield idText(text, at)
    at = valueStart(text, valueEnd(text, at))
  }
}

/**
 * The last member `id` of the object that starts at `start`, as parsers take the last of several.
 */
function idText(text: string, start: number): string | undefined {
  if (text.charCodeAt(start) !== OPEN_OBJECT) return undefined
  let found: string | undefined
  let at = valueStart(text, start + 1)
  while (text.charCodeAt(at) !== CLOSE_OBJECT) {
    const keyEnd = stringEnd(text, at)
    const from = valueStart(text, keyEnd)
    const end = valueEnd(text, from)
    if (isIdKey(text.slice(at, keyEnd))) found = text.slice(from, end)
    at = valueStart(text, end)
  }
  return found
}

/** A key may be written with escapes. */
function isIdKey(key: string): boolean {
  return key === '"id"' || (key.includes('\\') && JSON.parse(key) === 'id')
}

/** Past white space and what separates values. */
function valueStart(text: string, start: number): number {
  let at = start
  while (isBetween(text.charCodeAt(at))) at++
  return at
}

function isBetween(code: number): boolean {
  return code <= SPACE || code === COMMA || code === COLON
}

/** Where the value that starts at `start` ends. */
function valueEnd(text: string, start: number): number {
  const first = text.charCodeAt(start)
  if (first === QUOTE) return stringEnd(text, start)
  return first === OPEN_OBJECT || first === OPEN_LIST
    ? nestedEnd(text, start)
    : scalarEnd(text, start)
}

function nestedEnd(text: string, start: number): number {
  let depth = 1
  let at = start + 1
  while (depth > 0) {
    const code = text.charCodeAt(at)
    if (code === OPEN_LIST || code === OPEN_OBJECT) depth++
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--
    at = code === QUOTE ? stringEnd(text, at) : at + 1
  }
  return at
}

/** A quote ends a string unless an odd number of backslashes stands before it. */
function stringEnd(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); ; quote = text.indexOf('"', quote + 1)) {
    let before = quote
    while (text.charCodeAt(before - 1) === BACKSLASH) before--
    if ((quote - before) % 2 === 0) return quote + 1
  }
}

/** Of a number or a word. */
function scalarEnd(text: string, start: number): number {
  let at = start
  while (at < text.length && !isAfterScalar(text.charCodeAt(at))) at++
  return at
}

function isAfterScalar(code: number): boolean {
  return isBetween(code) || code === CLOSE_LIST || code === CLOSE_OBJECT
}
