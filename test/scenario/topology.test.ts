import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/lib/random.ts'
import { geographic } from '../../src/scenario/topology/geographic.ts'
import { Graph, type Edge } from '../../src/scenario/topology/graph.ts'
import { complete, line, ring, star } from '../../src/scenario/topology/plain.ts'
import { randomRegular } from '../../src/scenario/topology/randomRegular.ts'
import { smallWorld } from '../../src/scenario/topology/smallWorld.ts'

function degrees(nodes: number, edges: readonly Edge[]): number[] {
  const graph = new Graph(nodes, edges)
  return Array.from({ length: nodes }, (_, node) => graph.neighbours(node).size)
}

/** No link to itself or twice, in range, the smaller end first, and a way from each node to each. */
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
        const options = { near: 2, far, latencyMs }
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
})
