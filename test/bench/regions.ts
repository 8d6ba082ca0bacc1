import type { Report } from '../../src/measure/report.ts'
import { readReport } from '../../src/measure/reportFile.ts'
import { plainFigure, type Benchmark, type Figure } from './benchmark.ts'
import { startProgram } from './program.ts'

const SCENARIO = 'eight-regions'
const TIMEOUT_MS = 300_000

/** The goals hold at low load, so a machine that has other work shows in them. */
export const regions: Benchmark = {
  name: 'regions',
  sentence: '50 nodes in a few processes, links of eight regions: latency over the shortest paths',
  run: async (effort) => {
    const args = ['measure', SCENARIO, '--in-process', '--json']
    const program = await startProgram(
      [...args, ...(effort.quick ? ['--duration', effort.smoke ? '3' : '10'] : [])],
      TIMEOUT_MS,
    )
    await program.stop()
    const report = readReport(JSON.stringify(program.first))
    return figuresOf(report)
  },
}

function figuresOf({ transactions, loadPerCore }: Report): readonly Figure[] {
  const { coverage, bound, duplicatesOverMesh, duplicatesPerDelivery, latencyMs } = transactions
  return [
    plainFigure('coverage', percent(coverage), '%', { bound: 'at least', value: 100 }),
    plainFigure('to one node, p99', known(latencyMs.p99), 'ms'),
    plainFigure('p99 over the shortest paths', known(bound?.ratioP99), 'x', {
      bound: 'below',
      value: 1.15,
    }),
    plainFigure('duplicates per delivery', known(duplicatesPerDelivery), 'copies'),
    plainFigure('duplicates/(mesh degree - 2)', known(duplicatesOverMesh), 'x', {
      bound: 'below',
      value: 0.7,
    }),
    plainFigure('processes that wanted a core', loadPerCore, 'per core'),
  ]
}

function percent(share: number | null): number {
  return known(share) * 100
}

function known(value: number | null | undefined): number {
  if (value === null || value === undefined) throw new Error('the report lacks a figure')
  return value
}
