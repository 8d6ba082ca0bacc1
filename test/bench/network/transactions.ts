import { sleep, systemClock } from '../../../src/lib/clock.ts'
import { rpcClient } from '../../../src/rpc/client/rpcClient.ts'
import {
  amount,
  plainFigure,
  type Benchmark,
  type Effort,
  type Figure,
  type Goal,
} from '../benchmark.ts'
import { allCpuMsPerS } from './idle.ts'
import { cpuMsOfAll } from './processes.ts'
import { quartilesOf } from '../quartiles.ts'
import {
  DEVNET_NODES,
  SETTLING_MS,
  SMOKE_MS,
  withDevnet,
  type RunningDevnet,
} from './runningDevnet.ts'
import { signedTransfers, submit, type Taken } from './load.ts'

/** How many transactions come, and how many of them are not counted. */
interface Load {
  readonly ratePerS: number
  readonly measuredTxs: number
  /** Before those that count, so that code which every node has run for a while is compiled. */
  readonly warmUpTxs: number
  /** Of one transaction, without what the network uses at rest, ms. */
  readonly goal?: Goal
}

const LIGHT: Load = {
  ratePerS: 30,
  measuredTxs: 600,
  warmUpTxs: 90,
  goal: { bound: 'below', value: 14 },
}
const BUSY: Load = { ratePerS: 200, measuredTxs: 2_000, warmUpTxs: 1_000 }
/** The warm-up comes slowly: more at once is more than a network of cold code can take. */
const WARM_UP_PER_S = 60
const QUICK_TXS = 90
const SMOKE_TXS = 20
const IDLE_MS = 15_000

/** Each transaction comes alone: nothing is shared with another one, as it is in `busy`. */
export const light: Benchmark = {
  name: 'light',
  sentence: sentenceOf(LIGHT),
  run: (effort) => withDevnet(DEVNET_NODES, (devnet) => measure(devnet, LIGHT, effort)),
}

/** About as many as 2 cores can take. */
export const busy: Benchmark = {
  name: 'busy',
  sentence: sentenceOf(BUSY),
  run: (effort) => withDevnet(DEVNET_NODES, (devnet) => measure(devnet, BUSY, effort)),
}

function sentenceOf({ ratePerS }: Load): string {
  return `${DEVNET_NODES} peers as processes at ${ratePerS} transactions a second: CPU time of one transaction`
}

async function measure(
  devnet: RunningDevnet,
  { ratePerS, measuredTxs, warmUpTxs: usualWarmUpTxs, goal }: Load,
  effort: Effort,
): Promise<readonly Figure[]> {
  const count = amount(effort, { usual: measuredTxs, quick: QUICK_TXS, smoke: SMOKE_TXS })
  const warmUpTxs = amount(effort, { usual: usualWarmUpTxs, quick: QUICK_TXS, smoke: SMOKE_TXS })
  const isSmoke = effort.smoke
  const load = signedTransfers(warmUpTxs + count)
  const clients = devnet.rpcUrls.map((url) => rpcClient(url))
  await sleep(systemClock, isSmoke ? SMOKE_MS : SETTLING_MS)
  const idleMsPerS = await allCpuMsPerS(devnet.pids, isSmoke ? SMOKE_MS : IDLE_MS)
  await submit(load.slice(0, warmUpTxs), clients, Math.min(ratePerS, WARM_UP_PER_S))
  const [startMs, before] = [systemClock.monotonicMs(), cpuMsOfAll(devnet.pids)]
  const taken = await submit(load.slice(warmUpTxs), clients, ratePerS)
  const cpuMs = cpuMsOfAll(devnet.pids) - before
  const idleMs = (idleMsPerS * (systemClock.monotonicMs() - startMs)) / 1000
  return [
    plainFigure(`CPU time of one transaction, all ${devnet.pids.length}`, cpuMs / count, 'ms'),
    plainFigure('the same without what they use at rest', (cpuMs - idleMs) / count, 'ms', goal),
    { name: 'answer to a submission', unit: 'ms', measured: quartilesOf(answersMsOf(taken)) },
  ]
}

/** From the request to the answer, of each, ms. */
function answersMsOf(taken: readonly Taken[]): number[] {
  return taken.map(({ sentMs, answeredMs }) => answeredMs - sentMs)
}
