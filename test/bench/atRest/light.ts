import { sleep, systemClock } from '../../../src/lib/clock.ts'
import { bytesToHex, hexToBytes, type Hex } from '../../../src/lib/bytes.ts'
import { DEVNET_ACCOUNTS, devnetAccounts } from '../../../src/devnet/accounts.ts'
import { rpcClient, type RpcClient } from '../../../src/rpc/client/rpcClient.ts'
import { amount, plainFigure, type Benchmark, type Effort, type Figure } from '../benchmark.ts'
import { cpuMsPerS } from './idle.ts'
import { cpuMsOfAll } from './processes.ts'
import { quartilesOf } from '../quartiles.ts'
import {
  DEVNET_NODES,
  SETTLING_MS,
  SMOKE_MS,
  withDevnet,
  type RunningDevnet,
} from './runningDevnet.ts'
import { transfers } from '../transfers.ts'

const RATE_PER_S = 30
const MEASURED_TXS = 600
const QUICK_TXS = 90
const SMOKE_TXS = 20
/** Before those that count, so that code which every node has run for a while is compiled. */
const WARM_UP_TXS = 90
/** From the last transaction until it is everywhere. */
const SPREAD_MS = 500
const IDLE_MS = 15_000

/** Each transaction comes alone: nothing is shared with another one, as it is under load. */
export const light: Benchmark = {
  name: 'light',
  sentence: `${DEVNET_NODES} peers as processes at ${RATE_PER_S} transactions a second: CPU time of one transaction`,
  run: (effort) => withDevnet(DEVNET_NODES, (devnet) => measure(devnet, effort)),
}

async function measure(devnet: RunningDevnet, effort: Effort): Promise<readonly Figure[]> {
  const count = amount(effort, { usual: MEASURED_TXS, quick: QUICK_TXS, smoke: SMOKE_TXS })
  const isSmoke = effort.smoke
  const load = signedTransfers(WARM_UP_TXS + count)
  const clients = devnet.rpcUrls.map((url) => rpcClient(url))
  await sleep(systemClock, isSmoke ? SMOKE_MS : SETTLING_MS)
  const idleMsPerS = (await cpuMsPerS(devnet.pids, isSmoke ? SMOKE_MS : IDLE_MS)).reduce(
    (sum, one) => sum + one,
    0,
  )
  await submit(load.slice(0, WARM_UP_TXS), clients)
  const [startMs, before] = [systemClock.monotonicMs(), cpuMsOfAll(devnet.pids)]
  const answersMs = await submit(load.slice(WARM_UP_TXS), clients)
  const cpuMs = cpuMsOfAll(devnet.pids) - before
  const idleMs = (idleMsPerS * (systemClock.monotonicMs() - startMs)) / 1000
  return [
    plainFigure(`CPU time of one transaction, all ${devnet.pids.length}`, cpuMs / count, 'ms'),
    plainFigure('the same without what they use at rest', (cpuMs - idleMs) / count, 'ms', {
      bound: 'below',
      value: 14,
    }),
    { name: 'answer to a submission', unit: 'ms', measured: quartilesOf(answersMs) },
  ]
}

/** From the funded accounts in turn. */
function signedTransfers(count: number): Hex[] {
  const senders = devnetAccounts().map(({ address, privateKey }) => ({
    address,
    privateKey: hexToBytes(privateKey),
  }))
  return transfers(senders, [0, Math.ceil(count / DEVNET_ACCOUNTS)])
    .slice(0, count)
    .map(({ raw }) => bytesToHex(raw))
}

/**
 * Each sender keeps to one peer, so that its nonces come in order. Resolves when all are answered
 * and everywhere, with the time of each answer, ms.
 */
async function submit(load: readonly Hex[], clients: readonly RpcClient[]): Promise<number[]> {
  const startMs = systemClock.monotonicMs()
  const answers: Promise<number>[] = []
  for (const [index, raw] of load.entries()) {
    const waitMs = startMs + (index * 1000) / RATE_PER_S - systemClock.monotonicMs()
    if (waitMs > 0) await sleep(systemClock, waitMs)
    const client = clients[(index % DEVNET_ACCOUNTS) % clients.length]
    if (client !== undefined) answers.push(timed(client, raw))
  }
  const answersMs = await Promise.all(answers)
  await sleep(systemClock, SPREAD_MS)
  return answersMs
}

async function timed(client: RpcClient, raw: Hex): Promise<number> {
  const startMs = systemClock.monotonicMs()
  await client.call('eth_sendRawTransaction', [raw])
  return systemClock.monotonicMs() - startMs
}
