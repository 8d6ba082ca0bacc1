/**
 * Records how items spread in a network while somebody else uses it: nothing is read in between,
 * and a report can be asked for at any time. What the peers saw is read by cursor, so an item
 * counts once however many reports there are.
 */
import { forEachKind, KINDS } from '../item/itemKinds.ts'
import { sleep } from '../lib/clock.ts'
import type { Report } from '../measure/report.ts'
import type { GossipCounters } from '../measure/traffic.ts'
import type { ClockReading } from '../measure/clocks/runClocks.ts'
import { readClocks } from './readings/clockReadings.ts'
import { Collector } from './readings/collector.ts'
import { Incidents } from './incidents.ts'
import { Inclusion } from './inclusion.ts'
import { MemberReadings } from './members/memberReadings.ts'
import { MeshReadings } from './readings/meshReadings.ts'
import { readCounters } from './readings/peerReadings.ts'
import type { NetworkPort } from './port.ts'
import { reportOf } from './runReport.ts'
import type { SubmittedTx } from './workload.ts'

/**
 * Copies still travel when a report is asked for: they are waited for until none has come for so
 * long.
 */
const QUIET_MS = 500
/** Nor longer than this in all. */
const MAX_SETTLE_MS = 15_000
const READ_EVERY_MS = 100

/** What the network had counted when the recording began. */
interface Beginning {
  readonly startedAt: string
  readonly startMs: number
  /** By instance of the peer: one that was started again counts from nothing. */
  readonly counters: ReadonlyMap<unknown, GossipCounters | undefined>
  readonly clocks: ClockReading
}

/** A recording that runs, from {@link Recording.begin} on. */
export class Recording {
  readonly #network: NetworkPort
  readonly #collector: Collector
  readonly #inclusion: Inclusion
  readonly #meshes: MeshReadings
  readonly #members: MemberReadings
  readonly #incidents: Incidents
  readonly #begun: Beginning
  readonly #submissions: SubmittedTx[] = []

  private constructor(
    network: NetworkPort,
    begun: Beginning,
    parts: { readonly collector: Collector; readonly inclusion: Inclusion },
  ) {
    this.#network = network
    this.#begun = begun
    this.#collector = parts.collector
    this.#inclusion = parts.inclusion
    this.#meshes = new MeshReadings(network)
    this.#members = new MemberReadings(network)
    this.#incidents = new Incidents(network, begun.startMs)
  }

  /** From now on: what the network has seen before does not count. Throws where no peer answers. */
  static async begin(network: NetworkPort): Promise<Recording> {
    const parts = { collector: new Collector(network), inclusion: new Inclusion(network) }
    const [counters, clocks] = await Promise.all([
      countersOf(network),
      readClocks(network),
      parts.inclusion.start(),
      parts.collector.skipPast(),
    ])
    const { clock } = network
    const startedAt = new Date(clock.wallMs()).toISOString()
    return new Recording(
      network,
      { startedAt, startMs: clock.monotonicMs(), counters, clocks },
      parts,
    )
  }

  /** A transaction was handed to a peer of the network; items that nobody told of count as well. */
  note(submission: SubmittedTx): void {
    this.#submissions.push(submission)
  }

  /** Reads what a peer saw, which is lost when it ends. */
  async read(peer: number): Promise<void> {
    await Promise.all([this.#collector.collect([peer]), this.#members.collect([peer])])
  }

  /**
   * What has spread since the recording began, transactions that are under way included. The
   * recording goes on.
   */
  async report(): Promise<Report> {
    const { clock } = this.#network
    const closeMs = clock.monotonicMs()
    await this.#settle()
    const observedMs = clock.monotonicMs()
    await Promise.all([
      this.#collector.collect(),
      this.#inclusion.update(),
      this.#members.collect(),
    ])
    const { startedAt, startMs, counters: before, clocks } = this.#begun
    const after = await countersOf(this.#network)
    const instances = this.#network.peers.map(({ instance }) => instance)
    return reportOf(this.#network, {
      startedAt,
      startMs,
      closeMs,
      observedMs,
      command: null,
      ratePerS: 0,
      countsForeign: true,
      deliveries: forEachKind((kind) => this.#collector.deliveries(kind), KINDS),
      sightingsLost: this.#collector.lost,
      submissions: this.#submissions,
      included: (hash) => this.#inclusion.has(hash),
      before: instances.map((instance) => before.get(instance)),
      after: instances.map((instance) => after.get(instance)),
      meshes: await this.#meshes.read(),
      members: (known) => this.#members.figures(known, startMs),
      faults: this.#incidents.records,
      clockReadings: [clocks, await readClocks(this.#network)],
      meshDegree: (kind) => this.#meshes.meanDegree(kind),
    })
  }

  /** The network ends: what happens from now on is no incident. */
  end(): void {
    this.#incidents.close()
  }

  /** Until transactions have stopped spreading; blocks are sealed for ever. */
  async #settle(): Promise<void> {
    const { clock } = this.#network
    const deadlineMs = clock.monotonicMs() + MAX_SETTLE_MS
    let quiet = { copies: -1, sinceMs: clock.monotonicMs() }
    while (clock.monotonicMs() < Math.min(deadlineMs, quiet.sinceMs + QUIET_MS)) {
      await Promise.all([this.#collector.collect(), sleep(clock, READ_EVERY_MS)])
      const copies = this.#collector.deliveries('tx').count
      if (copies > quiet.copies) quiet = { copies, sinceMs: clock.monotonicMs() }
    }
  }
}

async function countersOf({
  peers,
}: NetworkPort): Promise<ReadonlyMap<unknown, GossipCounters | undefined>> {
  const counters = await readCounters(peers)
  return new Map(peers.map(({ instance }, at) => [instance, counters[at]]))
}
