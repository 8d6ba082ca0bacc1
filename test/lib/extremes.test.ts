import { expect, test } from 'vitest'
import { maxOf, minOf } from '../../src/lib/extremes.ts'

test('the extremes of a million numbers are found, more than a call takes as arguments', () => {
  const values = Array.from({ length: 1_000_000 }, (_, index) => (index * 7_919) % 1_000_003)
  expect([minOf(values), maxOf(values)]).toEqual([0, values.toSorted((a, b) => b - a)[0]])
})

test('of no numbers the smallest is Infinity and the largest -Infinity', () => {
  expect([minOf([]), maxOf([])]).toEqual([Infinity, -Infinity])
})
