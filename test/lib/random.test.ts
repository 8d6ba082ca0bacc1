import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sample, seededRandom, shuffled, systemRandom, type Random } from '../../src/lib/random.ts'

const draw = (random: Random, count: number): number[] =>
  Array.from({ length: count }, () => random.next())

describe('a seed', () => {
  test('repeats its numbers, and another seed gives others', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => {
        expect(draw(seededRandom(a), 20)).toEqual(draw(seededRandom(a), 20))
        expect(
          JSON.stringify(draw(seededRandom(a), 4)) === JSON.stringify(draw(seededRandom(b), 4)),
        ).toBe(a === b)
      }),
    )
  })

  test('of neighbouring numbers gives unrelated first numbers', () => {
    const firsts = Array.from({ length: 1000 }, (_, seed) => seededRandom(seed).next())
    expect(new Set(firsts).size).toBe(1000)
    const mean = firsts.reduce((sum, value) => sum + value, 0) / firsts.length
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.05)
  })
})

describe.each([
  ['seeded', seededRandom(7)],
  ["the system's", systemRandom],
])('%s numbers', (_name, random) => {
  test('are in [0, 1), and integers in [0, limit)', () => {
    for (let i = 0; i < 1000; i++) {
      const value = random.next()
      expect(value >= 0 && value < 1).toBe(true)
      const integer = random.int(7)
      expect(Number.isInteger(integer) && integer >= 0 && integer < 7).toBe(true)
    }
  })
})

test('integers of a seed fall on every value about equally often', () => {
  const random = seededRandom(42)
  const counts = Array<number>(8).fill(0)
  for (let i = 0; i < 80_000; i++) {
    const value = random.int(8)
    counts[value] = (counts[value] ?? 0) + 1
  }
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500)
})

describe('samples', () => {
  const items = fc.uniqueArray(fc.nat(), { maxLength: 30 })

  test('are so many different members as asked for, or all, and leave the items alone', () => {
    fc.assert(
      fc.property(fc.integer(), items, fc.nat(40), (seed, items, count) => {
        const before = [...items]
        const chosen = sample(seededRandom(seed), items, count)
        expect(chosen).toHaveLength(Math.min(count, items.length))
        expect(new Set(chosen).size).toBe(chosen.length)
        expect(items).toEqual(expect.arrayContaining(chosen))
        expect(items).toEqual(before)
      }),
    )
  })

  test('of the whole are the whole in another order', () => {
    fc.assert(
      fc.property(fc.integer(), items, (seed, items) => {
        const order = shuffled(seededRandom(seed), items)
        expect(order).toHaveLength(items.length)
        expect(new Set(order)).toEqual(new Set(items))
      }),
    )
  })

  test('of three in all orders are about equally frequent', () => {
    const random = seededRandom(3)
    const counts = new Map<string, number>()
    for (let i = 0; i < 6000; i++) {
      const order = shuffled(random, ['a', 'b', 'c']).join('')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(6)
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })
})
