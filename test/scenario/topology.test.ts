import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom, shuffled, type Random } from '../../src/lib/random.ts'
import { geographic, type GeographicOptions } from '../../src/scenario/topology/geographic.ts'
import { Graph, type Edge } from '../../src/scenario/topology/graph.ts'
import { complete, line, ring, star } from '../../src/scenario/topology/plain.ts'
import { randomRegular } from '../../src/scenario/topology/randomRegular.ts'
import { smallWorld } from '../../src/scenario/topology/smallWorld.ts'

function degrees(nodes: number, edges: readonly Edge[]): number[] {
  const graph = new Graph(nodes, edges)
  return Array.from({ length: nodes }, (_, node) => graph.neighbours(node).size)
}

/**
 * No link to itself or twice, in range, the smaller end first, and a way from each node to each.
 */
function expectSound(nodes: number, edges: readonly Edge[]): void {
  expect(edges.filter(([a, b]) => a >= b || a < 0 || b >= nodes)).toEqual([])
  expect(new Set(edges.map(([a, b]) => `${a}-${b}`)).size).toBe(edges.length)
  expect(new Graph(nodes, edges).parts()).toHaveLength(1)
}

const nodes = fc.integer({ min: 2, max: 60 })
const seed = fc.nat()

describe('a topology', () => {
  test.each([
    ['line', line, [1, 2, 2, 2, 1]],
    ['ring', ring, [2, 2, 2, 2, 2]],
    ['star', star, [4, 1, 1, 1, 1]],
    ['complete', complete, [4, 4, 4, 4, 4]],
  ] as const)('%s has the links of its name', (_, draw, expected) => {
    expect(degrees(5, draw(5))).toEqual(expected)
    fc.assert(fc.property(nodes, (count) => expectSound(count, draw(count))))
  })

  test('random-regular gives every node its degree, and the same for a seed', () => {
    const sizes = fc
      .tuple(fc.integer({ min: 3, max: 60 }), fc.integer({ min: 2, max: 20 }))
      .filter(([count, degree]) => degree < count && (count * degree) % 2 === 0)
    fc.assert(
      fc.property(sizes, seed, ([count, degree], from) => {
        const edges = randomRegular(count, degree, seededRandom(from))
        expectSound(count, edges)
        expect(new Set(degrees(count, edges))).toEqual(new Set([degree]))
        expect(randomRegular(count, degree, seededRandom(from))).toEqual(edges)
      }),
      { numRuns: 60 },
    )
  })

  test('random-regular leaves nothing of the circle it starts from', () => {
    const isNear = ([a, b]: Edge): boolean => Math.min(b - a, 200 - (b - a)) <= 4
    const edges = randomRegular(200, 8, seededRandom(1))
    expect(edges.filter(isNear).length / edges.length).toBeLessThan(0.1)
  })

  test('small-world keeps the number of links, rewires its share and stays in one part', () => {
    const sizes = fc
      .tuple(fc.integer({ min: 5, max: 60 }), fc.integer({ min: 1, max: 5 }))
      .map(([count, half]) => [count, 2 * half] as const)
      .filter(([count, degree]) => degree < count)
    fc.assert(
      fc.property(sizes, fc.double({ min: 0, max: 1, noNaN: true }), seed, (size, share, from) => {
        const [count, degree] = size
        const edges = smallWorld(count, degree, share, seededRandom(from))
        expectSound(count, edges)
        expect(edges.length).toBeGreaterThanOrEqual((count * degree) / 2)
        expect(smallWorld(count, degree, share, seededRandom(from))).toEqual(edges)
      }),
      { numRuns: 60 },
    )
    const kept = (share: number): number =>
      smallWorld(100, 6, share, seededRandom(3)).filter(
        ([a, b]) => Math.min(b - a, 100 - (b - a)) <= 3,
      ).length
    expect(kept(0)).toBe(300)
    expect(kept(0.5)).toBeGreaterThan(120)
    expect(kept(0.5)).toBeLessThan(190)
  })

  test('geographic links each node to its nearest and to some others', () => {
    const latencyMs = (a: number, b: number): number => Math.abs(a - b)
    fc.assert(
      fc.property(nodes, fc.integer({ min: 0, max: 5 }), seed, (count, far, from) => {
        const placeOf = Array.from({ length: count }, (_, node) => node)
        const options = { near: 2, far, placeOf, latencyMs }
        const edges = geographic(count, options, seededRandom(from))
        expectSound(count, edges)
        const graph = new Graph(count, edges)
        for (let node = 1; node < count - 1; node++)
          expect([graph.has(node, node - 1), graph.has(node, node + 1)]).toEqual([true, true])
        expect(geographic(count, options, seededRandom(from))).toEqual(edges)
      }),
      { numRuns: 60 },
    )
  })

  test('geographic is connected, gives each node its links, and few nodes many, whatever the places', () => {
    const places = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 300 })
    const counts = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }))
    fc.assert(
      fc.property(places, counts, seed, (placeOf, [near, far], from) => {
        const count = placeOf.length
        const options = { near, far, placeOf, latencyMs: betweenPlaces }
        const edges = geographic(count, options, seededRandom(from))
        expectSound(count, edges)
        const all = degrees(count, edges)
        // Those far ones come on top of the near ones, as long as there are others.
        expect(Math.min(...all)).toBeGreaterThanOrEqual(Math.min(count - 1, Math.max(near, far)))
        const drawn = edges.length - new Graph(count, edges).parts().length + 1
        expect(drawn).toBeLessThanOrEqual(count * (near + far) + count)
      }),
      { numRuns: 100 },
    )
    const placeOf = Array.from({ length: 5_000 }, (_, node) => node % 5)
    const options = { near: 5, far: 3, placeOf, latencyMs: betweenPlaces }
    const all = degrees(5_000, geographic(5_000, options, seededRandom(7)))
    // Eight of its own and eight that others choose on average: that many in excess are one in 10^9
    // (Poisson).
    expect(Math.max(...all)).toBeLessThan(8 + 40)
    expect(Math.min(...all)).toBeGreaterThanOrEqual(8)
  })

  test('geographic draws as comparing all pairs of nodes would: degrees and near links agree', () => {
    const placeOf = Array.from({ length: 60 }, (_, node) => (node < 4 ? 0 : 1 + (node % 4)))
    const options = { near: 5, far: 3, placeOf, latencyMs: betweenPlaces }
    const draws = Array.from({ length: 300 }, (_, from) => from)
    const figures = (draw: typeof geographic) => {
      const all = draws.map((from) => draw(60, options, seededRandom(from)))
      const links = mean(all.map((edges) => edges.length))
      const within = mean(
        all.map((edges) => edges.filter(([a, b]) => placeOf[a] === placeOf[b]).length),
      )
      const ofSmallPlace = mean(all.flatMap((edges) => degrees(60, edges).slice(0, 4)))
      return { links, within, ofSmallPlace }
    }
    const [fast, slow] = [figures(geographic), figures(byAllPairs)]
    const names = ['links', 'within', 'ofSmallPlace'] as const
    const apart = names.filter((name) => Math.abs(fast[name] / slow[name] - 1) > 0.015)
    expect(apart).toEqual([])
  })

  test('geographic takes 30,000 nodes, whose pairs are 900 million', () => {
    const placeOf = Array.from({ length: 30_000 }, (_, node) => node % 8)
    const options = { near: 5, far: 3, placeOf, latencyMs: betweenPlaces }
    const edges = geographic(30_000, options, seededRandom(1))
    expect(edges.length).toBeGreaterThan(230_000)
    expect(edges.length).toBeLessThanOrEqual(240_000)
  })
})

/** Of places on a line: within a place it is least, and the same wherever. */
function betweenPlaces(a: number, b: number): number {
  return 2 + 30 * Math.abs(a - b)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/**
 * As a geographic network is defined: for each node all others by distance, equal ones at random.
 */
function byAllPairs(count: number, options: GeographicOptions, random: Random): Edge[] {
  const graph = new Graph(count)
  const all = Array.from({ length: count }, (_, index) => index)
  const placeOf = (node: number): number => options.placeOf[node] ?? 0
  for (const node of all) {
    const others = shuffled(random, all).filter((other) => other !== node)
    const byDistance = others.toSorted(
      (a, b) =>
        options.latencyMs(placeOf(node), placeOf(a)) - options.latencyMs(placeOf(node), placeOf(b)),
    )
    for (const other of byDistance.slice(0, options.near)) graph.add(node, other)
    const strangers = shuffled(random, all).filter((other) => other !== node)
    const free = strangers.filter((other) => !graph.has(node, other))
    for (const other of free.slice(0, options.far)) graph.add(node, other)
  }
  graph.join(random)
  return graph.edges()
}
