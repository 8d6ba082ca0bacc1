import { describe, expect, test } from 'vitest'
import { numberIn, positiveNumber, wholeNumber } from '../../src/cli/options/options.ts'

describe('a number of an option', () => {
  test.each([
    ['1e3', 1_000],
    ['1E-9', 1e-9],
    ['2.5e+1', 25],
    ['.5', 0.5],
    ['007', 7],
  ])('%s is read as %d', (text, number) => expect(numberIn(text)).toBe(number))

  test.each(['', ' 1', '1.', 'e3', '1e', '0x10', '-1', '+1', 'Infinity', '1_000', '1e3.5'])(
    '"%s" is refused as none',
    (text) => expect(numberIn(text)).toBeNaN(),
  )

  test('that is whole may be written with an exponent, and is refused if it comes to a part', () => {
    expect(wholeNumber(2, 1_000)('1e3')).toBe(1_000)
    expect(() => wholeNumber(2, 1_000)('1e4')).toThrow('Expected a whole number from 2 to 1000.')
    expect(() => wholeNumber(0, 9)('1e-1')).toThrow('Expected a whole number from 0 to 9.')
  })

  test('above 0 may be as small as 1e-9, and is refused as 0 or where it is beyond the largest', () => {
    expect(positiveNumber(1)('1e-9')).toBe(1e-9)
    for (const text of ['0e5', '1e-400', '1e1'])
      expect(() => positiveNumber(1)(text)).toThrow('Expected a number above 0, at most 1.')
  })
})
