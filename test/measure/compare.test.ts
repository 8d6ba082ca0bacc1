import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/lib/random.ts'
import {
  differenceIntervals,
  onceEach,
  percentileSampler,
  ratioSampler,
} from '../../src/measure/bootstrap.ts'
import { compareReports } from '../../src/measure/compare.ts'
import { percentile } from '../../src/measure/percentile.ts'
import { renderComparison } from '../../src/measure/terminalCompare.ts'
import type { Report } from '../../src/measure/report.ts'
import { PLACES, reportOfPlan } from '../builders/report.ts'

const OPTIONS = { seed: 1, replicates: 200 }

describe('samplers', () => {
  test('a percentile of clusters that count once is the percentile of their values', () => {
    const clusters = [[5, 1], [9], [], [2, 2, 7]]
    const ascending = clusters.flat().sort((a, b) => a - b)
    const percents = [1, 50, 90, 100]
    const sampler = percentileSampler(clusters, percents)
    expect(sampler.figures(onceEach(sampler))).toEqual(
      percents.map((percent) => percentile(ascending, percent)),
    )
  })

  test('a cluster that weighs nothing is not there, one that weighs two stands twice', () => {
    const sampler = percentileSampler([[1], [5], [9]], [50])
    expect(sampler.figures(Uint32Array.of(0, 2, 1))).toEqual([5])
    expect(sampler.figures(Uint32Array.of(0, 0, 3))).toEqual([9])
  })

  test('without values there is no figure', () => {
    const [none, ratio] = [percentileSampler([], [50]), ratioSampler([])]
    expect(none.figures(onceEach(none))).toEqual([null])
    expect(ratio.figures(onceEach(ratio))).toEqual([null])
    const options = { random: seededRandom(1), replicates: 100, confidence: 0.95 }
    expect(differenceIntervals(none, none, options)).toEqual([undefined])
  })
})

describe('a comparison', () => {
  const base = reportOfPlan({ transactions: 120, seed: 1 })

  test('finds a difference that is there, and says of which side', () => {
    const slower = reportOfPlan({ transactions: 120, seed: 2, slower: 1.5 })
    const { figures } = compareReports(base, slower, OPTIONS)
    const p50 = figures.find(({ name }) => name === 'latency of a node, p50')
    expect(p50).toMatchObject({ group: 'transactions', differs: true })
    expect(p50?.interval?.low).toBeGreaterThan(0)
    const back = compareReports(slower, base, OPTIONS).figures
    expect(back.find(({ name }) => name === p50?.name)?.interval?.high).toBeLessThan(0)
  })

  test('finds none where chance alone made the runs, about as often as it promises', () => {
    const pairs = Array.from({ length: 40 }, (_, at) => {
      const [a, b] = [2 * at, 2 * at + 1].map((seed) =>
        reportOfPlan({ transactions: 30, blocks: 0, seed: 100 + seed }),
      )
      if (a === undefined || b === undefined) throw new Error('two reports were made')
      const { figures } = compareReports(a, b, OPTIONS)
      return figures.filter(({ name }) => name === 'duplicates per delivery' || name === 'mean hop')
    }).flat()
    const measured = pairs.filter(({ interval }) => interval !== undefined)
    expect(measured).toHaveLength(80)
    expect(measured.filter(({ differs }) => differs).length).toBeLessThanOrEqual(10)
  })

  test('of a report with itself finds nothing and names no fact', () => {
    const { figures, facts } = compareReports(base, base, OPTIONS)
    expect(figures.filter(({ differs }) => differs)).toEqual([])
    expect(facts).toEqual([])
  })

  test('with the same seed says the same', () => {
    const other = reportOfPlan({ transactions: 120, seed: 3 })
    expect(compareReports(base, other, OPTIONS)).toEqual(compareReports(base, other, OPTIONS))
  })

  test('gives no interval where the messages are too few for it', () => {
    const { figures } = compareReports(
      base,
      reportOfPlan({ transactions: 120, blocks: 3 }),
      OPTIONS,
    )
    const ofBlocks = figures.filter(({ group }) => group === 'blocks')
    expect(ofBlocks.filter(({ interval }) => interval !== undefined)).toEqual([])
    expect(ofBlocks.every(({ a, b }) => a !== null && b !== null)).toBe(true)
  })

  test('names what was not the same in both runs', () => {
    const other = { ...base, settings: { ...base.settings, meshDegree: 12 } }
    expect(compareReports(base, other, OPTIONS).facts).toEqual([
      { name: 'meshDegree', a: '4', b: '12' },
    ])
  })

  test('warns of what lets figures differ that nobody asked for', () => {
    const elsewhere = reportOfPlan({ transactions: 120, places: PLACES, seed: 9 })
    const other: Report = {
      ...elsewhere,
      crypto: { ...base.crypto, recover: 'noble' },
      machine: { ...base.machine, cores: 64 },
    }
    const { warnings, facts } = compareReports(base, other, OPTIONS)
    expect(warnings).toHaveLength(4)
    expect(facts).toEqual(
      expect.arrayContaining([
        { name: 'scenario', a: 'none', b: 'test-regions' },
        { name: 'recover', a: 'native', b: 'noble' },
      ]),
    )
    expect(renderComparison(compareReports(base, other, OPTIONS), ['a', 'b'])).toContain(
      'warning: the seeds differ',
    )
    expect(compareReports(base, base, OPTIONS).warnings).toEqual([])
  })

  test('names the values in which two scenarios differ, by their path', () => {
    const of = (degree: number): Report => {
      const run = reportOfPlan({ places: PLACES })
      const definition = { name: 'x', seed: degree, topology: { kind: 'ring', degree } }
      return run.scenario === null ? run : { ...run, scenario: { ...run.scenario, definition } }
    }
    expect(compareReports(of(4), of(8), OPTIONS).facts).toEqual([
      { name: 'scenario.topology.degree', a: '4', b: '8' },
    ])
  })

  test('has the shortest paths, the mesh and every region where the runs have them', () => {
    const run = (seed: number): Report => reportOfPlan({ transactions: 120, places: PLACES, seed })
    const [a, b] = [run(1), run(2)]
    const { figures } = compareReports(a, b, OPTIONS)
    const ofTxs = figures.filter(({ group }) => group === 'transactions')
    const named = (name: string) => ofTxs.find((figure) => figure.name === name)
    expect(named('p99 over shortest paths')?.a).toBeCloseTo(a.transactions.bound?.ratioP99 ?? NaN)
    expect(named('p99 over shortest paths')?.interval).toBeDefined()
    expect(named('duplicates/(degree - 2)')?.b).toBeCloseTo(
      b.transactions.duplicatesOverMesh ?? NaN,
    )
    expect(ofTxs.filter(({ name }) => /^to [a-z]/.test(name))).toHaveLength(
      Object.keys(PLACES).length,
    )
  })

  test('marks on the terminal only what differs', () => {
    const slower = reportOfPlan({ transactions: 120, seed: 2, slower: 3 })
    const text = renderComparison(compareReports(base, slower, OPTIONS), ['a.json', 'b.json'])
    expect(text).toMatch(/latency of a node, p50 .* \*$/m)
    expect(text).toMatch(/coverage .*100 % .*[^*]$/m)
    expect(text.endsWith('\n')).toBe(true)
  })
})
