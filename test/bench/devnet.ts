import { z } from 'zod'
import { amount, plainFigure, type Benchmark, type Figure } from './benchmark.ts'
import { startProgram } from './program.ts'

const NODES = 8
const MEASURE_TIMEOUT_MS = 120_000

const percentiles = z.object({ p50: z.number(), p99: z.number() })
const reportSchema = z.object({
  transactions: z.object({
    submitted: z.number(),
    coverage: z.number(),
    duplicatesPerDelivery: z.number(),
    latencyMs: percentiles,
    toCoverageMs: z.object({ 100: percentiles }),
  }),
})

/** Whole processes on loopback; the goals are fixed numbers, so a busy machine shows in them. */
export const devnet: Benchmark = {
  name: 'devnet',
  sentence: `${NODES} peers as processes at idle load: latency and coverage`,
  run: (effort) => propagation(amount(effort, { usual: 300, quick: 60, smoke: 20 })),
}

async function propagation(txs: number): Promise<readonly Figure[]> {
  const args = ['measure', '--nodes', String(NODES), '--txs', String(txs), '--json']
  const program = await startProgram(args, MEASURE_TIMEOUT_MS)
  await program.stop()
  const { transactions } = reportSchema.parse(program.first)
  const { latencyMs, toCoverageMs, coverage, duplicatesPerDelivery } = transactions
  const toAll = toCoverageMs[100]
  return [
    plainFigure('to all peers, p50', toAll.p50, 'ms', { bound: 'below', value: 50 }),
    plainFigure('to all peers, p99', toAll.p99, 'ms', { bound: 'below', value: 250 }),
    plainFigure('to one peer, p50', latencyMs.p50, 'ms'),
    plainFigure('to one peer, p99', latencyMs.p99, 'ms'),
    plainFigure('coverage', coverage * 100, '%', { bound: 'at least', value: 100 }),
    plainFigure('duplicates per delivery', duplicatesPerDelivery, 'copies'),
  ]
}
