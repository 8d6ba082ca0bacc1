import { isRecord } from '../../lib/records.ts'
import { parseAddress, type Address } from '../../crypto/address.ts'
import { parseHash, type Hash } from '../../crypto/keccak.ts'
import { parseHex } from '../../lib/bytes.ts'
import { nearestName } from '../../lib/editDistance.ts'

/**
 * One kind of JSON value: what a person should have written, and how it is read; `undefined` for
 * anything else.
 */
export interface FieldKind<T> {
  readonly expected: string
  read(value: unknown): T | undefined
}

/** A number below 2^64. */
export const UINT64: FieldKind<bigint> = integerBelow(2n ** 64n, '2^64')
/** A number below 2^256. */
export const UINT256: FieldKind<bigint> = integerBelow(2n ** 256n, '2^256')
/** Bytes as hex; empty text is none. */
export const BYTES: FieldKind<Uint8Array> = {
  expected: '0x hex of whole bytes',
  read: (value) => parseHex(value === '' ? '0x' : value),
}
/** A hash, 32 bytes as hex. */
export const HASH: FieldKind<Hash> = { expected: '32 bytes of 0x hex', read: parseHash }
/** An address, 20 bytes as hex. */
export const ADDRESS: FieldKind<Address> = { expected: '20 bytes of 0x hex', read: parseAddress }

/** The keys that an object of the file may have. */
export interface KnownKeys {
  readonly read: readonly string[]
  /** Those that mean something to other clients and nothing here. */
  readonly ignored?: readonly string[]
}

/**
 * Reads the fields of JSON objects and collects what is wrong with them, one line each, by their
 * path in the file.
 */
export class JsonFields {
  readonly defects: string[] = []
  /**
   * What is said to whoever wrote the file, though it can be read: one line for each key that
   * nobody knows.
   */
  readonly notes: string[] = []

  defect(path: string, message: string): void {
    this.defects.push(path === '' ? message : `${path}: ${message}`)
  }

  /** The object at `path`, or an empty one where something else stands there. */
  object(path: string, value: unknown, expected: string): Readonly<Record<string, unknown>> {
    if (isRecord(value)) return value
    this.defect(path, unexpected(expected, value))
    return {}
  }

  /**
   * The object at `path` with its keys as `known` spells them: a file may write them in any case,
   * as geth takes them. A key that is there in two spellings is a defect; one that nobody knows is
   * left out and noted.
   */
  keyed(
    path: string,
    value: unknown,
    expected: string,
    known: KnownKeys,
  ): Readonly<Record<string, unknown>> {
    const spelling = new Map(known.read.map((key) => [key.toLowerCase(), key]))
    const ignored = new Set(known.ignored?.map((key) => key.toLowerCase()))
    const keyed: Record<string, unknown> = {}
    for (const [given, member] of Object.entries(this.object(path, value, expected))) {
      const key = spelling.get(given.toLowerCase())
      if (key === undefined) {
        if (!ignored.has(given.toLowerCase())) this.#note(path, given, known.read)
      } else if (Object.hasOwn(keyed, key)) this.defect(within(path, key), 'the key is there twice')
      else keyed[key] = member
    }
    return keyed
  }

  #note(path: string, given: string, known: readonly string[]): void {
    const nearest = nearestName(given, known)
    const hint = nearest === undefined ? '' : `; is it ${nearest}?`
    this.notes.push(`${within(path, given)}: an unknown key, without effect${hint}`)
  }

  /** The value at `path`, or `fallback` and a defect where it is missing or of another kind. */
  required<T>(path: string, value: unknown, kind: FieldKind<T>, fallback: T): T {
    const read = kind.read(value)
    if (read === undefined) this.defect(path, unexpected(kind.expected, value))
    return read ?? fallback
  }

  /** Like {@link required}, but what is left out or null is `absent` without a defect. */
  optional<T, A>(path: string, value: unknown, kind: FieldKind<T>, absent: A): T | A {
    if (isAbsent(value)) return absent
    const read = kind.read(value)
    if (read !== undefined) return read
    this.defect(path, unexpected(kind.expected, value))
    return absent
  }
}

function within(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

/** Whether a field was left out, or is null. */
export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null
}

/**
 * No longer than 256 bits need: reading a decimal takes a time that grows with the square of its
 * digits.
 */
const DECIMAL = /^[0-9]{1,78}$/
const HEX_INTEGER = /^0x[0-9a-fA-F]{0,64}$/

/**
 * An integer as geth takes it: a JSON number, a decimal string or 0x hex (empty is 0); from a
 * program also a bigint.
 */
function integerBelow(limit: bigint, name: string): FieldKind<bigint> {
  return {
    expected: `a whole number below ${name}, as 0x hex or decimal`,
    read: (value) => {
      const number = integerOf(value)
      return number !== undefined && number < limit ? number : undefined
    },
  }
}

function integerOf(value: unknown): bigint | undefined {
  if (typeof value === 'number') return wholeNumber(value)
  if (typeof value === 'bigint') return value >= 0n ? value : undefined
  if (typeof value !== 'string') return undefined
  if (value === '' || value === '0x') return 0n
  return DECIMAL.test(value) || HEX_INTEGER.test(value) ? BigInt(value) : undefined
}

/**
 * Beyond 2^53 a JSON number has already lost digits: only a total difficulty stands so in real
 * files.
 */
function wholeNumber(value: number): bigint | undefined {
  return Number.isInteger(value) && value >= 0 ? BigInt(value) : undefined
}

function unexpected(expected: string, value: unknown): string {
  return value === undefined
    ? `missing, expected ${expected}`
    : `expected ${expected}, got ${shown(value)}`
}

function shown(value: unknown): string {
  const plain = (_: string, part: unknown) => (typeof part === 'bigint' ? part.toString() : part)
  const text = JSON.stringify(value, plain) ?? typeof value
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
