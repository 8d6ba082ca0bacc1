/**
 * Parameters as data: a kind says how a value is called in the documentation and how it is read, a
 * method's list of parameters is checked from it. Wrong values are answered in geth's words with
 * code -32602.
 */
import { isRecord } from '../lib/records.ts'
import { parseAddress, type Address } from '../crypto/address.ts'
import { parseHash, type Hash } from '../crypto/keccak.ts'
import { parseHex } from '../lib/bytes.ts'
import { SCHEMAS } from './schemas.ts'
import type { JsonObject } from './server/json.ts'
import { invalidParams, type RpcError } from './errors.ts'

/**
 * How a parameter of one sort is named and read. `read` throws a {@link ParamError} that says what
 * is wrong.
 */
export interface ParamKind<T> {
  readonly type: string
  /** JSON Schema of what is taken, for OpenRPC. */
  readonly schema: JsonObject
  readonly read: (value: unknown) => T
}

/** One parameter of a method. An absent or null optional parameter reads as `undefined`. */
export interface Param<T> {
  readonly name: string
  readonly type: string
  readonly schema: JsonObject
  readonly optional: boolean
  readonly read: (value: unknown) => T
}

/**
 * A value that is not of its kind; becomes "invalid argument N: ..." or the message as it stands.
 */
export class ParamError extends Error {
  override readonly name = 'ParamError'
  /** Whether the message already is the whole answer. */
  readonly whole: boolean

  constructor(message: string, whole = false) {
    super(message)
    this.whole = whole
  }
}

/** The values that a list of parameters reads to. */
export type Values<P extends readonly Param<unknown>[]> = {
  [I in keyof P]: P[I] extends Param<infer T> ? T : never
}

/** A parameter that must be given. */
export function required<T>(name: string, kind: ParamKind<T>): Param<T> {
  return { name, ...kind, optional: false }
}

/** A parameter that may be left out. */
export function optional<T>(name: string, kind: ParamKind<T>): Param<T | undefined> {
  return { name, ...kind, optional: true }
}

/**
 * Reads arguments by position, or by name from an object whose names are those of `params`; throws
 * the -32602 error that geth would answer, which takes positions alone.
 */
export function readParams<P extends readonly Param<unknown>[]>(
  params: P,
  given: unknown,
): Values<P> {
  const list = argumentList(params, given)
  if (list.length > params.length) throw tooManyArguments(params.length)
  const values = params.map((param, index) => readParam(param, list[index], index))
  // A mapped tuple type cannot be built member by member: `map` is known only as an array of
  // unknown.
  return values as Values<P>
}

/** The error for more arguments than are taken. */
export function tooManyArguments(most: number): RpcError {
  return invalidParams(`too many arguments, want at most ${most}`)
}

function argumentList(params: readonly Param<unknown>[], given: unknown): readonly unknown[] {
  if (given === undefined || given === null) return []
  if (Array.isArray(given)) return given
  if (!isRecord(given)) throw invalidParams('non-array args')
  const unknown = Object.keys(given).find((key) => params.every(({ name }) => name !== key))
  if (unknown === undefined) return params.map(({ name }) => ownValue(given, name))
  const names = params.length === 0 ? 'none' : params.map(({ name }) => name).join(', ')
  throw invalidParams(`unknown argument "${unknown.slice(0, 80)}": the names are ${names}`)
}

/** `undefined` for what an object has from its prototype alone. */
function ownValue(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function readParam(param: Param<unknown>, value: unknown, index: number): unknown {
  if (value === undefined || value === null) {
    if (param.optional) return undefined
    throw invalidParams(`missing value for required argument ${index}`)
  }
  try {
    return param.read(value)
  } catch (error) {
    if (!(error instanceof ParamError)) throw error
    throw invalidParams(error.whole ? error.message : `invalid argument ${index}: ${error.message}`)
  }
}

const MAX_UINT64 = 2n ** 64n - 1n
const MAX_UINT256 = 2n ** 256n - 1n

/** A hash, 32 bytes as hex. */
export const hashKind: ParamKind<Hash> = {
  type: 'hash (32 bytes)',
  schema: SCHEMAS.hash,
  read: (value) => parseHash(value) ?? fail(fixedBytesDefect(value, 32, 'common.Hash')),
}

/** An address, 20 bytes as hex. */
export const addressKind: ParamKind<Address> = {
  type: 'address (20 bytes)',
  schema: SCHEMAS.address,
  read: (value) => parseAddress(value) ?? fail(fixedBytesDefect(value, 20, 'common.Address')),
}

/** Bytes as hex. */
export const bytesKind: ParamKind<Uint8Array> = {
  type: 'bytes',
  schema: SCHEMAS.bytes,
  read: (value) =>
    parseHex(value) ?? fail(unmarshalDefect(value, bytesDefect(value), 'hexutil.Bytes')),
}

/** True or false. */
export const booleanKind: ParamKind<boolean> = {
  type: 'boolean',
  schema: SCHEMAS.boolean,
  read: (value) =>
    typeof value === 'boolean' ? value : fail(unmarshalDefect(value, undefined, 'bool')),
}

/** Any text. */
export const textKind: ParamKind<string> = {
  type: 'text',
  schema: SCHEMAS.text,
  read: (value) =>
    typeof value === 'string' ? value : fail(unmarshalDefect(value, undefined, 'string')),
}

/** A quantity of at most 64 bits, such as a nonce or an amount of gas. */
export const uint64Kind: ParamKind<bigint> = {
  type: 'quantity (64 bits)',
  schema: SCHEMAS.quantity,
  read: (value) => readQuantity(value, MAX_UINT64, 'hexutil.Uint64'),
}

/** A quantity of at most 256 bits, such as an amount of wei. */
export const uint256Kind: ParamKind<bigint> = {
  type: 'quantity (256 bits)',
  schema: SCHEMAS.quantity,
  read: (value) => readQuantity(value, MAX_UINT256, 'hexutil.Big'),
}

/** A position in a list: a quantity that is a safe integer. */
export const indexKind: ParamKind<number> = {
  type: 'index (quantity)',
  schema: SCHEMAS.quantity,
  read: (value) => Number(readQuantity(value, BigInt(Number.MAX_SAFE_INTEGER), 'hexutil.Uint')),
}

/**
 * A count as a quantity, as decimal text or as a number, as `math.HexOrDecimal64` of geth takes it.
 */
export const countKind: ParamKind<number> = {
  type: 'count (quantity or number)',
  schema: { type: ['integer', 'string'] },
  read: (value) => {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
    if (typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value)
    return indexKind.read(value)
  },
}

/** A list whose members are of one kind. */
export function listKind<T>(kind: ParamKind<T>, maxItems: number): ParamKind<readonly T[]> {
  return {
    type: `list of ${kind.type}`,
    schema: { type: 'array', items: kind.schema, maxItems },
    read: (value) => {
      if (!Array.isArray(value)) return fail(unmarshalDefect(value, undefined, 'list'))
      if (value.length > maxItems)
        return fail(`list has ${value.length} items, at most ${maxItems}`)
      return value.map((item) => kind.read(item))
    },
  }
}

/** A finite number. */
export const numberKind: ParamKind<number> = {
  type: 'number',
  schema: SCHEMAS.number,
  read: (value) =>
    typeof value === 'number' && Number.isFinite(value)
      ? value
      : fail(unmarshalDefect(value, undefined, 'float64')),
}

/**
 * What is wrong with `text` as a quantity in hex (no leading zeros, at least one digit);
 * `undefined` if nothing is.
 */
export function quantityDefect(text: string): string | undefined {
  if (text === '') return 'empty hex string'
  if (!/^0x/i.test(text)) return 'hex string without 0x prefix'
  if (text.length === 2) return 'hex string "0x"'
  if (!/^0x[0-9a-f]+$/i.test(text)) return 'invalid hex string'
  if (text.length > 3 && text[2] === '0') return 'hex number with leading zero digits'
  return undefined
}

/** Ends the reading of a parameter. */
export function fail(message: string): never {
  throw new ParamError(message)
}

function readQuantity(value: unknown, max: bigint, goType: string): bigint {
  if (typeof value !== 'string') return fail(unmarshalDefect(value, undefined, goType))
  const defect = quantityDefect(value) ?? (value.length > 66 ? tooLarge(max) : undefined)
  if (defect !== undefined) return fail(unmarshalDefect(value, defect, goType))
  const quantity = BigInt(value)
  return quantity <= max ? quantity : fail(unmarshalDefect(value, tooLarge(max), goType))
}

function tooLarge(max: bigint): string {
  return max === MAX_UINT256 ? 'hex number > 256 bits' : 'hex number > 64 bits'
}

function bytesDefect(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  if (value === '') return 'empty hex string'
  if (!value.startsWith('0x')) return 'hex string without 0x prefix'
  return value.length % 2 === 1 ? 'hex string of odd length' : 'invalid hex string'
}

function fixedBytesDefect(value: unknown, length: number, goType: string): string {
  if (typeof value === 'string' && parseHex(value) !== undefined)
    return `hex string has length ${value.length - 2}, want ${length * 2} for ${goType}`
  return unmarshalDefect(value, bytesDefect(value), goType)
}

function unmarshalDefect(value: unknown, defect: string | undefined, goType: string): string {
  return `json: cannot unmarshal ${defect ?? jsonType(value)} into Go value of type ${goType}`
}

function jsonType(value: unknown): string {
  if (typeof value === 'boolean') return 'bool'
  return Array.isArray(value) ? 'array' : typeof value
}
