/** One run of the instrument: load on a network, sightings collected while it spreads, figures at the end. */
import { cpus, totalmem } from 'node:os'
import { cryptoPaths } from '../crypto/paths.ts'
import { sleep } from '../lib/clock.ts'
import { spreadsOf, type Delivery, type Spread } from '../measure/delivery.ts'
import { summarise } from '../measure/percentile.ts'
import { propagationOf } from '../measure/propagation.ts'
import {
  REPORT_VERSION,
  type BlockReport,
  type ClockReport,
  type MachineReport,
  type Report,
  type TransactionReport,
} from '../measure/report.ts'
import { CLIENT_VERSION } from '../node/version.ts'
import { Collector } from './collector.ts'
import type { Devnet } from './devnet.ts'
import { isRecord } from './rpcClient.ts'
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
  const { clock, nodes } = devnet.options
  const collector = new Collector(
    devnet.peers.map(({ process, rpc }) => ({
      index: process.info.index,
      peerId: process.info.peerId,
      rpc,
    })),
  )
  const inclusion = new Inclusion(devnet)
  await inclusion.start()
  await collector.skipPast()
  const startMs = clock.monotonicMs()
  const submissions = await runLoad(devnet, options, collector, inclusion)
  const closeMs = clock.monotonicMs()
  await sleep(clock, SETTLE_MS)
  await collector.collect()
  const agreed = await agreedHead(devnet)
  const within = (deliveries: readonly Delivery[]): Spread[] =>
    spreadsOf(deliveries).filter(({ originMs }) => originMs >= startMs && originMs <= closeMs)
  return {
    version: REPORT_VERSION,
    grapevine: CLIENT_VERSION,
    nodes,
    durationMs: Math.round(closeMs - startMs),
    ratePerS: options.ratePerS,
    transactions: transactionReport(
      within(collector.deliveries('tx')),
      nodes,
      submissions,
      inclusion,
    ),
    blocks: blockReport(within(collector.deliveries('block')), nodes, agreed),
    clock: await clockReport(devnet),
    machine: machineReport(),
    crypto: cryptoPaths(),
    sightingsLost: collector.lost,
  }
}

/** Signs, submits and waits for the blocks, collecting all the while. */
async function runLoad(
  devnet: Devnet,
  options: ExperimentOptions,
  collector: Collector,
  inclusion: Inclusion,
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
    await Promise.all([collector.collect(), inclusion.update()])
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

/** Which transactions are in blocks of the canonical chain, as the first peer sees it. */
class Inclusion {
  readonly #devnet: Devnet
  readonly #included = new Set<string>()
  #head = 0

  constructor(devnet: Devnet) {
    this.#devnet = devnet
  }

  get count(): number {
    return this.#included.size
  }

  get head(): number {
    return this.#head
  }

  async start(): Promise<void> {
    this.#head = await this.#headNumber()
  }

  async update(): Promise<void> {
    const head = await this.#headNumber()
    for (let number = this.#head + 1; number <= head; number++) await this.#read(number)
    this.#head = head
  }

  has(hash: string): boolean {
    return this.#included.has(hash)
  }

  holdsAll(submissions: readonly Submission[]): boolean {
    return submissions.every(({ hash }) => this.#included.has(hash))
  }

  async #headNumber(): Promise<number> {
    return Number(await this.#devnet.peers[0]?.rpc.call('eth_blockNumber'))
  }

  async #read(number: number): Promise<void> {
    const block = await this.#devnet.peers[0]?.rpc.call('eth_getBlockByNumber', [
      `0x${number.toString(16)}`,
      false,
    ])
    if (!isRecord(block) || !Array.isArray(block['transactions'])) return
    for (const hash of block['transactions']) this.#included.add(String(hash))
  }
}

function transactionReport(
  spreads: readonly Spread[],
  nodes: number,
  submissions: readonly Submission[],
  inclusion: Inclusion,
): TransactionReport {
  const ours = new Set<string>(submissions.map(({ hash }) => hash))
  const refusals: Record<string, number> = {}
  for (const { status, reason } of submissions) {
    if (status !== 'accepted') refusals[reason] = (refusals[reason] ?? 0) + 1
  }
  return {
    submitted: submissions.length,
    accepted: submissions.filter(({ status }) => status === 'accepted').length,
    included: submissions.filter(({ hash }) => inclusion.has(hash)).length,
    refusals,
    sentLateMs: summarise(submissions.map(({ lateMs }) => lateMs)),
    ...propagationOf(
      spreads.filter(({ hash }) => ours.has(hash)),
      nodes,
    ),
  }
}

function blockReport(spreads: readonly Spread[], nodes: number, head: number | null): BlockReport {
  return { sealed: spreads.length, head, ...propagationOf(spreads, nodes) }
}

/** The highest block number that all peers have, if all have the same block there. */
async function agreedHead({ peers }: Devnet): Promise<number | null> {
  const heads = await Promise.allSettled(peers.map(({ rpc }) => rpc.call('eth_blockNumber')))
  const numbers = heads.flatMap((head) => (head.status === 'fulfilled' ? [Number(head.value)] : []))
  const lowest = Math.min(...numbers)
  const blocks = await Promise.allSettled(
    peers.map(({ rpc }) => rpc.call('eth_getBlockByNumber', [`0x${lowest.toString(16)}`, false])),
  )
  const hashes = blocks.map((block) =>
    block.status === 'fulfilled' && isRecord(block.value) ? String(block.value['hash']) : '',
  )
  return new Set(hashes).size === 1 && hashes[0] !== '' ? lowest : null
}

/** What the peers' status exchanges say of each other's clocks. */
async function clockReport({ peers }: Devnet): Promise<ClockReport> {
  const answers = await Promise.allSettled(peers.map(({ rpc }) => rpc.call('gossip_peers')))
  const links = answers.flatMap((answer) =>
    answer.status === 'fulfilled' && Array.isArray(answer.value)
      ? answer.value.filter(isRecord)
      : [],
  )
  const offsets = links.flatMap((link) => numberIn(link['clockOffsetMs']))
  const roundTrips = links.flatMap((link) => numberIn(link['roundTripMs']))
  return {
    source: 'host-monotonic',
    maxOffsetMs: largest(offsets.map(Math.abs)),
    errorMs: largest(roundTrips.map((ms) => ms / 2)),
  }
}

function numberIn(value: unknown): number[] {
  return typeof value === 'number' ? [value] : []
}

function largest(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.max(...values)
}

function machineReport(): MachineReport {
  const processors = cpus()
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
  }
}
