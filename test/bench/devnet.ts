import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { sleep, systemClock } from '../../src/lib/clock.ts'
import { plainFigure, type Benchmark, type Figure } from './benchmark.ts'
import { startProgram } from './program.ts'
import { quartilesOf } from './quartiles.ts'

const NODES = 8
const STARTS = 5
const START_TIMEOUT_MS = 30_000
const MEASURE_TIMEOUT_MS = 120_000
/** From the last peer's start until its memory is at rest. */
const REST_MS = 3_000

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
const readySchema = z.object({ peers: z.array(z.object({ pid: z.number() })) })

/** Whole processes on loopback; the goals are fixed numbers, so a busy machine shows in them. */
export const devnet: Benchmark = {
  name: 'devnet',
  sentence: `${NODES} peers as processes at idle load: latency, coverage, memory, time to start`,
  run: async ({ quick }) => [
    ...(await propagation(quick ? 60 : 300)),
    await residentMemory(),
    await timeToStart(),
  ],
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

/** Of every peer of a network without load. */
async function residentMemory(): Promise<Figure> {
  const program = await startProgram(
    ['devnet', '--nodes', String(NODES), '--json'],
    START_TIMEOUT_MS,
  )
  try {
    const { peers } = readySchema.parse(program.first)
    await sleep(systemClock, REST_MS)
    return {
      name: 'resident memory of a peer',
      unit: 'MB',
      measured: quartilesOf(peers.map(({ pid }) => residentMb(pid))),
      goal: { bound: 'below', value: 200 },
    }
  } finally {
    await program.stop()
  }
}

async function timeToStart(): Promise<Figure> {
  const seconds: number[] = []
  for (let start = 0; start < STARTS; start++) {
    const program = await startProgram(['node', '--json'], START_TIMEOUT_MS)
    seconds.push(program.afterMs / 1000)
    await program.stop()
  }
  return {
    name: 'start of one node until it is ready',
    unit: 's',
    measured: quartilesOf(seconds),
    goal: { bound: 'below', value: 3 },
  }
}

/** VmRSS in MB (10^6 bytes); Linux tells it in KiB. */
function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]
  if (kib === undefined) throw new Error(`process ${pid} does not tell its memory`)
  return (Number(kib) * 1024) / 1e6
}
