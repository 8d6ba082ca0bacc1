/** One run of the instrument: load on a network, sightings collected while it spreads, figures at the end. */
import { sleep } from '../lib/clock.ts'
import { roundMs } from '../measure/percentile.ts'
import type { FaultRecord, Report } from '../measure/report.ts'
import { readClocks } from './clockReadings.ts'
import { Collector } from './collector.ts'
import type { Devnet } from './devnet.ts'
import { reportOf, type RunRecord } from './experimentReport.ts'
import { Inclusion } from './inclusion.ts'
import { measuredDevnet } from './measuredNetwork.ts'
import { MeshReadings } from './meshReadings.ts'
import { readCounters } from './peerReadings.ts'
import { planWorkload, runWorkload, type Submission } from './workload.ts'

export interface ExperimentOptions {
  readonly txs: number
  readonly ratePerS: number
  readonly dataBytes: number
  readonly onProgress: (progress: Progress) => void
}

export interface Progress {
  readonly phase: 'signing' | 'submitting' | 'settling'
  readonly submitted: number
  readonly included: number
  readonly head: number
}

const COLLECT_EVERY_MS = 250
/** After the last transaction is in a block, copies still travel: this long is waited for them. */
const SETTLE_MS = 1_500
/** Blocks that may pass before a transaction that is not included counts as left out. */
const INCLUSION_PERIODS = 6

/** Runs the load and reports. Peers that die meanwhile lower the coverage; nothing is left out silently. */
export async function runExperiment(devnet: Devnet, options: ExperimentOptions): Promise<Report> {
  const { clock } = devnet.options
  const network = measuredDevnet(devnet)
  const collector = new Collector(network.peers)
  const meshReadings = new MeshReadings(network)
  const inclusion = new Inclusion(network)
  await inclusion.start()
  const before = await readCounters(network.peers)
  const clocksBefore = await readClocks(network)
  await collector.skipPast()
  const startMs = clock.monotonicMs()
  const startedAt = new Date(clock.wallMs()).toISOString()
  const { faults, exitsMs } = watchExits(devnet, startMs)
  const submissions = await runLoad(devnet, options, { collector, inclusion, meshReadings })
  const closeMs = clock.monotonicMs()
  const meshes = await meshReadings.read()
  await sleep(clock, SETTLE_MS)
  await collector.collect()
  const after = await readCounters(network.peers)
  return reportOf(network, {
    startedAt,
    startMs,
    closeMs,
    ratePerS: options.ratePerS,
    deliveries: { tx: collector.deliveries('tx'), block: collector.deliveries('block') },
    sightingsLost: collector.lost,
    submissions,
    included: (hash) => inclusion.has(hash),
    before,
    after,
    meshes,
    faults,
    exitsMs,
    clockReadings: [clocksBefore, await readClocks(network)],
    meshDegree: (kind) => meshReadings.meanDegree(kind),
  })
}

/** Notes every peer that goes away. */
function watchExits(devnet: Devnet, startMs: number): Pick<RunRecord, 'faults' | 'exitsMs'> {
  const faults: FaultRecord[] = []
  const exitsMs: number[] = []
  devnet.onExit(({ index, code, signal }) => {
    const how = signal ?? `exit code ${code}`
    const nowMs = devnet.options.clock.monotonicMs()
    const atMs = roundMs(nowMs - startMs)
    exitsMs.push(nowMs)
    faults.push({ atMs, kind: 'peer-exit', detail: `peer ${index} ended (${how})` })
  })
  return { faults, exitsMs }
}

/** What watches the network while the load runs. */
interface Observers {
  readonly collector: Collector
  readonly inclusion: Inclusion
  readonly meshReadings: MeshReadings
}

/** Signs, submits and waits for the blocks, collecting all the while. */
async function runLoad(
  devnet: Devnet,
  options: ExperimentOptions,
  { collector, inclusion, meshReadings }: Observers,
): Promise<readonly Submission[]> {
  const { clock, chainId, periodS } = devnet.options
  const submissions: Submission[] = []
  const progress = (phase: Progress['phase']): void =>
    options.onProgress({
      phase,
      submitted: submissions.length,
      included: inclusion.count,
      head: inclusion.head,
    })
  const gather = async (phase: Progress['phase']): Promise<void> => {
    await Promise.all([collector.collect(), inclusion.update(), meshReadings.readIfDue()])
    progress(phase)
  }
  progress('signing')
  const plan = await planWorkload({
    chainId,
    count: options.txs,
    ratePerS: options.ratePerS,
    dataBytes: options.dataBytes,
    privateKeys: devnet.accounts.map((account) => account.privateKey),
    targets: devnet.peers.map((peer) => peer.rpc),
  })
  const load = runWorkload(plan, clock, (submission) => submissions.push(submission))
  await whilePending(load, () =>
    Promise.all([gather('submitting'), sleep(clock, COLLECT_EVERY_MS)]),
  )
  const accepted = submissions.filter(({ status }) => status === 'accepted')
  const deadlineMs = clock.monotonicMs() + INCLUSION_PERIODS * periodS * 1000
  while (!inclusion.holdsAll(accepted) && clock.monotonicMs() < deadlineMs)
    await Promise.all([gather('settling'), sleep(clock, COLLECT_EVERY_MS)])
  return submissions
}

/** Repeats `step` until `promise` is settled, and throws what it threw. */
async function whilePending(
  promise: Promise<unknown>,
  step: () => Promise<unknown>,
): Promise<void> {
  const state = { pending: true }
  const settled = promise.finally(() => {
    state.pending = false
  })
  const steps = async (): Promise<void> => {
    while (state.pending) await step()
  }
  await Promise.all([settled, steps()])
}
