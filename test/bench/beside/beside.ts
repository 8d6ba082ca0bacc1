/**
 * Our devnet beside a network of geth nodes: the same genesis, load and machine, in turn, both seen
 * through their RPC alone.
 */
import { sleep, systemClock } from '../../../src/lib/clock.ts'
import { percentile } from '../../../src/measure/percentile.ts'
import { rpcClient } from '../../../src/rpc/client/rpcClient.ts'
import { amount, type Benchmark, type Effort, type Figure } from '../benchmark.ts'
import { allCpuMsPerS } from '../network/idle.ts'
import { signedTransfers, submit, type Signed } from '../network/load.ts'
import { cpuMsOfAll, residentMb } from '../network/processes.ts'
import { DEVNET_NODES, SETTLING_MS, SMOKE_MS, withDevnet } from '../network/runningDevnet.ts'
import { quartilesOf } from '../quartiles.ts'
import { Arrivals, type Durations } from './arrivals.ts'
import { withGeth } from './gethNetwork.ts'
import type { SeenNetwork } from './seenNetwork.ts'

const LIGHT_PER_S = 30
const BUSY_PER_S = 200
const IDLE_MS = 30_000
/** Loads at the lower rate, one after another, and one at the higher. */
const LIGHT_LOADS = 3
const SMOKE_TXS = 20
/** From the end of a load until what is still under way has arrived, ms. */
const ARRIVING_MS = 10_000
const PERCENTS = [50, 90, 99]

/** One value for each load; infinite where it lies among what did not arrive. */
interface Row {
  readonly name: string
  readonly unit: string
  readonly values: readonly number[]
}

/** Needs the program: `--geth FILE`. */
export const beside: Benchmark = {
  name: 'beside',
  sentence: `${DEVNET_NODES} peers as processes beside as many nodes of geth (--geth FILE): from outside`,
  needs: 'geth',
  run: async (effort) => {
    if (effort.geth === undefined) throw new Error('it needs --geth FILE, the program of geth')
    const theirs = await withGeth(effort.geth, DEVNET_NODES, (network) => measure(network, effort))
    const ours = await withDevnet(DEVNET_NODES, ({ pids, rpcUrls }) =>
      measure(
        {
          name: 'grapevine',
          pids,
          clients: rpcUrls.map((url) => rpcClient(url)),
          wsUrls: rpcUrls.map((url) => url.replace('http', 'ws')),
        },
        effort,
      ),
    )
    return ours.flatMap((row, index) => figuresOf(row, theirs[index] ?? row))
  },
}

async function measure(network: SeenNetwork, effort: Effort): Promise<readonly Row[]> {
  const txs = amount(effort, { usual: 600, quick: 150, smoke: SMOKE_TXS })
  const loads = amount(effort, { usual: LIGHT_LOADS, quick: 1, smoke: 1 })
  const busyTxs = amount(effort, { usual: 2_000, quick: 400, smoke: SMOKE_TXS })
  const signed = signedTransfers((1 + loads) * txs + busyTxs)
  const arrivals = await Arrivals.watch(network.wsUrls)
  try {
    await sleep(systemClock, effort.smoke ? SMOKE_MS : SETTLING_MS)
    const idleMsPerS = await allCpuMsPerS(network.pids, effort.smoke ? SMOKE_MS : IDLE_MS)
    const arrivingMs = effort.smoke ? SMOKE_MS : ARRIVING_MS
    const rest = { arrivals, idleMsPerS, arrivingMs }
    const rows: Row[] = [
      { name: 'CPU time of all at rest, a second', unit: 'ms', values: [idleMsPerS] },
      { name: 'resident memory at rest', unit: 'MB', values: network.pids.map(residentMb) },
    ]
    await submit(signed.slice(0, txs), network.clients, LIGHT_PER_S)
    const light = Array.from({ length: loads }, (_, load) =>
      signed.slice((1 + load) * txs, (2 + load) * txs),
    )
    rows.push(...(await loaded(network, { ...rest, ratePerS: LIGHT_PER_S, loads: light })))
    const busy = [signed.slice((1 + loads) * txs)]
    rows.push(...(await loaded(network, { ...rest, ratePerS: BUSY_PER_S, loads: busy })))
    rows.push({
      name: 'resident memory after it',
      unit: 'MB',
      values: network.pids.map(residentMb),
    })
    return rows
  } finally {
    arrivals.close()
  }
}

interface Loads {
  readonly arrivals: Arrivals
  readonly arrivingMs: number
  readonly idleMsPerS: number
  readonly ratePerS: number
  readonly loads: readonly (readonly Signed[])[]
}

/** The figures of some loads of the same rate, one after another. */
async function loaded(
  network: SeenNetwork,
  { arrivals, arrivingMs, idleMsPerS, ratePerS, loads }: Loads,
): Promise<readonly Row[]> {
  const cpuMs: number[] = []
  const [toOne, toAll]: [Durations[], Durations[]] = [[], []]
  for (const load of loads) {
    const [startMs, before] = [systemClock.monotonicMs(), cpuMsOfAll(network.pids)]
    const taken = await submit(load, network.clients, ratePerS)
    await sleep(systemClock, arrivingMs)
    const atRestMs = (idleMsPerS * (systemClock.monotonicMs() - startMs)) / 1000
    cpuMs.push((cpuMsOfAll(network.pids) - before - atRestMs) / load.length)
    toOne.push(arrivals.toOne(taken))
    toAll.push(arrivals.toAll(taken))
  }
  const at = `at ${ratePerS}/s: `
  return [
    ...PERCENTS.map((percent) => durationRow(`${at}to one, p${percent}`, toOne, percent)),
    ...PERCENTS.map((percent) => durationRow(`${at}to all, p${percent}`, toAll, percent)),
    { name: `${at}to all, share`, unit: '%', values: toAll.map(shareOf) },
    { name: `${at}CPU time of one transaction, without that at rest`, unit: 'ms', values: cpuMs },
  ]
}

function durationRow(name: string, durations: readonly Durations[], percent: number): Row {
  const values = durations.map(({ ms, of }) => {
    const ascending = ms.toSorted((a, b) => a - b)
    return percentile(ascending, percent, of) ?? Infinity
  })
  return { name, unit: 'ms', values }
}

function shareOf({ ms, of }: Durations): number {
  return (100 * ms.length) / of
}

/**
 * The median over the loads, with their quartiles. A row of which one value is not known is left
 * out; the share that arrived says why.
 */
function figuresOf(ours: Row, theirs: Row): readonly Figure[] {
  if (![...ours.values, ...theirs.values].every(Number.isFinite)) return []
  const baseline = { name: 'geth', measured: quartilesOf(theirs.values) }
  return [{ name: ours.name, unit: ours.unit, measured: quartilesOf(ours.values), baseline }]
}
