import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/lib/random.ts'
import {
  differenceIntervals,
  onceEach,
  percentileSampler,
  ratioSampler,
  type DurationCluster,
} from '../../src/measure/bootstrap.ts'
import { compareReports, type Comparison } from '../../src/measure/compare/compare.ts'
import { percentile } from '../../src/measure/percentile.ts'
import { renderReport } from '../../src/measure/terminal/terminal.ts'
import { renderComparison } from '../../src/measure/terminal/terminalCompare.ts'
import type { Report } from '../../src/measure/report.ts'
import { simulatedReport } from '../builders/experiment.ts'
import { PLACES, reportOfPlan } from '../builders/report.ts'

const OPTIONS = { seed: 1, replicates: 200 }

function compared(...reports: readonly Report[]): Comparison {
  const named = reports.map((report, at) => ({ report, file: `run-${at}/report.json` }))
  return compareReports(named, OPTIONS)
}

function known(knownMs: readonly number[]): DurationCluster {
  return { knownMs, unendedMs: [] }
}

describe('samplers', () => {
  test('a percentile of clusters that count once is the percentile of their values', () => {
    const clusters = [[5, 1], [9], [], [2, 2, 7]]
    const ascending = clusters.flat().sort((a, b) => a - b)
    const percents = [1, 50, 90, 100]
    const sampler = percentileSampler(clusters.map(known), percents)
    expect(sampler.figures(onceEach(sampler))).toEqual(
      percents.map((percent) => percentile(ascending, percent)),
    )
  })

  test('a cluster that weighs nothing is not there, one that weighs two stands twice', () => {
    const sampler = percentileSampler([[1], [5], [9]].map(known), [50])
    expect(sampler.figures(Uint32Array.of(0, 2, 1))).toEqual([5])
    expect(sampler.figures(Uint32Array.of(0, 0, 3))).toEqual([9])
  })

  test('without values there is no figure', () => {
    const [none, ratio] = [percentileSampler([], [50]), ratioSampler([], { count: 0, of: 0 })]
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
    const { figures } = compared(base, slower)
    const p50 = figures.find(({ name }) => name === 'latency of a node, p50')
    expect(p50).toMatchObject({ group: 'transactions', differences: [{ differs: true }] })
    expect(p50?.differences[0]?.interval?.low).toBeGreaterThan(0)
    const back = compared(slower, base).figures
    const backwards = back.find(({ name }) => name === p50?.name)?.differences[0]
    expect(backwards?.interval?.high).toBeLessThan(0)
  })

  test('finds none where chance alone made the runs, about as often as it promises', () => {
    const pairs = Array.from({ length: 40 }, (_, at) => {
      const [a, b] = [2 * at, 2 * at + 1].map((seed) =>
        reportOfPlan({ transactions: 30, blocks: 0, seed: 100 + seed }),
      )
      if (a === undefined || b === undefined) throw new Error('two reports were made')
      const { figures } = compared(a, b)
      return figures
        .filter(({ name }) => name === 'duplicates per delivery' || name === 'mean hop')
        .flatMap(({ differences }) => differences)
    }).flat()
    const measured = pairs.filter(({ interval }) => interval !== undefined)
    expect(measured).toHaveLength(80)
    expect(measured.filter(({ differs }) => differs).length).toBeLessThanOrEqual(10)
  })

  test('of a report with itself finds nothing and names no fact', () => {
    const { figures, facts } = compared(base, base)
    expect(figures.filter(({ differences }) => differences[0]?.differs)).toEqual([])
    expect(facts).toEqual([])
  })

  test('with the same seed says the same', () => {
    const other = reportOfPlan({ transactions: 120, seed: 3 })
    expect(compared(base, other)).toEqual(compared(base, other))
  })

  test('gives no interval where the messages are too few for it', () => {
    const { figures } = compared(base, reportOfPlan({ transactions: 120, blocks: 3 }))
    const ofBlocks = figures.filter(({ group }) => group === 'blocks')
    const intervals = ofBlocks.flatMap(({ differences }) => differences[0]?.interval ?? [])
    expect(intervals).toEqual([])
    expect(ofBlocks.every(({ values }) => values.every(({ value }) => value !== null))).toBe(true)
  })

  test('names what was not the same in both runs', () => {
    const other = { ...base, settings: { ...base.settings, meshDegree: 12 } }
    expect(compared(base, other).facts).toEqual([{ name: 'meshDegree', values: ['4', '12'] }])
  })

  test('warns of what lets figures differ that nobody asked for', () => {
    const elsewhere = reportOfPlan({ transactions: 120, places: PLACES, seed: 9 })
    const other: Report = {
      ...elsewhere,
      crypto: { ...base.crypto, recover: 'noble' },
      machine: { ...base.machine, cores: 64 },
    }
    const { warnings, facts } = compared(base, other)
    expect(warnings).toHaveLength(4)
    expect(facts).toEqual(
      expect.arrayContaining([
        { name: 'scenario', values: ['none', 'test-regions'] },
        { name: 'recover', values: ['native', 'noble'] },
      ]),
    )
    expect(renderComparison(compared(base, other))).toContain('warning: the seeds differ')
    expect(compared(base, base).warnings).toEqual([])
  })

  test('names the values in which two scenarios differ, by their path', () => {
    const of = (degree: number): Report => {
      const run = reportOfPlan({ places: PLACES })
      const definition = { name: 'x', seed: degree, topology: { kind: 'ring', degree } }
      return run.scenario === null ? run : { ...run, scenario: { ...run.scenario, definition } }
    }
    expect(compared(of(4), of(8)).facts).toEqual([
      { name: 'scenario.topology.degree', values: ['4', '8'] },
    ])
  })

  test('has the shortest paths, the mesh and every region where the runs have them', () => {
    const run = (seed: number): Report => reportOfPlan({ transactions: 120, places: PLACES, seed })
    const [a, b] = [run(1), run(2)]
    const { figures } = compared(a, b)
    const ofTxs = figures.filter(({ group }) => group === 'transactions')
    const named = (name: string) => ofTxs.find((figure) => figure.name === name)
    expect(named('p99 over shortest paths')?.values[0]?.value).toBeCloseTo(
      a.transactions.bound?.ratioP99 ?? NaN,
    )
    expect(named('p99 over shortest paths')?.differences[0]?.interval).toBeDefined()
    expect(named('duplicates/(degree - 2)')?.values[1]?.value).toBeCloseTo(
      b.transactions.duplicatesOverMesh ?? NaN,
    )
    expect(ofTxs.filter(({ name }) => /^to [a-z]/.test(name))).toHaveLength(
      Object.keys(PLACES).length,
    )
  })

  test('of simulations warns of no machine and no load: their times are virtual', () => {
    const { simulation } = simulatedReport({ caseIndex: 0, round: 0 }).report
    const one: Report = { ...base, ...(simulation && { simulation }) }
    const busy: Report = {
      ...one,
      loadPerCore: 4,
      machine: { ...base.machine, kernel: '6.2.0' },
      crypto: { ...base.crypto, recover: 'wasm' },
    }
    expect(compared(one, busy).warnings).toEqual([])
    expect(compared(base, busy).warnings).toEqual([
      'some runs are real, others simulated: simulated times hold no waits for a processor',
    ])
    expect(renderReport(busy)).not.toContain('overloaded')
  })

  test('warns where machine, load, commit or sample are not the same, and of none where all are', () => {
    const other: Report = {
      ...base,
      commit: 'fedcba9876543210fedcba9876543210fedcba98',
      loadPerCore: 4,
      nodes: 13,
      machine: { ...base.machine, kernel: '6.2.0' },
    }
    const { warnings } = compared(base, other)
    expect(warnings.map((one) => one.split(':')[0])).toEqual([
      'the programs differ',
      'the machines differ',
      'the load of the machine differs',
      'the samples differ in size',
      'B',
    ])
    expect(warnings.at(-1)).toContain('the machine was overloaded')
  })

  test('says in its header what each report was made from', () => {
    const text = renderComparison(compared(base, { ...base, command: null, loadPerCore: 0.75 }))
    const header = text.slice(0, text.indexOf('\n\n'))
    for (const fact of [
      'A  run-0/report.json',
      'B  run-1/report.json',
      'commit 0123456789abcdef',
      'grapevine measure --nodes 12',
      'scenario  none, seed 1',
      '2 x test, 4 GiB',
      '0.50 processes for each core',
      '0.75 processes for each core',
      '12 peers, 120 transactions (1320 of 1320 deliveries), 3 blocks (33 of 33 deliveries)',
    ])
      expect(header).toContain(fact)
  })

  test('counts what never arrived as slowest, and bounds a difference on the side that is known', () => {
    const lossy = reportOfPlan({ transactions: 120, seed: 1, deaf: [2, 3] })
    const { figures } = compared(base, lossy)
    const named = (name: string) => figures.find((figure) => figure.name === name)
    const p99 = named('latency of a node, p99')
    expect(p99?.values[1]).toMatchObject({ value: null, of: 1_320 })
    expect(p99?.values[1]?.atLeast).toBeGreaterThan(p99?.values[0]?.value ?? Infinity)
    const [difference] = p99?.differences ?? []
    expect(difference).toMatchObject({ value: null, differs: true, interval: { high: null } })
    expect(difference?.interval?.low).toBeGreaterThan(0)
    const text = renderComparison(compared(base, lossy))
    expect(text).toMatch(/\(deliveries: A 1320 of 1320, B \d+ of 1320\)/)
    expect(text).toMatch(/to 100 % of nodes, p50 .* >=\d+ ms +- +more than \d\S* ms \*$/m)
  })

  test('of more than two reports compares each with the first', () => {
    const slower = reportOfPlan({ transactions: 120, seed: 2, slower: 3 })
    const comparison = compared(base, base, slower)
    const p50 = comparison.figures.find(({ name }) => name === 'latency of a node, p50')
    expect(p50?.differences.map(({ differs }) => differs)).toEqual([false, true])
    expect(comparison.warnings).toEqual([
      'the seeds differ: links, load and faults were drawn anew (A and C)',
    ])
    const text = renderComparison(comparison)
    expect(text).toMatch(/^transactions +A +B +C$/m)
    expect(text).toMatch(/latency of a node, p50 .* ms +\d\S+ ms +\d\S+ ms \*$/m)
  })

  test('marks on the terminal only what differs', () => {
    const slower = reportOfPlan({ transactions: 120, seed: 2, slower: 3 })
    const text = renderComparison(compared(base, slower))
    expect(text).toMatch(/latency of a node, p50 .* \*$/m)
    expect(text).toMatch(/coverage .*100 % .*[^*]$/m)
    expect(text.endsWith('\n')).toBe(true)
  })
})
