import { describe, expect, test } from 'vitest'
import * as fc from 'fast-check'
import { hopOf, spreadsOf, type Delivery } from '../../src/measure/delivery.ts'
import { percentile, summarise } from '../../src/measure/percentile.ts'
import { propagationOf, timeToCoverageMs } from '../../src/measure/propagation.ts'

function delivery(fields: Partial<Delivery>): Delivery {
  return {
    hash: '0xaa',
    node: 0,
    from: undefined,
    receivedMs: 100,
    judgedMs: 100,
    queuedMs: 0,
    outcome: 'accepted',
    bytes: 10,
    ...fields,
  }
}

const two = (): number => 2

/** Node 0 is the origin; 1 hears from 0, 2 from 1; 1 gets a second copy from 2. */
const line: readonly Delivery[] = [
  delivery({ node: 0, receivedMs: 100, judgedMs: 101 }),
  delivery({ node: 1, from: 0, receivedMs: 103, judgedMs: 104 }),
  delivery({ node: 2, from: 1, receivedMs: 108, judgedMs: 110 }),
  delivery({ node: 1, from: 2, receivedMs: 111, judgedMs: 111, outcome: 'duplicate' }),
]

describe('percentile', () => {
  test('is always one of the values and never below its share of them', () => {
    const values = fc.array(fc.double({ noNaN: true, min: 0, max: 1e6 }), { minLength: 1 })
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 100 }), (list, percent) => {
        const ascending = [...list].sort((a, b) => a - b)
        const value = percentile(ascending, percent) ?? Number.NaN
        expect(ascending).toContain(value)
        expect(ascending.filter((one) => one <= value).length / list.length).toBeGreaterThanOrEqual(
          percent / 100,
        )
      }),
    )
  })

  test('of nothing is null in a summary', () => {
    expect(summarise([])).toEqual({
      count: 0,
      p50: null,
      p90: null,
      p99: null,
      max: null,
      errorMs: 0,
    })
  })
})

describe('spread', () => {
  test('counts latency from the stamp at the origin to the verdict of the first copy', () => {
    const figures = propagationOf(spreadsOf(line, two))
    expect(figures.latencyMs).toEqual({ count: 2, p50: 4, p90: 10, p99: 10, max: 10, errorMs: 0 })
    expect(figures.coverage).toBe(1)
  })

  test('leaves out nodes that came when the item had entered', () => {
    const isLiveAt = (node: number): boolean => node !== 1
    const figures = propagationOf(spreadsOf(line, () => 1, isLiveAt))
    expect(figures.latencyMs).toMatchObject({ count: 1, max: 10 })
    expect(figures.coverage).toBe(1)
  })

  test('counts copies after the first as duplicates per delivery', () => {
    expect(propagationOf(spreadsOf(line, two)).duplicatesPerDelivery).toBe(0.5)
  })

  test('measures a hop from arrival to arrival', () => {
    const { hops } = propagationOf(spreadsOf(line, two))
    expect(hops.map(({ hop, delayMs }) => [hop, delayMs.p50])).toEqual([
      [1, 3],
      [2, 5],
    ])
  })

  test('an item seen nowhere else has no coverage', () => {
    expect(propagationOf(spreadsOf(line.slice(0, 1), two)).coverage).toBe(0)
  })

  test('an item whose entry was not seen is left out', () => {
    expect(spreadsOf(line.slice(1), two)).toEqual([])
  })

  test('a refused copy is no delivery', () => {
    const refused = [...line.slice(0, 2), delivery({ node: 2, from: 1, outcome: 'refused' })]
    expect(propagationOf(spreadsOf(refused, two)).coverage).toBe(0.5)
  })

  test('a circle of senders has no hop count and does not hang', () => {
    const circle = [line[0], delivery({ node: 1, from: 2 }), delivery({ node: 2, from: 1 })]
    const [spread] = spreadsOf(
      circle.filter((one) => one !== undefined),
      two,
    )
    expect(spread && hopOf(spread, 1)).toBeUndefined()
  })

  test('time to a coverage that was never reached is undefined', () => {
    const [spread] = spreadsOf(line.slice(0, 2), two)
    expect(spread && timeToCoverageMs(spread, 50)).toBe(4)
    expect(spread && timeToCoverageMs(spread, 99)).toBeUndefined()
  })

  test('a node that was gone when the item entered is not missed', () => {
    const gone = (timeMs: number): number => (timeMs < 100 ? 2 : 1)
    const figures = propagationOf(spreadsOf(line.slice(0, 2), gone))
    expect(figures.coverage).toBe(1)
    expect(figures.toCoverageMs[100].count).toBe(1)
  })

  test('the worst item is the one that fell short most, then the slowest', () => {
    const slow = line.map((copy) => ({ ...copy, hash: '0xbb', judgedMs: copy.judgedMs + 50 }))
    const short = line.slice(0, 2).map((copy) => ({ ...copy, hash: '0xcc' }))
    const worst = (...items: (readonly Delivery[])[]): string | null =>
      propagationOf(spreadsOf(items.flat(), two)).worstItem
    expect(worst(line, slow)).toBe('0xbb')
    expect(worst(line, slow, short)).toBe('0xcc')
    expect(worst()).toBeNull()
  })

  test('the mean hop counts every delivery', () => {
    expect(propagationOf(spreadsOf(line, two)).meanHop).toBe(1.5)
  })
})
