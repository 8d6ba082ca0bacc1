import { sleep, systemClock } from '../../../src/lib/clock.ts'
import type { Benchmark } from '../benchmark.ts'
import { residentMb } from './processes.ts'
import { quartilesOf } from '../quartiles.ts'
import { DEVNET_NODES, SETTLING_MS, SMOKE_MS, withDevnet } from './runningDevnet.ts'

/** Of every peer of a network without load. */
export const memory: Benchmark = {
  name: 'memory',
  sentence: `${DEVNET_NODES} peers as processes at rest: resident memory`,
  run: ({ smoke }) =>
    withDevnet(DEVNET_NODES, async ({ pids }) => {
      await sleep(systemClock, smoke ? SMOKE_MS : SETTLING_MS)
      return [
        {
          name: 'resident memory of a peer',
          unit: 'MB',
          measured: quartilesOf(pids.map(residentMb)),
          goal: { bound: 'below', value: 100 },
        },
      ]
    }),
}
