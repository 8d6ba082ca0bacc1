/**
 * One run of the instrument: load and faults on a network, sightings collected while they spread,
 * figures at the end.
 */
import type { Hex } from '../lib/bytes.ts'
import { sleep } from '../lib/clock.ts'
import { endsWithin } from '../lib/deadline.ts'
import { INTERRUPTED } from '../measure/outcome.ts'
import type { Report } from '../measure/report.ts'
import type { ClockReading } from '../measure/clocks/runClocks.ts'
import type { ScenarioRecord } from '../measure/scenarioRecord.ts'
import type { GossipCounters } from '../measure/traffic.ts'
import type { Fault, TimedFault } from '../scenario/fault.ts'
import type { TxPlan } from '../scenario/planLoad.ts'
import type { TimedQuestion } from '../scenario/questions.ts'
import { forEachKind, KINDS } from '../item/itemKinds.ts'
import { readClocks } from './readings/clockReadings.ts'
import { Collector } from './readings/collector.ts'
import { reportOf, type RunRecord } from './runReport.ts'
import { firstAnswer } from './rpc/firstAnswer.ts'
import { homeOf } from './home.ts'
import { Incidents } from './incidents.ts'
import { Inclusion, inclusionPatienceMs } from './inclusion.ts'
import { MemberReadings } from './members/memberReadings.ts'
import { MeshReadings } from './readings/meshReadings.ts'
import { patiently } from './patience.ts'
import { ReadingPace, type WhichPeers } from './readings/readingPace.ts'
import { readCounters } from './readings/peerReadings.ts'
import type { NetworkPort } from './port.ts'
import { Questions } from './questions.ts'
import { nextNonces, signLoad } from './signLoad.ts'
import { runWorkload, type PlannedTx, type SubmittedTx } from './workload.ts'

/** What one run does to its network. */
export interface RunOptions {
  /** In order of time; what is due before 0 is the warm-up and is not measured. */
  readonly load: readonly TxPlan[]
  /** Private keys of the senders of the load, by their position. */
  readonly privateKeys: readonly Hex[]
  /** In order of time. */
  readonly faults?: readonly TimedFault[]
  /** In order of time. */
  readonly questions?: readonly TimedQuestion[]
  /** From the first transaction to the start of the measurement; none unless given. */
  readonly warmupMs?: number
  /** How long to measure at least; as long as the load lasts unless given. */
  readonly durationMs?: number
  /** What was asked for, for the report. */
  readonly ratePerS: number
  readonly scenario?: ScenarioRecord
  /** The command line that asked for the run, for the report; null where there was none. */
  readonly command: string | null
  /**
   * When the run was asked for, RFC 3339; the start of the measurement by the network's clock
   * unless given.
   */
  readonly startedAt?: string
  /** How much of a large network is kept; all unless given. */
  readonly keeps?: KeptRows
  /**
   * Aborting ends the run before its time, with a {@link RunCut} if not by hand: the report is of
   * what has been.
   */
  readonly signal?: AbortSignal
  /** An aborted run waits for no copy that is under way, as it does unless told so. */
  readonly endsAtOnce?: boolean
  readonly onProgress: (progress: Progress) => void
}

/** Why a run ends before its time: `message` goes on after "the run was ended". */
export class RunCut extends Error {}

/** Who ends a run unless something else is said. */
export const BY_HAND = 'by hand'

/** Bounds on what a run of a large network keeps row by row; all figures are over everything. */
export interface KeptRows {
  /** Copies after the first, of each kind of item. */
  readonly laterCopies: number
  /** Rows of spreads in the report, of each kind of item. */
  readonly spreadRows: number
}

/** How far a run has come. */
export interface Progress {
  readonly phase: 'signing' | 'warming up' | 'submitting' | 'settling'
  readonly submitted: number
  readonly included: number
  readonly head: number
}

const COLLECT_EVERY_MS = 250
/** A peer that is stopped answers nobody: nothing waits longer than this for it. */
const PATIENCE_MS = 2_000
/** A peer that is about to be killed has so long to tell what it saw. */
const LAST_WORDS_MS = 1_000
/**
 * After the last transaction is in a block, copies still travel: they are waited for until none has
 * come for so long, and no longer than `MAX_SETTLE_MS` in all.
 */
const SETTLE_MS = 1_500
const MAX_SETTLE_MS = 15_000
/**
 * Wei per gas that a transaction pays at most: fixed, so that the same plan gives the same hashes.
 * From 1 gwei the base fee needs 39 full blocks to get there; the largest transaction stays below
 * the fee cap of JSON-RPC.
 */
export const MAX_FEE_WEI = 100_000_000_000n

/**
 * Runs the load and reports. Peers that die meanwhile lower the coverage; nothing is left out
 * silently.
 */
export async function runMeasurement(network: NetworkPort, options: RunOptions): Promise<Report> {
  return new Run(network, options).report()
}

/**
 * The transactions of a load, in its order: the same plan and keys give the same hashes on a new
 * chain.
 */
export async function signRun(
  network: NetworkPort,
  { load, privateKeys }: Pick<RunOptions, 'load' | 'privateKeys'>,
): Promise<readonly PlannedTx[]> {
  const senders = 1 + load.reduce((most, { sender }) => Math.max(most, sender), -1)
  const keys = privateKeys.slice(0, senders)
  return signLoad(load, {
    chainId: network.chainId,
    privateKeys: keys,
    firstNonces: await nextNonces(keys, () => ({
      nextNonce: (address) => firstAnswer(network.peers, (peer) => peer.nextNonce(address)),
    })),
    maxFeePerGas: MAX_FEE_WEI,
    targetOf: (node) => homeOf(network, node),
  })
}

interface Baseline {
  readonly startedAt: string
  readonly counters: ReadonlyMap<unknown, GossipCounters | undefined>
  readonly clocks: ClockReading
}

/** A run whose load and faults are over. */
interface EndedRun {
  readonly startMs: number
  /** From when on it counts what members knew. */
  readonly watchedFromMs: number
  readonly closeMs: number
  readonly meshes: RunRecord['meshes']
  readonly baseline: Baseline
  readonly incidents: Incidents
}

class Run {
  readonly #options: RunOptions
  readonly #network: NetworkPort
  readonly #collector: Collector
  readonly #members: MemberReadings
  readonly #inclusion: Inclusion
  readonly #meshReadings: MeshReadings
  readonly #pace: ReadingPace
  readonly #gather: (which: WhichPeers) => Promise<unknown>
  readonly #submissions: SubmittedTx[] = []
  readonly #questions: Questions
  /** When the last reading of the peers began. */
  #observedMs = 0
  /** Ends the load and the faults: at the end of the run, or before its time. */
  readonly #ended = new AbortController()

  constructor(network: NetworkPort, options: RunOptions) {
    const { clock } = network
    this.#options = options
    this.#network = network
    this.#collector = new Collector(network, options.keeps?.laterCopies)
    this.#members = new MemberReadings(network)
    this.#inclusion = new Inclusion(network)
    this.#questions = new Questions(network)
    this.#meshReadings = new MeshReadings(network)
    this.#pace = new ReadingPace((index) => this.#collector.readOf(index))
    let due: readonly number[] | undefined
    const watching = [
      patiently(clock, PATIENCE_MS, () => this.#collector.collect(due)),
      patiently(clock, PATIENCE_MS, () => this.#inclusion.update()),
      patiently(clock, PATIENCE_MS, () => this.#members.collect(due)),
      patiently(clock, PATIENCE_MS, () => this.#meshReadings.readIfDue()),
    ]
    this.#gather = (which) => {
      this.#observedMs = clock.monotonicMs()
      due = this.#pace.choose(which, network.peers)
      return Promise.all(watching.map((watch) => watch()))
    }
  }

  async report(): Promise<Report> {
    const { signal } = this.#options
    const interrupt = (): void => this.#ended.abort(signal?.reason)
    signal?.addEventListener('abort', interrupt)
    if (signal?.aborted) interrupt()
    try {
      return await this.#run()
    } finally {
      signal?.removeEventListener('abort', interrupt)
    }
  }

  async #run(): Promise<Report> {
    const { clock } = this.#network
    const { load, warmupMs = 0, faults = [], questions = [] } = this.#options
    this.#tell('signing')
    const signed = await signRun(this.#network, this.#options)
    await this.#inclusion.start()
    await this.#collector.skipPast()
    const watchedFromMs = clock.monotonicMs()
    const leadMs = Math.max(warmupMs, -(load[0]?.atMs ?? 0))
    const early = leadMs === 0 ? await this.#baseline() : undefined
    const startMs = clock.monotonicMs() + leadMs
    const incidents = new Incidents(this.#network, startMs)
    const playing = incidents.play(faults, {
      before: (fault) => this.#before(fault),
      signal: this.#ended.signal,
    })
    const asking = this.#questions.play(questions, startMs, this.#ended.signal)
    const loading = this.#submit(signed, leadMs)
    await this.#watchUntil('warming up', startMs)
    const baseline = early ?? (await this.#baseline())
    await this.#finish(Promise.all([loading, playing, asking]), startMs)
    const isCut = this.#isEnded
    if (isCut) incidents.record(INTERRUPTED, this.#endedText(startMs))
    this.#ended.abort()
    incidents.close()
    const closeMs = clock.monotonicMs()
    const meshes = await this.#meshReadings.read()
    if (isCut && this.#options.endsAtOnce === true) await this.#gather('all peers')
    else await this.#settle()
    return this.#reportOf({ startMs, watchedFromMs, closeMs, meshes, baseline, incidents })
  }

  /** Reads what is left and makes the report. */
  async #reportOf({
    startMs,
    watchedFromMs,
    closeMs,
    meshes,
    baseline,
    incidents,
  }: EndedRun): Promise<Report> {
    const after = await this.#counters()
    const instances = this.#network.peers.map(({ instance }) => instance)
    const { command, ratePerS, scenario, keeps, startedAt } = this.#options
    return reportOf(this.#network, {
      startedAt: startedAt ?? baseline.startedAt,
      startMs,
      closeMs,
      observedMs: this.#observedMs,
      command,
      ratePerS,
      deliveries: forEachKind((kind) => this.#collector.deliveries(kind), KINDS),
      ...(keeps && { maxSpreadRows: keeps.spreadRows }),
      sightingsLost: this.#collector.lost,
      submissions: this.#submissions,
      included: (hash) => this.#inclusion.has(hash),
      before: instances.map((instance) => baseline.counters.get(instance)),
      after: instances.map((instance) => after.get(instance)),
      meshes,
      members: (clocks) => this.#members.figures(clocks, watchedFromMs),
      faults: incidents.records,
      questions: this.#questions.asked,
      clockReadings: [baseline.clocks, await readClocks(this.#network)],
      meshDegree: (kind) => this.#meshReadings.meanDegree(kind),
      ...(scenario && { scenario }),
    })
  }

  /** Whether it was ended before its time. */
  get #isEnded(): boolean {
    return this.#ended.signal.aborted
  }

  #endedText(startMs: number): string {
    const { durationMs, load } = this.#options
    const plannedMs = durationMs ?? load.at(-1)?.atMs ?? 0
    const seconds = (ms: number): string => (Math.max(0, ms) / 1000).toFixed(1)
    const afterMs = this.#network.clock.monotonicMs() - startMs
    const { reason } = this.#ended.signal
    const why = reason instanceof RunCut ? reason.message : BY_HAND
    return `the run was ended ${why} after ${seconds(afterMs)} s of ${seconds(plannedMs)} s: the report covers what happened until then`
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
    const note = (submission: SubmittedTx, { dueMs }: PlannedTx): void => {
      if (submission.status === 'accepted') this.#questions.accepted(submission.hash)
      if (dueMs >= leadMs) this.#submissions.push(submission)
    }
    await runWorkload(signed, this.#network.clock, note, this.#ended.signal)
  }

  /**
   * What a peer saw last would be lost with it. A paused one cannot tell, and nobody waits for it.
   */
  async #before(fault: Fault): Promise<void> {
    if (fault.kind !== 'kill' && fault.kind !== 'leave') return
    const { clock, life } = this.#network
    const answering = fault.peers.filter((node) => life.stateOf(node) === 'up')
    const reads = [this.#collector.collect(answering), this.#members.collect(answering)]
    await endsWithin(clock, LAST_WORDS_MS, Promise.all(reads))
  }

  /** Until load and faults are over and the blocks have what they should, or had their chance. */
  async #finish(work: Promise<unknown>, startMs: number): Promise<void> {
    const { clock } = this.#network
    await this.#watchWhile('submitting', work)
    await this.#watchUntil('submitting', startMs + (this.#options.durationMs ?? 0))
    const accepted = this.#submissions.filter(({ status }) => status === 'accepted')
    const deadlineMs = clock.monotonicMs() + inclusionPatienceMs(this.#network.periodS)
    await this.#gather('all peers')
    const isDone = (): boolean => this.#inclusion.holdsAll(accepted) || this.#isEnded
    while (!isDone() && clock.monotonicMs() < deadlineMs) await this.#watch('settling')
  }

  /** Until transactions have stopped spreading; blocks are sealed for ever. */
  async #settle(): Promise<void> {
    const { clock } = this.#network
    const deadlineMs = clock.monotonicMs() + MAX_SETTLE_MS
    const copies = (): number => this.#collector.deliveries('tx').count
    let quiet = { copies: copies(), sinceMs: clock.monotonicMs() }
    while (clock.monotonicMs() < Math.min(deadlineMs, quiet.sinceMs + SETTLE_MS)) {
      await this.#watch('settling', 'all peers')
      if (copies() > quiet.copies) quiet = { copies: copies(), sinceMs: clock.monotonicMs() }
    }
  }

  async #watchUntil(phase: Progress['phase'], timeMs: number): Promise<void> {
    const { clock } = this.#network
    const leftMs = (): number => (this.#isEnded ? 0 : timeMs - clock.monotonicMs())
    while (leftMs() > COLLECT_EVERY_MS) await this.#watch(phase)
    if (leftMs() > 0) await sleep(clock, leftMs(), this.#ended.signal)
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

  async #watch(phase: Progress['phase'], which: WhichPeers = 'peers in turn'): Promise<void> {
    await Promise.all([this.#gather(which), sleep(this.#network.clock, COLLECT_EVERY_MS)])
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
