import { sleep, systemClock } from '../../../src/lib/clock.ts'
import { amount, plainFigure, type Benchmark } from '../benchmark.ts'
import { cpuMsOf } from './processes.ts'
import { quartilesOf } from '../quartiles.ts'
import { DEVNET_NODES, SETTLING_MS, SMOKE_MS, withDevnet } from './runningDevnet.ts'

const MEASURED_MS = 30_000
const QUICK_MS = 5_000

/** Nothing is asked of the network but a block every 2 s, empty. */
export const idle: Benchmark = {
  name: 'idle',
  sentence: `${DEVNET_NODES} peers as processes that have nothing to do but an empty block every 2 s: CPU time`,
  run: (effort) =>
    withDevnet(DEVNET_NODES, async ({ pids }) => {
      await sleep(
        systemClock,
        amount(effort, { usual: SETTLING_MS, quick: QUICK_MS, smoke: SMOKE_MS }),
      )
      const eachMsPerS = await cpuMsPerS(
        pids,
        amount(effort, { usual: MEASURED_MS, quick: QUICK_MS, smoke: SMOKE_MS }),
      )
      const allMsPerS = eachMsPerS.reduce((sum, one) => sum + one, 0)
      return [
        plainFigure(`CPU time of all ${pids.length} a second`, allMsPerS, 'ms', {
          bound: 'below',
          value: 50,
        }),
        { name: 'of one peer', unit: 'ms', measured: quartilesOf(eachMsPerS) },
      ]
    }),
}

/** CPU time of each process a second, ms, over the next `durationMs`. */
export async function cpuMsPerS(
  pids: readonly number[],
  durationMs: number,
): Promise<readonly number[]> {
  const startMs = systemClock.monotonicMs()
  const before = pids.map(cpuMsOf)
  await sleep(systemClock, durationMs)
  const seconds = (systemClock.monotonicMs() - startMs) / 1000
  return pids.map((pid, index) => (cpuMsOf(pid) - (before[index] ?? 0)) / seconds)
}

/** The same of all of them together, ms. */
export async function allCpuMsPerS(pids: readonly number[], durationMs: number): Promise<number> {
  const eachMsPerS = await cpuMsPerS(pids, durationMs)
  return eachMsPerS.reduce((sum, one) => sum + one, 0)
}
