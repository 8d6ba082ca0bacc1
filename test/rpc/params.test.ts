import { describe, expect, test } from 'vitest'
import {
  addressKind,
  booleanKind,
  bytesKind,
  countKind,
  hashKind,
  indexKind,
  listKind,
  numberKind,
  optional,
  readParams,
  required,
  uint256Kind,
  uint64Kind,
  type ParamKind,
} from '../../src/rpc/params.ts'

const twoParams = [required('a', uint64Kind), optional('b', booleanKind)] as const

function messageFor(kind: ParamKind<unknown>, value: unknown): string {
  try {
    readParams([required('x', kind)], [value])
    return 'taken'
  } catch (error) {
    return error instanceof Error ? error.message : 'not an error'
  }
}

describe('lists of parameters', () => {
  test('reads each by its kind and leaves out the optional ones', () => {
    expect(readParams(twoParams, ['0x2', true])).toEqual([2n, true])
    expect(readParams(twoParams, ['0x2'])).toEqual([2n, undefined])
    expect(readParams(twoParams, ['0x2', null])).toEqual([2n, undefined])
    expect(readParams([], undefined)).toEqual([])
    expect(readParams([], null)).toEqual([])
  })

  test('reads each by its name, in any order', () => {
    expect(readParams(twoParams, { b: true, a: '0x2' })).toEqual([2n, true])
    expect(readParams(twoParams, { a: '0x2' })).toEqual([2n, undefined])
    expect(readParams([], {})).toEqual([])
    expect(() => readParams([], { a: 1 })).toThrow('unknown argument "a": the names are none')
    expect(readParams([optional('toString', booleanKind)], {})).toEqual([undefined])
  })

  test.each([
    [[], 'missing value for required argument 0'],
    [[null], 'missing value for required argument 0'],
    [['0x1', true, 3], 'too many arguments, want at most 2'],
    ['0x1', 'non-array args'],
    [{ b: true }, 'missing value for required argument 0'],
    [{ a: '0x1', c: 1 }, 'unknown argument "c": the names are a, b'],
    [{ a: '0x1', b: 1 }, 'invalid argument 1: json: cannot unmarshal number'],
    [['0x1', 1], 'invalid argument 1: json: cannot unmarshal number into Go value of type bool'],
  ])('refuses %j in the words of geth', (given, message) => {
    expect(() => readParams(twoParams, given)).toThrow(message)
  })
})

const HASH = `0x${'Ab'.repeat(32)}`
const ADDRESS = `0x${'Cd'.repeat(20)}`

describe('kinds', () => {
  test('take what they are for', () => {
    expect(hashKind.read(HASH)).toBe(HASH.toLowerCase())
    expect(addressKind.read(ADDRESS)).toBe(ADDRESS.toLowerCase())
    expect(bytesKind.read('0x')).toEqual(new Uint8Array(0))
    expect(uint256Kind.read(`0x${'f'.repeat(64)}`)).toBe(2n ** 256n - 1n)
    expect(uint64Kind.read('0xffffffffffffffff')).toBe(2n ** 64n - 1n)
    expect(indexKind.read('0x10')).toBe(16)
    expect(countKind.read('0x10')).toBe(16)
    expect(countKind.read('10')).toBe(10)
    expect(countKind.read(10)).toBe(10)
    expect(listKind(numberKind, 2).read([1, 2.5])).toEqual([1, 2.5])
  })

  const cases: readonly [string, ParamKind<unknown>, unknown, string][] = [
    ['a hash without prefix', hashKind, HASH.slice(2), 'hex string without 0x prefix'],
    ['a hash too short', hashKind, '0x12', 'hex string has length 2, want 64 for common.Hash'],
    ['a number as hash', hashKind, 12, 'cannot unmarshal number into Go value of type common.Hash'],
    ['an odd address', addressKind, '0x123', 'hex string of odd length'],
    ['an address of letters', addressKind, '0xzz', 'invalid hex string'],
    ['bytes of odd length', bytesKind, '0x1', 'hex string of odd length'],
    ['empty text as bytes', bytesKind, '', 'empty hex string'],
    [
      'a list as bytes',
      bytesKind,
      [],
      'cannot unmarshal array into Go value of type hexutil.Bytes',
    ],
    ['a quantity with leading zeros', uint64Kind, '0x01', 'hex number with leading zero digits'],
    ['a quantity without digits', uint64Kind, '0x', 'hex string "0x"'],
    ['a number as quantity', uint64Kind, 1, 'cannot unmarshal number'],
    ['a quantity of 65 bits', uint64Kind, '0x10000000000000000', 'hex number > 64 bits'],
    ['a quantity of 257 bits', uint256Kind, `0x1${'0'.repeat(64)}`, 'hex number > 256 bits'],
    ['a negative count', countKind, -1, 'cannot unmarshal number'],
    ['too long a list', listKind(numberKind, 1), [1, 2], 'list has 2 items, at most 1'],
    ['an infinite number', numberKind, Infinity, 'cannot unmarshal number'],
  ]

  test.each(cases)('refuse %s', (_, kind, value, message) => {
    const answer = messageFor(kind, value)
    expect(answer).toContain('invalid argument 0: ')
    expect(answer).toContain(message)
  })
})
