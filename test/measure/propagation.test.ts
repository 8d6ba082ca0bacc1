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
    route: 'push',
    outcome: 'accepted',
    bytes: 10,
    ...fields,
  }
}

const allThree = (): ReadonlySet<number> => new Set([0, 1, 2])
/** When the measurement ended: 900 ms after the items of `line` entered. */
const END = { endMs: 1_000 }

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
      of: 0,
      p50: null,
      p90: null,
      p99: null,
      max: null,
      atLeast: null,
      errorMs: 0,
    })
  })
})

describe('a summary of durations of which not all ended', () => {
  test('has its percentiles over all, and a lower bound where one lies among those that did not', () => {
    const summary = summarise([1, 2, 3, 4, 5, 6, 7, 8], { unendedMs: [900, 500] })
    expect(summary).toEqual({
      count: 8,
      of: 10,
      p50: 5,
      p90: null,
      p99: null,
      max: null,
      atLeast: { p50: null, p90: 500, p99: 900, max: 900 },
      errorMs: 0,
    })
  })

  test('says no more than what is sure where something was waited for only a short time', () => {
    const { p90, atLeast } = summarise([100, 200], { unendedMs: [1] })
    expect({ p90, atLeast: atLeast?.p90 }).toEqual({ p90: null, atLeast: 200 })
  })

  test('never has a figure above that of the whole, nor a lower bound above it', () => {
    const durations = fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1 })
    const cut = fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1 })
    fc.assert(
      fc.property(durations, cut, (all, waited) => {
        const isSeen = (ms: number, at: number): boolean => ms <= (waited[at % waited.length] ?? 0)
        const whole = summarise(all)
        const censored = summarise(all.filter(isSeen), {
          unendedMs: all.flatMap((ms, at) =>
            isSeen(ms, at) ? [] : [waited[at % waited.length] ?? 0],
          ),
        })
        expect(censored.of).toBe(whole.count)
        for (const name of ['p50', 'p90', 'p99', 'max'] as const) {
          const least = censored.atLeast?.[name] ?? null
          expect(least === null).toBe(censored[name] !== null)
          expect(least ?? 0).toBeLessThanOrEqual(whole[name] ?? -1)
          expect(censored[name] ?? Infinity).toBeGreaterThanOrEqual(whole[name] ?? Infinity)
        }
      }),
    )
  })

  test('rows do not fall as the share of the nodes rises', () => {
    const messages = [30, 300, 3_000].flatMap((slowMs, at) => [
      delivery({ hash: `0x${at}`, node: 0 }),
      delivery({ hash: `0x${at}`, node: 1, from: 0, judgedMs: 100 + slowMs }),
    ])
    const last = delivery({ hash: '0x0', node: 2, from: 1, judgedMs: 140 })
    const { toCoverageMs } = propagationOf(spreadsOf([...messages, last], allThree), {
      endMs: 10_100,
    })
    expect(toCoverageMs[50]).toMatchObject({ count: 3, of: 3, p50: 300, max: 3_000 })
    expect(toCoverageMs[100]).toMatchObject({ count: 1, of: 3, p50: null })
    expect(toCoverageMs[100].atLeast).toEqual({
      p50: 10_000,
      p90: 10_000,
      p99: 10_000,
      max: 10_000,
    })
  })
})

describe('spread', () => {
  test('counts latency from the stamp at the origin to the verdict of the first copy', () => {
    const figures = propagationOf(spreadsOf(line, allThree), END)
    expect(figures.latencyMs).toMatchObject({
      count: 2,
      of: 2,
      p50: 4,
      p90: 10,
      p99: 10,
      max: 10,
      atLeast: null,
    })
    expect(figures.coverage).toBe(1)
  })

  test('leaves out nodes that came when the item had entered', () => {
    const withoutFirst = (): ReadonlySet<number> => new Set([0, 2])
    const figures = propagationOf(spreadsOf(line, withoutFirst), END)
    expect(figures.latencyMs).toMatchObject({ count: 1, max: 10 })
    expect(figures.coverage).toBe(1)
  })

  test('counts copies after the first as duplicates per delivery', () => {
    expect(propagationOf(spreadsOf(line, allThree), END).duplicatesPerDelivery).toBe(0.5)
  })

  test('measures a hop from arrival to arrival', () => {
    const { hops } = propagationOf(spreadsOf(line, allThree), END)
    expect(hops.map(({ hop, delayMs }) => [hop, delayMs.p50])).toEqual([
      [1, 3],
      [2, 5],
    ])
  })

  test('an item seen nowhere else has no coverage', () => {
    expect(propagationOf(spreadsOf(line.slice(0, 1), allThree), END).coverage).toBe(0)
  })

  test('an item whose entry was not seen is left out', () => {
    expect(spreadsOf(line.slice(1), allThree)).toEqual([])
  })

  test('a refused copy is no delivery', () => {
    const refused = [...line.slice(0, 2), delivery({ node: 2, from: 1, outcome: 'refused' })]
    expect(propagationOf(spreadsOf(refused, allThree), END).coverage).toBe(0.5)
  })

  test('a circle of senders has no hop count and does not hang', () => {
    const circle = [line[0], delivery({ node: 1, from: 2 }), delivery({ node: 2, from: 1 })]
    const [spread] = spreadsOf(
      circle.filter((one) => one !== undefined),
      allThree,
    )
    expect(spread && hopOf(spread, 1)).toBeUndefined()
  })

  test('time to a coverage that was never reached is undefined', () => {
    const [spread] = spreadsOf(line.slice(0, 2), allThree)
    expect(spread && timeToCoverageMs(spread, 50)).toBe(4)
    expect(spread && timeToCoverageMs(spread, 99)).toBeUndefined()
  })

  test('a node that was gone when the item entered is not missed', () => {
    const gone = (timeMs: number): ReadonlySet<number> => new Set(timeMs < 100 ? [0, 1, 2] : [0, 1])
    const figures = propagationOf(spreadsOf(line.slice(0, 2), gone), END)
    expect(figures.coverage).toBe(1)
    expect(figures.toCoverageMs[100].count).toBe(1)
  })

  test('the worst item is the one that fell short most, then the slowest', () => {
    const slow = line.map((copy) => ({ ...copy, hash: '0xbb', judgedMs: copy.judgedMs + 50 }))
    const short = line.slice(0, 2).map((copy) => ({ ...copy, hash: '0xcc' }))
    const worst = (...items: (readonly Delivery[])[]): string | null =>
      propagationOf(spreadsOf(items.flat(), allThree), END).worstItem
    expect(worst(line, slow)).toBe('0xbb')
    expect(worst(line, slow, short)).toBe('0xcc')
    expect(worst()).toBeNull()
  })

  test('the mean hop counts every delivery', () => {
    expect(propagationOf(spreadsOf(line, allThree), END).meanHop).toBe(1.5)
  })
})
