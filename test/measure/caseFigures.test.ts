import { describe, expect, test, vi } from 'vitest'
import { casePlot } from '../../src/measure/html/casePlot.ts'
import {
  caseTable,
  rangeOf,
  type CaseOptions,
  type CaseRun,
  type RunFigure,
} from '../../src/measure/experiment/caseFigures.ts'
import { PLACES, reportOfPlan } from '../builders/report.ts'

const runs: readonly CaseRun[] = [1, 2, 4].flatMap((slower) =>
  [1, 2].map((seed) => ({ value: slower, report: reportOfPlan({ slower, seed, blocks: 0 }) })),
)
const options: CaseOptions = {
  parameter: 'delay of a hop, times',
  kind: 'transactions',
  panels: ['latency', 'copies'],
}

describe('the table of an experiment', () => {
  test('has a row for each value, its repeats summed up', () => {
    const [head, , ...rows] = caseTable(runs, options).trimEnd().split('\n')
    expect(head).toMatch(/^\| delay of a hop, times \| runs \| arrived \| coverage \| p50, ms \|/)
    expect(rows.map((row) => row.split(' | ')[0])).toEqual(['| 1', '| 2', '| 4'])
    expect(rows.map((row) => row.split(' | ')[1])).toEqual(['2', '2', '2'])
    const p50 = runs.slice(0, 2).map(({ report }) => report.transactions.latencyMs.p50 ?? NaN)
    expect(rows[0]).toContain(`${Math.min(...p50).toFixed(2)} (`)
    expect(rows[0]).toContain(` to ${Math.max(...p50).toFixed(2)})`)
  })

  test('says how many arrived, and of a figure among those that did not what it is at least', () => {
    const lossy = [1, 2, 3].map((seed) => ({
      value: 1,
      report: reportOfPlan({ seed, blocks: 0, deaf: seed === 1 ? [] : [2, 3] }),
    }))
    const [head = '', , row = ''] = caseTable(lossy, options).split('\n')
    const cell = (name: string): string => row.split(' | ')[head.split(' | ').indexOf(name)] ?? ''
    expect(cell('arrived')).toMatch(/^1\d\d\d of 1320$/)
    expect(cell('p99, ms')).toMatch(/^>=\d+ \(\d+\.\d+ to >=\d+\)$/)
    expect(cell('p50, ms')).not.toContain('>=')
  })

  test('makes a figure a lower bound where a run below it has only one', () => {
    const exact = (value: number) => ({ value, isAtLeast: false })
    const bound = (value: number) => ({ value, isAtLeast: true })
    const range = (low: RunFigure, median: RunFigure, high: RunFigure) => ({ low, median, high })
    expect(rangeOf([exact(5), bound(9), exact(7)])).toEqual(range(exact(5), exact(7), bound(9)))
    expect(rangeOf([exact(10), bound(9), bound(9)])).toEqual(range(bound(9), bound(9), bound(10)))
    expect(rangeOf([bound(7), exact(7), exact(6)])).toEqual(range(exact(6), exact(7), bound(7)))
    expect(rangeOf([undefined, exact(3)])).toEqual(range(exact(3), exact(3), exact(3)))
    expect(rangeOf([undefined])).toBeUndefined()
  })

  test('leaves out what no run has, and says of a single run no range', () => {
    const text = caseTable(runs.slice(0, 1), options)
    expect(text).not.toContain('shortest paths')
    expect(text).not.toContain(' (')
    expect(caseTable(runs.slice(0, 1), { ...options, kind: 'blocks' })).not.toContain('p50')
  })
})

describe('the plot of an experiment', () => {
  test('is a file of its own, legible on light and dark, the same for the same runs', async () => {
    const svg = await casePlot(runs, options)
    expect(svg).toMatch(/^<svg\s+xmlns=/)
    expect(svg).toContain('prefers-color-scheme: dark')
    expect(svg).toContain('fill="var(--paper)"')
    expect(svg).not.toMatch(/NaN|undefined|href=|url\(/)
    expect(await casePlot(runs, options)).toBe(svg)
  })

  test('has a logarithmic scale where small durations would lie on the axis beside large ones', async () => {
    const far = [1, 500].map((slower) => ({ value: slower, report: reportOfPlan({ slower }) }))
    const labelsOf = (svg: string): string[] => svg.match(/(?<=>)[\d,.]+(?=<)/g) ?? []
    expect(labelsOf(await casePlot(far, options))).toEqual(expect.arrayContaining(['30', '1000']))
    expect(labelsOf(await casePlot(runs, options))).toContain('0')
  })

  test('takes values that are no numbers', async () => {
    const named = runs.map(({ value, report }) => ({ value: `${value} <times>`, report }))
    const svg = await casePlot(named, options)
    expect(svg).toContain('4 &lt;times&gt;')
    expect(svg).not.toContain('NaN')
  })

  test('draws coverage beside the shortest paths, hops beside log_D n, and the cost of a node', async () => {
    const regional = [8, 16].map((nodes) => ({
      value: nodes,
      report: reportOfPlan({ nodes, places: PLACES }),
    }))
    const svg = await casePlot(regional, {
      ...options,
      panels: ['coverage', 'hops', 'cost'],
    })
    for (const words of ['shortest paths', 'share of the nodes', 'log_D n', 'per node and s'])
      expect(svg).toContain(words)
    expect(svg).not.toMatch(/NaN|undefined/)
  })

  test('has for each drawing the lines and dashes of its own in the legend', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const svg = await casePlot(runs, { ...options, panels: ['latency', 'copies', 'cost'] })
    expect(warned.mock.calls).toEqual([])
    warned.mockRestore()
    for (const name of ['p50', 'duplicates per delivery', 'control and framing'])
      expect(svg.match(new RegExp(`>${name}<`, 'g'))).toHaveLength(1)
  })

  test('has a row for each group', async () => {
    const grouped = ['50 nodes', '1,000 nodes'].flatMap((group) =>
      runs.map((run) => ({ ...run, group })),
    )
    const svg = await casePlot(grouped, options)
    expect(svg).toContain('50 nodes')
    expect(svg).toContain('1,000 nodes')
    const rows = caseTable(grouped, options).trimEnd().split('\n').slice(2)
    expect(rows).toHaveLength(6)
    expect(rows[0]).toMatch(/^\| 50 nodes \| 1 \| 2 \|/)
  })
})

test('a panel without values is left out of the plot, which has a size all the same', async () => {
  const grouped = [100, 1000].map((nodes) => ({
    group: nodes === 100 ? 'with' : 'without',
    value: nodes,
    report: reportOfPlan({ blocks: 0 }),
  }))
  const panels: CaseOptions['panels'] = ['latency', 'members']
  const svg = await casePlot(grouped, { ...options, panels })
  expect(svg).toContain('latency of transactions, ms')
  expect(svg).not.toContain('known to all others after, s')
  const empty = await casePlot(grouped, { ...options, panels: ['members'] })
  expect(empty).toContain('no case has a value')
  expect(empty).toMatch(/width="\d+"/)
})
