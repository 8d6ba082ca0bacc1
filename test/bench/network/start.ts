import { z } from 'zod'
import { amount, type Benchmark, type Figure } from '../benchmark.ts'
import { cpuMsOf } from './processes.ts'
import { startProgram } from '../program.ts'
import { quartilesOf } from '../quartiles.ts'
import { withDevnet } from './runningDevnet.ts'

const STARTS = 9
const QUICK_STARTS = 3
const TIMEOUT_MS = 30_000
const SMALL_NODES = 4

const readySchema = z.object({ pid: z.number() })

/** CPU time says more than time on the wall where others use the machine. */
export const start: Benchmark = {
  name: 'start',
  sentence: 'a node from its start until it is ready: time and CPU time; a network of 4',
  run: async (effort) => [
    ...(await oneNode(amount(effort, { usual: STARTS, quick: QUICK_STARTS }))),
    await smallNetwork(amount(effort, { usual: QUICK_STARTS, quick: 1 })),
  ],
}

async function oneNode(starts: number): Promise<readonly Figure[]> {
  const seconds: number[] = []
  const cpuMs: number[] = []
  for (let count = 0; count < starts; count++) {
    const program = await startProgram(['node', '--json'], TIMEOUT_MS)
    seconds.push(program.afterMs / 1000)
    cpuMs.push(cpuMsOf(readySchema.parse(program.first).pid))
    await program.stop()
  }
  return [
    {
      name: 'start of one node until it is ready',
      unit: 's',
      measured: quartilesOf(seconds),
      goal: { bound: 'below', value: 0.5 },
    },
    { name: 'CPU time of that', unit: 'ms', measured: quartilesOf(cpuMs) },
  ]
}

async function smallNetwork(starts: number): Promise<Figure> {
  const seconds: number[] = []
  for (let count = 0; count < starts; count++)
    await withDevnet(SMALL_NODES, async ({ afterMs }) => void seconds.push(afterMs / 1000))
  return {
    name: `start of a network of ${SMALL_NODES} until all are ready`,
    unit: 's',
    measured: quartilesOf(seconds),
    goal: { bound: 'below', value: 2 },
  }
}
