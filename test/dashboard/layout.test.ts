import { describe, expect, test } from 'vitest'
import { placesOf } from '../../src/dashboard/server/layout.ts'

/** Every peer linked with the next eight. */
function band(count: number): [number, number][] {
  return Array.from({ length: count * 8 }, (_, at) => {
    const from = Math.floor(at / 8)
    return [from, (from + 1 + (at % 8)) % count]
  })
}

function leastGap(places: readonly (readonly [number, number])[]): number {
  const gaps = places.flatMap(([x, y], at) =>
    places.slice(at + 1).map(([otherX, otherY]) => Math.hypot(x - otherX, y - otherY)),
  )
  return Math.min(Infinity, ...gaps)
}

describe('places of peers', () => {
  test.each([1, 2, 8, 24, 25, 100])('keep %i peers apart and inside the square', (count) => {
    const places = placesOf(count, band(count))
    expect(places).toHaveLength(count)
    for (const value of places.flat()) expect(Math.abs(value - 0.5)).toBeLessThanOrEqual(0.45)
    expect(leastGap(places)).toBeGreaterThan(0.5 / Math.sqrt(count))
  })

  test('are the same for the same network', () => {
    expect(placesOf(60, band(60))).toEqual(placesOf(60, band(60)))
  })

  test('bring those that are linked nearer than the others', () => {
    const places = placesOf(60, band(60))
    const distance = (a: number, b: number): number => {
      const [[x, y], [otherX, otherY]] = [places[a] ?? [0, 0], places[b] ?? [0, 0]]
      return Math.hypot(x - otherX, y - otherY)
    }
    const mean = (pairs: readonly (readonly [number, number])[]): number =>
      pairs.reduce((sum, [a, b]) => sum + distance(a, b), 0) / pairs.length
    const far = Array.from({ length: 60 }, (_, at) => [at, (at + 30) % 60] as const)
    expect(mean(band(60))).toBeLessThan(mean(far) / 2)
  })

  test('leave room for the others when one peer has no links', () => {
    const places = placesOf(30, band(29))
    const reach = (at: 0 | 1): number => {
      const values = places.slice(0, 29).map((place) => place[at])
      return Math.max(...values) - Math.min(...values)
    }
    expect(Math.min(reach(0), reach(1))).toBeGreaterThan(0.75)
  })

  test('of links to peers that are not there are made all the same', () => {
    expect(placesOf(30, [[0, 99]])).toHaveLength(30)
  })
})
