/**
 * Aggregation: what the whole network observes, known to every node that is asked, without a
 * collector.
 *
 * SPECIFICATION
 *
 * - Nothing is sent before somebody asks. Who is asked, and has no answer of the last seconds,
 *   begins an epoch: its number is above every number seen and not below the seconds of the
 *   calendar, its tag is random, and it is the root.
 * - An epoch is about one gauge. A node takes part in epochs of the gauges that it knows, a bounded
 *   number at a time.
 * - A node that meets a newer epoch joins it with what it observes then. A node that runs an epoch
 *   passes to a newer one (two that began at once become one), only so often.
 * - While the epoch runs a node exchanges with a random connected peer each period, which is longer
 *   where exchanges take long. The rounds count up together: each follows the highest count it
 *   meets. After the last round the result stays as it is.
 * - A number too far ahead of the calendar is not joined, so nobody can use up the numbers.
 */
import type { PeerId } from '../gossip/network.ts'
import { TokenBucket } from '../lib/tokenBucket.ts'
import { UserError } from '../lib/userError.ts'
import { decodeAggregateRequest, encodeAggregateAnswer } from './aggregateMessages.ts'
import {
  GaugeEpochs,
  type AggregateResult,
  type EpochParts,
  type EpochShare,
} from './gaugeEpochs.ts'
import { ExchangePace } from './exchangePace.ts'
import type { GaugeBook, Query } from './gauges.ts'
import { MAX_KEPT_GAUGES, MAX_RUNNING_GAUGES, PASSES } from './limits.ts'

/** What aggregation is made from. */
export interface AggregationParts extends EpochParts {
  readonly gauges: GaugeBook
}

/** What aggregation came to since the start. */
export interface AggregateCounts {
  readonly begun: number
  readonly joined: number
  readonly exchanged: number
  readonly later: number
  /** Exchanges given up: what they moved may be lost until the epoch ends. */
  readonly lost: number
}

/** Takes part in the epochs of the network, and begins one when it is asked. */
export class Aggregation {
  readonly #parts: AggregationParts
  /** By gauge, the oldest first. */
  readonly #epochs = new Map<string, GaugeEpochs>()
  readonly #share: EpochShare

  constructor(parts: AggregationParts) {
    const { clock } = parts
    const passes = new TokenBucket(PASSES, clock.monotonicMs())
    this.#parts = parts
    this.#share = {
      counts: { begun: 0, joined: 0, exchanged: 0, later: 0, lost: 0 },
      pace: new ExchangePace(),
      mayRun: () => this.#runningCount() < MAX_RUNNING_GAUGES,
      mayPass: () => passes.take(1, clock.monotonicMs()),
    }
  }

  get counts(): AggregateCounts {
    return { ...this.#share.counts }
  }

  /** Whether an epoch runs here. */
  get isRunning(): boolean {
    return this.#runningCount() > 0
  }

  /** The gauges that can be asked. */
  get gauges(): GaugeBook {
    return this.#parts.gauges
  }

  /** Serves exchanges. */
  async start(): Promise<void> {
    await this.#parts.requests.handle('aggregate', (from, data) => this.#serve(from, data))
  }

  stop(): void {
    for (const epochs of this.#epochs.values()) epochs.stop()
  }

  /**
   * Answers by the last epoch if it is fresh, else by the one that runs or a new one; throws a
   * UserError where none ends in time.
   */
  async ask({ what, gauge }: Query): Promise<AggregateResult> {
    const epochs = this.#of(gauge)
    if (epochs === undefined) throw new UserError(`no gauge is called "${gauge}"`)
    return epochs.ask(what)
  }

  /** The answer of the last epoch in which this node took part, however old. Sends nothing. */
  last({ what, gauge }: Query): AggregateResult | undefined {
    return this.#epochs.get(gauge)?.last(what)
  }

  async *#serve(from: PeerId, data: Uint8Array): AsyncIterable<Uint8Array> {
    const request = decodeAggregateRequest(data)
    const answer = this.#of(request.gauge)?.answer(from, request)
    yield encodeAggregateAnswer(answer ?? { state: 'later' })
  }

  #of(name: string): GaugeEpochs | undefined {
    const known = this.#epochs.get(name)
    if (known !== undefined) return known
    const gauge = this.#parts.gauges.find(name)
    if (gauge === undefined) return undefined
    const made = new GaugeEpochs(name, gauge, this.#parts, this.#share)
    if (this.#epochs.size >= MAX_KEPT_GAUGES) this.#forgetOldest()
    this.#epochs.set(name, made)
    return made
  }

  /** Whose epoch runs stays: there are fewer of these than are kept. */
  #forgetOldest(): void {
    for (const [name, epochs] of this.#epochs) {
      if (epochs.isRunning) continue
      epochs.stop()
      this.#epochs.delete(name)
      return
    }
  }

  #runningCount(): number {
    return [...this.#epochs.values()].filter(({ isRunning }) => isRunning).length
  }
}
