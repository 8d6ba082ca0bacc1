/**
 * The forms that settings have: a number in a range, a list, one of several words. A form checks a
 * value that came as data, and reads one that came as text, from a flag or a variable; both throw
 * an Error that says what was expected.
 */
import { isIP } from 'node:net'
import { parseAddress } from '../../crypto/address.ts'
import { parseHex, type Hex } from '../../lib/bytes.ts'
import { isRecord } from '../../lib/records.ts'
import { BLOCKED_PORTS, BLOCKED_PORT_REASON } from '../../rpc/webPort.ts'

/** One setting: what help says of it, its default, and how its values are checked and read. */
export interface Setting<T> {
  /**
   * What stands behind the flag in the help, such as `<port>`; empty for a flag that stands alone.
   */
  readonly placeholder: string
  readonly fallback: T
  readonly sentence: string
  /** Checks a value that came as data, such as from JSON. */
  readonly check: (value: unknown) => T
  /** The same for text. */
  readonly read: (text: string) => T
  /** The default as text that `read` takes back. */
  readonly fallbackText: string
}

/** Parameters with their values. */
export type NumbersByName = Readonly<Record<string, number>>

/** How the values of a form are told from others, and what text makes of them. */
interface Form<T> {
  readonly check: (value: unknown) => T
  /** Data that `check` then judges; the text itself if left out. */
  readonly parse?: (text: string) => unknown
}

interface Shown<T> {
  readonly placeholder: string
  readonly fallback: T
  readonly sentence: string
  /** The fallback as text if it is not what `String` makes of it. */
  readonly fallbackText?: string
}

function setting<T>({ check, parse = String }: Form<T>, shown: Shown<T>): Setting<T> {
  return {
    ...shown,
    fallbackText: shown.fallbackText ?? String(shown.fallback),
    check,
    read: (value) => check(parse(value)),
  }
}

/** Text that is not empty. */
export function text(placeholder: string, fallback: string, sentence: string): Setting<string> {
  const check = (value: unknown): string => {
    const trimmed = textOf(value).trim()
    if (trimmed === '') throw new Error('expected some text')
    return trimmed
  }
  return setting({ check }, { placeholder, fallback, sentence })
}

/** Text; empty means none. */
export function optionalText(placeholder: string, sentence: string): Setting<string> {
  const check = (value: unknown): string => textOf(value).trim()
  return setting({ check }, { placeholder, fallback: '', sentence })
}

/** The URL of an HTTP server, without what would be lost or shown in logs; empty means none. */
export function optionalUrl(placeholder: string, sentence: string): Setting<string> {
  const check = (value: unknown): string => {
    const trimmed = textOf(value).trim()
    if (trimmed === '' || isPlainHttpUrl(trimmed)) return trimmed
    throw new Error(
      'expected an http or https URL without login, query and fragment, such as http://127.0.0.1:4318',
    )
  }
  return setting({ check }, { placeholder, fallback: '', sentence })
}

/** Texts; as one text they stand with commas between them. */
export function list(placeholder: string, sentence: string): Setting<readonly string[]> {
  return listOf(textsOf, { placeholder, fallback: [], sentence })
}

/** Addresses of this machine, at least one. */
export function hosts(
  placeholder: string,
  fallback: readonly string[],
  sentence: string,
): Setting<readonly string[]> {
  const check = (value: unknown): readonly string[] => {
    const addresses = textsOf(value)
    if (addresses.length > 0 && addresses.every((address) => isIP(address) !== 0))
      return [...new Set(addresses)]
    throw new Error('expected IP addresses separated by commas, such as 0.0.0.0,::')
  }
  return listOf(check, { placeholder, fallback, sentence })
}

/** Addresses at which peers can dial by TCP. */
export function multiaddrs(placeholder: string, sentence: string): Setting<readonly string[]> {
  const check = (value: unknown): readonly string[] => {
    const addresses = textsOf(value)
    const wrong = addresses.find((one) => !isTcpAddress(one))
    if (wrong === undefined) return addresses
    throw new Error(`expected multiaddrs such as /dns4/node.example/tcp/9000 (not "${wrong}")`)
  }
  return listOf(check, { placeholder, fallback: [], sentence })
}

const MAX_PORT = 65_535

/** Whether a peer can be told to dial this: an address or a name, and a port. */
function isTcpAddress(text: string): boolean {
  const [, kind, host = '', port] =
    /^\/(ip4|ip6|dns|dns4|dns6)\/([^/]+)\/tcp\/(\d{1,5})$/.exec(text) ?? []
  if (Number(port) < 1 || Number(port) > MAX_PORT) return false
  if (kind === 'ip4') return isIP(host) === 4
  if (kind === 'ip6') return isIP(host) === 6
  return kind !== undefined && /^[\w.-]+$/.test(host)
}

/** Web origins as browsers send them, a port of `*` for any, or `*` alone. */
export function origins(placeholder: string, sentence: string): Setting<readonly string[]> {
  const check = (value: unknown): readonly string[] => {
    const rules = textsOf(value)
    const wrong = rules.find(
      (rule) => !/^(\*|null|[a-z][a-z\d+.-]*:\/\/[^/\s*]+(:\*)?)$/i.test(rule),
    )
    if (wrong === undefined) return rules
    throw new Error(
      `expected web origins such as http://localhost:3000 or http://localhost:*, without a path (not "${wrong}")`,
    )
  }
  return listOf(check, { placeholder, fallback: [], sentence })
}

/**
 * Numbers from 0 up by name; which names there are is known to who uses them. As text they are
 * `name=number` with commas between them, and of a name that stands twice the last one counts.
 */
export function numbersByName(placeholder: string, sentence: string): Setting<NumbersByName> {
  const check = (value: unknown): NumbersByName => {
    if (!isNumbersByName(value)) throw new Error('expected numbers from 0 up by name')
    return value
  }
  const parse = (value: string): NumbersByName => {
    const pairs = parts(value)
    const wrong = pairs.find((pair) => !/^[a-zA-Z]+=\d+(\.\d+)?$/.test(pair))
    if (wrong !== undefined)
      throw new Error(`expected name=number pairs separated by commas (not "${wrong}")`)
    return Object.fromEntries(pairs.map((pair) => numberByName(...pair.split('='))))
  }
  return setting({ check, parse }, { placeholder, fallback: {}, sentence, fallbackText: '' })
}

interface Range {
  readonly min: number
  readonly max: number
}

/** A whole number in a range. */
export function whole(
  placeholder: string,
  fallback: number,
  { min, max }: Range,
  sentence: string,
): Setting<number> {
  const check = (value: unknown): number => {
    if (isSafeInteger(value) && value >= min && value <= max) return value
    throw new Error(`expected a whole number from ${min} to ${max}`)
  }
  const parse = (value: string): number => (/^\d+$/.test(value) ? Number(value) : Number.NaN)
  return setting({ check, parse }, { placeholder, fallback, sentence })
}

/** The port of a server that programs reach by `fetch`; 0 is a free one. */
export function webPort(sentence: string): Setting<number> {
  const port = whole('<port>', 0, { min: 0, max: MAX_PORT }, sentence)
  const check = (value: unknown): number => {
    const number = port.check(value)
    if (BLOCKED_PORTS.has(number)) throw new Error(`choose another port: ${BLOCKED_PORT_REASON}`)
    return number
  }
  return { ...port, check, read: (text) => check(port.read(text)) }
}

/** A number from 0 up, with a fraction or without. */
export function decimal(placeholder: string, fallback: number, sentence: string): Setting<number> {
  const check = (value: unknown): number => {
    if (isFromZeroUp(value)) return value
    throw new Error('expected a number such as 1 or 0.5')
  }
  const parse = (value: string): number =>
    /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN
  return setting({ check, parse }, { placeholder, fallback, sentence })
}

/** A part of a whole, above 0 and up to 1. */
export function share(placeholder: string, fallback: number, sentence: string): Setting<number> {
  const check = (value: unknown): number => {
    if (isFromZeroUp(value) && value > 0 && value <= 1) return value
    throw new Error('expected a number above 0, at most 1, such as 0.1')
  }
  const parse = (value: string): number =>
    /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN
  return setting({ check, parse }, { placeholder, fallback, sentence })
}

/** Yes or no; as text `true` or `false`, `1` or `0`. */
export function flag(sentence: string, fallback = false): Setting<boolean> {
  const check = (value: unknown): boolean => {
    if (typeof value === 'boolean') return value
    throw new Error('expected true or false')
  }
  const parse = (value: string): unknown => {
    if (value === 'true' || value === '1') return true
    return value === 'false' || value === '0' ? false : value
  }
  return setting({ check, parse }, { placeholder: '', fallback, sentence })
}

/** One of several words. */
export function choice<const T extends string>(
  placeholder: string,
  values: readonly T[],
  fallback: T,
  sentence: string,
): Setting<T> {
  const check = (value: unknown): T => {
    const found = values.find((one) => one === value)
    if (found === undefined) throw new Error(`expected one of ${values.join(', ')}`)
    return found
  }
  const full = `${sentence} One of ${values.join(', ')}.`
  return setting<T>({ check }, { placeholder, fallback, sentence: full })
}

/** So many bytes as hex; empty means none. */
export function optionalHex(
  placeholder: string,
  bytes: number,
  sentence: string,
): Setting<Hex | ''> {
  const check = (value: unknown): Hex | '' => {
    if (value === '') return ''
    if (typeof value === 'string' && parseHex(value)?.length === bytes)
      return value.toLowerCase() as Hex
    const isAddress = typeof value === 'string' && parseAddress(value) !== undefined
    throw new Error(
      `expected ${bytes} bytes as 0x-prefixed hex${isAddress ? ' (this is an address)' : ''}`,
    )
  }
  return setting<Hex | ''>({ check }, { placeholder, fallback: '', sentence })
}

function listOf(
  check: (value: unknown) => readonly string[],
  shown: Shown<readonly string[]>,
): Setting<readonly string[]> {
  return setting({ check, parse: parts }, shown)
}

function parts(value: string): readonly string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function numberByName(name = '', number = ''): readonly [string, number] {
  return [name, Number(number)]
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  throw new Error('expected text')
}

function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
  throw new Error('expected a list of texts')
}

function isPlainHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, search, hash } = new URL(text)
  const isBare = [username, password, search, hash].every((part) => part === '')
  return /^https?:$/.test(protocol) && isBare && !/[?#]/.test(text)
}

function isSafeInteger(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function isFromZeroUp(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function isNumbersByName(value: unknown): value is NumbersByName {
  return isRecord(value) && Object.values(value).every(isFromZeroUp)
}
