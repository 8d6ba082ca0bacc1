import { expect, test } from 'vitest'
import { atLeast, FORKS, parseFork } from '../../src/tx/fork.ts'

test('every fork is known by its name in any case', () => {
  for (const fork of FORKS) {
    expect(parseFork(fork)).toBe(fork)
    expect(parseFork(fork.toUpperCase())).toBe(fork)
  }
})

test.each([
  ['SpuriousDragon', 'eip158'],
  ['Petersburg', 'constantinoplefix'],
  ['Merge', 'paris'],
])('%s is another name of %s', (name, fork) => {
  expect(parseFork(name)).toBe(fork)
})

test.each(['', 'toString', 'constructor', '__proto__', 'osaka '])('%j names no fork', (name) => {
  expect(parseFork(name)).toBeUndefined()
})

test('a fork is at least itself and every earlier one', () => {
  expect(atLeast('london', 'london')).toBe(true)
  expect(atLeast('london', 'berlin')).toBe(true)
  expect(atLeast('berlin', 'london')).toBe(false)
})
