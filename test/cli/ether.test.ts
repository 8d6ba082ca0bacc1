import { expect, test } from 'vitest'
import { etherText, readEther } from '../../src/cli/options/ether.ts'

test.each([
  ['0', 0n],
  ['1', 10n ** 18n],
  ['10000', 10n ** 22n],
  ['0.5', 5n * 10n ** 17n],
  ['0.000000000000000001', 1n],
])('%s ether is %d wei, and the other way round', (text, wei) => {
  expect(readEther(text)).toBe(wei)
  expect(etherText(wei)).toBe(text)
})

test.each(['', '-1', '1.', '.5', '1e3', '1,5', '0.0000000000000000001'])(
  '"%s" is no amount of ether',
  (text) => {
    expect(() => readEther(text)).toThrow('Expected an amount of ether')
  },
)
