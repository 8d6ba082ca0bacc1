/** One run of the instrument: load and faults on a network, sightings collected while they spread, figures at the end. */
import { sleep } from '../lib/clock.ts'
import type { Delivery } from '../measure/delivery.ts'
import type { Report } from '../measure/report.ts'
import type { ClockReading } from '../measure/runClocks.ts'
import type { ScenarioRecord } from '../measure/scenarioRecord.ts'
import type { GossipCounters } from '../measure/traffic.ts'
import type { Fault, TimedFault } from '../scenario/fault.ts'
import type { TxPlan } from '../scenario/planLoad.ts'
import { readClocks } from './clockReadings.ts'
import { forEachKind, KINDS, type ItemKind } from '../item/itemKinds.ts'
import { Collector } from './collector.ts'
import type { Devnet } from '../devnet/devnet.ts'
import { reportOf } from './experimentReport.ts'
import { homeClient } from './homeClient.ts'
import { Incidents } from './incidents.ts'
import { Inclusion } from './inclusion.ts'
import { measuredDevnet, type MeasuredNetwork } from './measuredNetwork.ts'
import { MeshReadings } from './meshReadings.ts'
import { patiently } from './patience.ts'
import { readCounters } from './peerReadings.ts'
import { nextNonces, signLoad } from './signLoad.ts'
import { runWorkload, type PlannedTx, type Submission } from './workload.ts'

export interface ExperimentOptions {
  /** In order of time; what is due before 0 is the warm-up and is not measured. */
  readonly load: readonly TxPlan[]
  /** In order of time. */
  readonly faults?: readonly TimedFault[]
  /** From the first transaction to the start of the measurement; none unless given. */
  readonly warmupMs?: number
  /** How long to measure at least; as long as the load lasts unless given. */
  readonly durationMs?: number
  /** What was asked for, for the report. */
  readonly ratePerS: number
  readonly scenario?: ScenarioRecord
  readonly onProgress: (progress: Progress) => void
}

export interface Progress {
  readonly phase: 'signing' | 'warming up' | 'submitting' | 'settling'
  readonly submitted: number
  readonly included: number
  readonly head: number
}

const COLLECT_EVERY_MS = 250
/** A peer that is stopped answers nobody: nothing waits longer than this for it. */
const PATIENCE_MS = 2_000
/**
 * After the last transaction is in a block, copies still travel: they are waited for until none has come for so long, and
 * no longer than `MAX_SETTLE_MS` in all.
 */
const SETTLE_MS = 1_500
const MAX_SETTLE_MS = 15_000
/** Blocks that may pass before a transaction that is not included counts as left out. */
const INCLUSION_PERIODS = 6
/**
 * Wei per gas that a transaction pays at most: fixed, so that the same plan gives the same hashes. From 1 gwei the base fee
 * needs 39 full blocks to get there; the largest transaction stays below the fee cap of JSON-RPC.
 */
const MAX_FEE_WEI = 100_000_000_000n

/** Runs the load and reports. Peers that die meanwhile lower the coverage; nothing is left out silently. */
export async function runExperiment(devnet: Devnet, options: ExperimentOptions): Promise<Report> {
  return new Run(devnet, options).report()
}

/** The hashes of a load on a new chain, in its order. */
export async function signExperiment(
  devnet: Devnet,
  load: readonly TxPlan[],
): Promise<readonly PlannedTx[]> {
  const senders = 1 + load.reduce((most, { sender }) => Math.max(most, sender), -1)
  const privateKeys = devnet.accounts.slice(0, senders).map(({ privateKey }) => privateKey)
  const first = homeClient(devnet, 0)
  return signLoad(load, {
    chainId: devnet.options.chainId,
    privateKeys,
    firstNonces: await nextNonces(privateKeys, () => first),
    maxFeePerGas: MAX_FEE_WEI,
    targetOf: (node) => homeClient(devnet, node),
  })
}

interface Baseline {
  readonly startedAt: string
  readonly counters: ReadonlyMap<unknown, GossipCounters | undefined>
  readonly clocks: ClockReading
}

class Run {
  readonly #devnet: Devnet
  readonly #options: ExperimentOptions
  readonly #network: MeasuredNetwork
  readonly #collector: Collector
  readonly #inclusion: Inclusion
  readonly #meshReadings: MeshReadings
  readonly #gather: () => Promise<unknown>
  readonly #submissions: Submission[] = []
  /** When the last reading of the peers began. */
  #observedMs = 0

  constructor(devnet: Devnet, options: ExperimentOptions) {
    const network = measuredDevnet(devnet)
    const { clock } = network
    this.#devnet = devnet
    this.#options = options
    this.#network = network
    this.#collector = new Collector(network)
    this.#inclusion = new Inclusion(network)
    this.#meshReadings = new MeshReadings(network)
    const watching = [
      patiently(clock, PATIENCE_MS, () => this.#collector.collect()),
      patiently(clock, PATIENCE_MS, () => this.#inclusion.update()),
      patiently(clock, PATIENCE_MS, () => this.#meshReadings.readIfDue()),
    ]
    this.#gather = () => {
      this.#observedMs = clock.monotonicMs()
      return Promise.all(watching.map((watch) => watch()))
    }
  }

  async report(): Promise<Report> {
    const { clock } = this.#network
    const { load, warmupMs = 0, ratePerS, scenario } = this.#options
    this.#tell('signing')
    const signed = await signExperiment(this.#devnet, load)
    await this.#inclusion.start()
    await this.#collector.skipPast()
    const leadMs = Math.max(warmupMs, -(load[0]?.atMs ?? 0))
    const early = leadMs === 0 ? await this.#baseline() : undefined
    const startMs = clock.monotonicMs() + leadMs
    const incidents = new Incidents(this.#devnet, startMs)
    const ended = new AbortController()
    const playing = incidents.play(
      this.#options.faults ?? [],
      (fault) => this.#before(fault),
      ended.signal,
    )
    const loading = this.#submit(signed, leadMs)
    await this.#watchUntil('warming up', startMs)
    const baseline = early ?? (await this.#baseline())
    await this.#finish(Promise.all([loading, playing]), startMs)
    ended.abort()
    const closeMs = clock.monotonicMs()
    const meshes = await this.#meshReadings.read()
    await this.#settle()
    const after = await this.#counters()
    const instances = this.#network.peers.map(({ instance }) => instance)
    return reportOf(this.#network, {
      startedAt: baseline.startedAt,
      startMs,
      closeMs,
      observedMs: this.#observedMs,
      ratePerS,
      deliveries: forEachKind((kind) => this.#measured(kind, startMs), KINDS),
      sightingsLost: this.#collector.lost,
      submissions: this.#submissions,
      included: (hash) => this.#inclusion.has(hash),
      before: instances.map((instance) => baseline.counters.get(instance)),
      after: instances.map((instance) => after.get(instance)),
      meshes,
      faults: incidents.records,
      lifeChanges: incidents.changes,
      clockReadings: [baseline.clocks, await readClocks(this.#network)],
      meshDegree: (kind) => this.#meshReadings.meanDegree(kind),
      ...(scenario && { scenario }),
    })
  }

  /** Without the warm-up. All peers are on this host, and so on one clock. */
  #measured(kind: ItemKind, startMs: number): readonly Delivery[] {
    return this.#collector.deliveries(kind).filter(({ receivedMs }) => receivedMs >= startMs)
  }

  /** What the peers have counted when the measurement begins. */
  async #baseline(): Promise<Baseline> {
    const startedAt = new Date(this.#network.clock.wallMs()).toISOString()
    const counters = await this.#counters()
    return { startedAt, counters, clocks: await readClocks(this.#network) }
  }

  /** By instance: a peer that was started again counts from nothing. */
  async #counters(): Promise<ReadonlyMap<unknown, GossipCounters | undefined>> {
    const { peers } = this.#network
    const counters = await readCounters(peers)
    return new Map(peers.map(({ instance }, at) => [instance, counters[at]]))
  }

  /** Sends the load; what is due in the warm-up is not part of the run. */
  async #submit(signed: readonly PlannedTx[], leadMs: number): Promise<void> {
    await runWorkload(signed, this.#network.clock, (submission, { dueMs }) => {
      if (dueMs >= leadMs) this.#submissions.push(submission)
    })
  }

  /** What a peer saw last would be lost with it. */
  async #before(fault: Fault): Promise<void> {
    if (fault.kind === 'kill') await this.#collector.collect(fault.peers)
  }

  /** Until load and faults are over and the blocks have what they should, or had their chance. */
  async #finish(work: Promise<unknown>, startMs: number): Promise<void> {
    const { clock } = this.#network
    await this.#watchWhile('submitting', work)
    await this.#watchUntil('submitting', startMs + (this.#options.durationMs ?? 0))
    const accepted = this.#submissions.filter(({ status }) => status === 'accepted')
    const patienceMs = INCLUSION_PERIODS * this.#devnet.options.periodS * 1000
    const deadlineMs = clock.monotonicMs() + patienceMs
    await this.#gather()
    while (!this.#inclusion.holdsAll(accepted) && clock.monotonicMs() < deadlineMs)
      await this.#watch('settling')
  }

  /** Until transactions have stopped spreading; blocks are sealed for ever. */
  async #settle(): Promise<void> {
    const { clock } = this.#network
    const deadlineMs = clock.monotonicMs() + MAX_SETTLE_MS
    const copies = (): number => this.#collector.deliveries('tx').length
    let quiet = { copies: copies(), sinceMs: clock.monotonicMs() }
    while (clock.monotonicMs() < Math.min(deadlineMs, quiet.sinceMs + SETTLE_MS)) {
      await this.#watch('settling')
      if (copies() > quiet.copies) quiet = { copies: copies(), sinceMs: clock.monotonicMs() }
    }
  }

  async #watchUntil(phase: Progress['phase'], timeMs: number): Promise<void> {
    const { clock } = this.#network
    const leftMs = (): number => timeMs - clock.monotonicMs()
    while (leftMs() > COLLECT_EVERY_MS) await this.#watch(phase)
    if (leftMs() > 0) await sleep(clock, leftMs())
  }

  /** Watches until `work` is settled, and throws what it threw. */
  async #watchWhile(phase: Progress['phase'], work: Promise<unknown>): Promise<void> {
    const state = { pending: true }
    const settled = work.finally(() => {
      state.pending = false
    })
    const watching = async (): Promise<void> => {
      while (state.pending) await this.#watch(phase)
    }
    await Promise.all([settled, watching()])
  }

  async #watch(phase: Progress['phase']): Promise<void> {
    await Promise.all([this.#gather(), sleep(this.#network.clock, COLLECT_EVERY_MS)])
    this.#tell(phase)
  }

  #tell(phase: Progress['phase']): void {
    this.#options.onProgress({
      phase,
      submitted: this.#submissions.length,
      included: this.#inclusion.count,
      head: this.#inclusion.head,
    })
  }
}
