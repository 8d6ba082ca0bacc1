import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Graph } from '../../../src/scenario/topology/graph.ts'
import { seededRandom } from '../../../src/lib/random.ts'
import {
  completeGraph,
  graphOfLinks,
  parseGraph,
  randomGraph,
} from '../../../src/sim/rounds/graph.ts'
import { NO_FAULTS, RoundNetwork, type RoundFaults } from '../../../src/sim/rounds/network.ts'
import { pushSum } from '../../../src/sim/rounds/pushSum.ts'
import { runRounds, type RoundsOptions } from '../../../src/sim/rounds/roundsReport.ts'
import { RUMOUR_VARIANTS, spreadRumour } from '../../../src/sim/rounds/rumour.ts'
import { SPREAD_PROTOCOLS, spread } from '../../../src/sim/rounds/spread.ts'
import { rumourResidue, spreadTheory } from '../../../src/sim/rounds/theory.ts'
import { TickQueue } from '../../../src/sim/rounds/tickQueue.ts'

function run(change: Partial<RoundsOptions> & { readonly nodes?: number } = {}) {
  const { nodes = 2_000, ...options } = change
  return runRounds({
    protocol: 'push-pull',
    graph: completeGraph(nodes),
    isComplete: true,
    fanout: 1,
    runs: 10,
    seed: 1,
    faults: NO_FAULTS,
    maxRounds: 1_000,
    variant: 'feedback-counter',
    interest: 2,
    error: 0.01,
    ...options,
  })
}

function faults(change: Partial<RoundFaults>): RoundFaults {
  return { ...NO_FAULTS, ...change }
}

describe('25,000 nodes on a complete graph', () => {
  test.each([
    ['push', 25, 27.5],
    ['pull', 18, 20.5],
    ['push-pull', 12, 13.3],
  ] as const)(
    '%s reaches everyone in the rounds that are known for it',
    async (protocol, low, high) => {
      const { rounds, residue } = await run({ nodes: 25_000, protocol })
      expect(rounds.all.mean).toBeGreaterThan(low)
      expect(rounds.all.mean).toBeLessThan(high)
      expect([rounds.all.runs, residue]).toEqual([10, 0])
    },
  )

  test('push takes log2 n + ln n rounds, push-pull log3 n and a little', () => {
    expect(spreadTheory('push', 25_000, 1).rounds).toBeCloseTo(24.736, 3)
    expect(spreadTheory('push-pull', 25_000, 1).rounds).toBeCloseTo(12.558, 3)
    expect(spreadTheory('push', 25_000, 3).rounds).toBeCloseTo(
      Math.log(25_000) * (1 / Math.log(4) + 1 / 3),
      9,
    )
  })
})

test('signals are heard between two runs', async () => {
  const said: string[] = []
  const onRun = (done: number): void => {
    said.push(`run ${done}`)
    if (done === 1) setImmediate(() => said.push('something else'))
  }
  await run({ runs: 3, nodes: 10, onRun })
  expect(said).toEqual(['run 1', 'something else', 'run 2', 'run 3'])
})

describe('a spread', () => {
  test('never forgets, never reaches more than the live nodes, and repeats with its seed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SPREAD_PROTOCOLS),
        fc.integer({ min: 2, max: 300 }),
        fc.integer({ min: 1, max: 3 }),
        fc.double({ min: 0, max: 0.6, noNaN: true }),
        fc.integer(),
        (protocol, nodes, fanout, loss, seed) => {
          const once = () => {
            const random = seededRandom(seed)
            const network = new RoundNetwork(
              completeGraph(nodes),
              faults({ loss, dead: loss / 2 }),
              random,
              0,
            )
            return spread(network, { protocol, fanout, origin: 0, maxRounds: 2_000 })
          }
          const first = once()
          expect(once()).toEqual(first)
          expect(first.informed.at(-1)).toBe(first.live)
          for (const [at, count] of first.informed.entries())
            expect(count).toBeGreaterThanOrEqual(first.informed[at - 1] ?? 1)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('grows by push at most twofold in a round, by push-pull at most threefold', async () => {
    for (const [protocol, factor] of [
      ['push', 2],
      ['push-pull', 3],
    ] as const) {
      const { curve } = await run({ protocol, runs: 1, nodes: 5_000 })
      for (const [at, part] of curve.slice(1).entries())
        // A node may be called by several in one round of push-pull, so the bound holds on average
        // only there.
        expect(part).toBeLessThanOrEqual(
          (curve[at] ?? 1) * factor * (protocol === 'push' ? 1 : 1.5),
        )
    }
  })

  test('stays in its part until the parts meet', async () => {
    const apart = await run({ faults: faults({ partition: 0.5 }), maxRounds: 60, runs: 3 })
    expect(apart.rounds.all).toEqual({ mean: null, min: null, max: null, runs: 0 })
    expect(apart.residue).toBeCloseTo(0.5, 6)
    const healed = await run({ faults: faults({ partition: 0.5, healRound: 30 }), runs: 3 })
    expect(healed.rounds.all.min).toBeGreaterThan(30)
    expect(healed.residue).toBe(0)
  })

  test('counts no dead node, and takes longer with loss', async () => {
    const quiet = await run({ runs: 5 })
    const lossy = await run({ runs: 5, faults: faults({ loss: 0.4, dead: 0.25 }) })
    expect(lossy.residue).toBe(0)
    expect(lossy.rounds.all.mean).toBeGreaterThan(quiet.rounds.all.mean ?? 0)
  })

  test('by clocks of their own comes to everyone too', async () => {
    const { rounds, residue } = await run({ travelRounds: 0.1, runs: 3 })
    expect(residue).toBe(0)
    expect(rounds.all.mean).toBeLessThan(15)
  })
})

describe('a rumour', () => {
  test('by feedback and counter leaves the residue of Demers et al.', async () => {
    for (const interest of [1, 2, 3]) {
      const { residue, theory } = await run({ protocol: 'rumour', interest, nodes: 20_000 })
      expect(theory.residue).toBeCloseTo(rumourResidue(interest), 12)
      expect(residue / rumourResidue(interest)).toBeGreaterThan(0.75)
      expect(residue / rumourResidue(interest)).toBeLessThan(1.25)
    }
    expect(rumourResidue(1)).toBeCloseTo(0.2032, 4)
    expect(rumourResidue(5)).toBeCloseTo(Math.exp(-6), 4)
  })

  test.each(RUMOUR_VARIANTS)('dies out by itself: %s', (variant) => {
    const random = seededRandom(7)
    const network = new RoundNetwork(completeGraph(3_000), NO_FAULTS, random, 0)
    const { informed, messages } = spreadRumour(network, {
      variant,
      interest: 3,
      fanout: 1,
      origin: 0,
      maxRounds: 10_000,
    })
    expect(informed.length).toBeLessThan(200)
    expect(informed.at(-1)).toBeGreaterThan(1_500)
    expect(messages).toBeLessThan(3_000 * 20)
  })
})

describe('push-sum', () => {
  test('comes to the mean at every node, and keeps all mass where nothing is lost', () => {
    const network = new RoundNetwork(completeGraph(1_000), NO_FAULTS, seededRandom(3), 0)
    const values = Float64Array.from({ length: 1_000 }, (_, at) => at)
    const { errors, truth, massLeft } = pushSum(network, values, { error: 1e-6, maxRounds: 200 })
    expect(truth).toBe(499.5)
    expect(errors.at(-1)).toBeLessThanOrEqual(1e-6)
    expect(massLeft).toBeCloseTo(1, 9)
    expect(errors.length).toBeLessThan(2 * Math.log2(1_000) + 40)
  })

  test('loses the mass of what is lost', () => {
    const network = new RoundNetwork(completeGraph(500), faults({ loss: 0.2 }), seededRandom(3), 0)
    const values = Float64Array.from({ length: 500 }, (_, at) => at)
    const { massLeft } = pushSum(network, values, { error: 0, maxRounds: 10 })
    expect(massLeft).toBeLessThan(0.5)
    expect(massLeft).toBeGreaterThan(0.1)
  })
})

describe('a graph', () => {
  test('lets a node call its neighbours alone', () => {
    const line = parseGraph('# a line\n0 1\n1 2\n\n2 3\n')
    const random = seededRandom(1)
    expect(line.nodes).toBe(4)
    expect(new Set(Array.from({ length: 50 }, () => line.partner(1, random)))).toEqual(
      new Set([0, 2]),
    )
    expect(graphOfLinks(3, Int32Array.of(0, 1)).partner(2, random)).toBe(-1)
  })

  test('in parts says how many, and no run over it reaches all', async () => {
    const graph = parseGraph('0 1\n1 4\n2 3\n')
    expect(graph.parts()).toBe(2)
    const report = await run({ graph, isComplete: false, maxRounds: 50 })
    expect([report.parts, report.rounds.all.runs]).toEqual([2, 0])
    expect(parseGraph('0 1\n1 2000\n').parts()).toBe(1_999)
    expect([completeGraph(9), parseGraph('3 2\n2 1\n1 0\n0 3')].map((one) => one.parts())).toEqual([
      1, 1,
    ])
  })

  test('joins its parts with every link that leads from one to another', () => {
    const link = fc.tuple(fc.nat(19), fc.nat(19))
    fc.assert(
      fc.property(fc.array(link, { maxLength: 30 }), (links) => {
        const parts = new Graph(20, links).parts().length
        expect(graphOfLinks(20, Int32Array.from(links.flat())).parts()).toBe(parts)
      }),
    )
  })

  test('at random has about the degree that was asked for, and carries a rumour to all', async () => {
    const { residue, theory } = await run({
      graph: randomGraph(2_000, 8, seededRandom(5)),
      isComplete: false,
    })
    expect(residue).toBe(0)
    expect(theory.rounds).toBeNull()
  })

  test.each([
    ['', /no links/],
    ['0 1\nfoo', /line 2: "foo" is not a link/],
    ['3 3', /line 1: node 3 cannot be linked to itself/],
    ['0 99999999', /the most/],
  ])('is refused with the line that is wrong: %j', (text, message) => {
    expect(() => parseGraph(text)).toThrow(message)
  })
})

describe('the bucket queue', () => {
  test('hands out what is due, first in first out, as a sorted list would', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.nat(1_000)), { maxLength: 300 }),
        (adds) => {
          const queue = new TickQueue(64, 2)
          for (const [tick, value] of adds) queue.add(tick, value)
          const taken: (readonly [number, number])[] = []
          for (let tick = 0; tick < 64; tick++)
            for (let value = queue.take(tick); value !== -1; value = queue.take(tick))
              taken.push([tick, value])
          expect(taken).toEqual(adds.toSorted((a, b) => a[0] - b[0]))
          expect(queue.size).toBe(0)
        },
      ),
    )
  })
})
