import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bigintToBytes,
  bigintToFixedBytes,
  bytesToBigint,
  bytesToHex,
  compareBytes,
  concatBytes,
  equalBytes,
  hexToBytes,
  parseHex,
} from '../../src/lib/bytes.ts'

const anyBytes = fc.uint8Array({ maxLength: 80 })
const anyInteger = fc.bigInt({ min: 0n, max: 2n ** 300n })

describe('hex', () => {
  test('of any bytes is lower case and comes back', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const hex = bytesToHex(bytes)
        expect(hex).toMatch(/^0x([0-9a-f]{2})*$/)
        expect(hexToBytes(hex)).toEqual(bytes)
        expect(parseHex(`0x${hex.slice(2).toUpperCase()}`)).toEqual(bytes)
      }),
    )
  })

  test('of a view shows the view, not the buffer under it', () => {
    expect(bytesToHex(Uint8Array.of(1, 2, 3, 4).subarray(1, 3))).toBe('0x0203')
  })

  test.each(['', '0', '0x0', '0x123', 'ab', '0xgg', '0x 1', '0X12', '0x12\n', '12', 5, null, {}])(
    'is not read from %j',
    (value) => {
      expect(parseHex(value)).toBeUndefined()
    },
  )

  test('that is none throws a TypeError which shows the start of it only', () => {
    expect(() => hexToBytes('nonsense')).toThrow(TypeError)
    expect(() => hexToBytes(`0x${'z'.repeat(5000)}`)).toThrow(/^.{0,160}$/)
  })
})

describe('integers', () => {
  test('have minimal bytes, without leading zeros, that come back', () => {
    fc.assert(
      fc.property(anyInteger, (value) => {
        const bytes = bigintToBytes(value)
        expect(bytes[0]).not.toBe(0)
        expect(bytesToBigint(bytes)).toBe(value)
      }),
    )
  })

  test('are read big-endian at every length, leading zeros or not', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        let expected = 0n
        for (const byte of bytes) expected = expected * 256n + BigInt(byte)
        expect(bytesToBigint(bytes)).toBe(expected)
      }),
    )
  })

  test.each([
    0n,
    1n,
    127n,
    128n,
    255n,
    256n,
    2n ** 48n - 1n,
    2n ** 48n,
    2n ** 56n,
    2n ** 64n - 1n,
    2n ** 64n,
  ])('come back at the boundary %d', (value) => {
    expect(bytesToBigint(bigintToBytes(value))).toBe(value)
    expect(bytesToBigint(bigintToFixedBytes(value, 32))).toBe(value)
  })

  test('of zero are no bytes, and no bytes are zero', () => {
    expect(bigintToBytes(0n)).toEqual(new Uint8Array(0))
    expect(bytesToBigint(new Uint8Array(0))).toBe(0n)
  })

  test('are padded on the left to a fixed length, and refused where they do not fit', () => {
    expect(bigintToFixedBytes(258n, 4)).toEqual(Uint8Array.of(0, 0, 1, 2))
    expect(bigintToFixedBytes(255n, 1)).toEqual(Uint8Array.of(255))
    expect(() => bigintToFixedBytes(256n, 1)).toThrow(RangeError)
  })

  test('below zero are refused', () => {
    expect(() => bigintToBytes(-1n)).toThrow(RangeError)
    expect(() => bigintToFixedBytes(-1n, 32)).toThrow(RangeError)
  })
})

describe('byte strings', () => {
  test('are joined in order, into bytes of their own', () => {
    const first = Uint8Array.of(1, 2)
    const joined = concatBytes(first, new Uint8Array(0), Uint8Array.of(3))
    first[0] = 9
    expect(joined).toEqual(Uint8Array.of(1, 2, 3))
    expect(concatBytes()).toEqual(new Uint8Array(0))
  })

  test('are equal exactly when their hex is, and ordered as their hex is', () => {
    fc.assert(
      fc.property(anyBytes, anyBytes, (a, b) => {
        const [left, right] = [bytesToHex(a), bytesToHex(b)]
        expect(equalBytes(a, b)).toBe(left === right)
        expect(equalBytes(a, a.slice())).toBe(true)
        expect(Math.sign(compareBytes(a, b))).toBe(left < right ? -1 : Number(left > right))
      }),
    )
  })
})
