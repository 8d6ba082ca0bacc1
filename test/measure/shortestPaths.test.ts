import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Delivery } from '../../src/measure/delivery.ts'
import { spreadsOf } from '../../src/measure/delivery.ts'
import { propagationOf } from '../../src/measure/propagation.ts'
import { shortestPaths, type Link } from '../../src/measure/shortestPaths.ts'

const links: readonly Link[] = [
  { a: 0, b: 1, latencyMs: 10 },
  { a: 1, b: 2, latencyMs: 10 },
  { a: 0, b: 2, latencyMs: 50 },
  { a: 3, b: 4, latencyMs: 1 },
]

describe('shortest paths', () => {
  test('go by way of others where that is quicker, the same both ways', () => {
    const ms = shortestPaths(links)
    expect([ms(0, 2), ms(2, 0), ms(0, 0), ms(0, 4)]).toEqual([20, 20, 0, undefined])
  })

  test('are no longer than any walk over the links, and some walk is as long', () => {
    const link = fc.record({
      a: fc.integer({ min: 0, max: 7 }),
      b: fc.integer({ min: 0, max: 7 }),
      latencyMs: fc.integer({ min: 0, max: 30 }),
    })
    fc.assert(
      fc.property(fc.array(link, { maxLength: 20 }), (network) => {
        const ms = shortestPaths(network)
        const of = (node: number): number => ms(0, node) ?? Infinity
        const steps = network.flatMap(({ a, b, latencyMs }) => [
          { from: a, to: b, latencyMs },
          { from: b, to: a, latencyMs },
        ])
        for (const { from, to, latencyMs } of steps)
          expect(of(to)).toBeLessThanOrEqual(of(from) + latencyMs)
        const reached = steps.map(({ to }) => to).filter((node) => Number.isFinite(of(node)))
        const isLast = ({ from, to, latencyMs }: (typeof steps)[number]): boolean =>
          of(from) + latencyMs === of(to)
        for (const node of reached.filter((one) => one !== 0))
          expect(steps.some((step) => step.to === node && isLast(step))).toBe(true)
      }),
    )
  })
})

describe('figures of a run with planned links and regions', () => {
  const copy = (node: number, judgedMs: number, from?: number): Delivery => ({
    hash: '0xaa',
    node,
    from,
    receivedMs: judgedMs,
    judgedMs,
    queuedMs: 0,
    route: 'push',
    outcome: 'accepted',
    bytes: 1,
  })
  const spreads = spreadsOf(
    [copy(0, 100), copy(1, 112, 0), copy(2, 125, 1)],
    () => new Set([0, 1, 2]),
  )
  const endMs = 1_000
  const regions = ['here', 'there', 'there']

  test('stand beside what the links alone would take', () => {
    const { bound } = propagationOf(spreads, { endMs, boundMs: shortestPaths(links) })
    expect(bound).toMatchObject({ latencyMs: { count: 2, p50: 10, p99: 20 }, ratioP99: 1.25 })
    expect(propagationOf(spreads, { endMs }).bound).toBeNull()
  })

  test('are told from region to region', () => {
    const figures = propagationOf(spreads, { endMs, regionOf: (node) => regions[node] })
    expect(figures.regions).toMatchObject([
      { from: 'here', to: 'there', latencyMs: { count: 2, p50: 12, max: 25 } },
    ])
    expect(propagationOf(spreads, { endMs }).regions).toEqual([])
  })

  test('count nodes that an item never reached: their ways, their regions', () => {
    const short = spreadsOf([copy(0, 100), copy(1, 112, 0)], () => new Set([0, 1, 2]))
    const { bound, regions: between } = propagationOf(short, {
      endMs,
      boundMs: shortestPaths(links),
      regionOf: (node) => regions[node],
    })
    expect(bound).toMatchObject({ latencyMs: { count: 2, of: 2, p99: 20 }, ratioP99: null })
    expect(between).toMatchObject([
      { latencyMs: { count: 1, of: 2, p50: 12, p99: null, atLeast: { p50: null, p99: 900 } } },
    ])
  })

  test('count duplicates against the mesh that sent them', () => {
    const again = { ...copy(2, 126, 0), outcome: 'duplicate' as const }
    const both = spreadsOf(
      [copy(0, 100), copy(1, 112, 0), copy(2, 125, 1), again],
      () => new Set([0, 1, 2]),
    )
    expect(propagationOf(both, { endMs, meshDegree: 3 })).toMatchObject({
      meshDegree: 3,
      duplicatesPerDelivery: 0.5,
      duplicatesOverMesh: 0.5,
    })
    expect(propagationOf(both, { endMs, meshDegree: 2 }).duplicatesOverMesh).toBeNull()
  })

  test('have the error of the clocks of the two nodes', () => {
    const { latencyMs, validationMs, toCoverageMs } = propagationOf(spreads, {
      endMs,
      errorMs: (a, b) => (a === b ? 0 : 3),
    })
    expect([latencyMs.errorMs, toCoverageMs[50].errorMs, validationMs.errorMs]).toEqual([3, 3, 0])
  })
})
