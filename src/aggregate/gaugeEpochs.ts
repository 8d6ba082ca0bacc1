/** The epochs of one gauge at a node: see aggregation.ts. */
import type { Network, PeerId } from '../gossip/network.ts'
import { messageOf } from '../lib/assert.ts'
import type { Cancel, Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import { UserError } from '../lib/userError.ts'
import { onlyFrame, type Requests } from '../sync/protocol.ts'
import {
  decodeAggregateAnswer,
  encodeAggregateRequest,
  type AggregateAnswer,
  type AggregateRequest,
} from './aggregateMessages.ts'
import { estimate, type Estimate } from './estimate.ts'
import type { ExchangePace } from './exchangePace.ts'
import type { AggregateFunction, Gauge } from './gauges.ts'
import {
  AGGREGATE_PERIOD_MS,
  EXTRA_ROUNDS,
  FRESH_MS,
  MAX_EPOCH_AHEAD_S,
  MAX_ROUNDS,
  MAX_WAIT_MS,
  MAX_WAITING,
} from './limits.ts'
import { isNewer, Participant, type Epoch, type OpenExchange } from './participant.ts'
import { contribution } from './summary.ts'

/** What the epochs of all gauges of a node are made from. */
export interface EpochParts {
  readonly network: Pick<Network, 'peers'>
  readonly requests: Requests
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** What this node observes of a gauge now. */
  readonly observe: (gauge: string) => readonly number[]
  /**
   * What must be known before an epoch of the gauge begins; at once where it is nothing. Rejects
   * with a UserError.
   */
  readonly prepare: (gauge: string) => Promise<void>
  /** How many members are alive, as far as this node knows. */
  readonly liveCount: () => number
}

/**
 * What the gauges of a node share: how many epochs run, how often one is left for a newer one, and
 * how long exchanges take.
 */
export interface EpochShare {
  readonly counts: { begun: number; joined: number; exchanged: number; later: number; lost: number }
  readonly pace: ExchangePace
  mayRun(): boolean
  mayPass(): boolean
}

/** An answer to a question. */
export interface AggregateResult extends Estimate {
  /** Rounds of the epoch that the answer is from. */
  readonly rounds: number
  /** Since the epoch ended, ms. */
  readonly ageMs: number
}

/** Takes part in the epochs of one gauge, and begins one when it is asked. */
export class GaugeEpochs {
  readonly #name: string
  readonly #gauge: Gauge
  readonly #parts: EpochParts
  readonly #share: EpochShare
  readonly #waiting = new Set<() => void>()
  #current: Participant | undefined
  #endedMs: number | undefined
  #preparing: Promise<void> | undefined
  #cancelTick: Cancel = () => {}
  #isStopped = false

  constructor(name: string, gauge: Gauge, parts: EpochParts, share: EpochShare) {
    this.#name = name
    this.#gauge = gauge
    this.#parts = parts
    this.#share = share
  }

  /** Whether an epoch runs here. */
  get isRunning(): boolean {
    return this.#current !== undefined && this.#endedMs === undefined
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelTick()
    for (const wake of this.#waiting) wake()
  }

  /**
   * Answers by the last epoch if it is fresh, else by the one that runs or a new one; throws a
   * UserError where none ends in time.
   */
  async ask(what: AggregateFunction): Promise<AggregateResult> {
    if (!this.#isFresh()) {
      if (this.#waiting.size >= MAX_WAITING)
        throw new UserError(`more than ${MAX_WAITING} questions wait: ask again in some seconds`)
      if (!this.isRunning) await this.#prepareAndBegin()
      await this.#ended()
    }
    const last = this.last(what)
    if (last === undefined) throw new UserError('no answer in time: ask again')
    return last
  }

  /** The answer of the last epoch that ended, however old; `undefined` where none has. */
  last(what: AggregateFunction): AggregateResult | undefined {
    const { clock } = this.#parts
    const [current, endedMs] = [this.#current, this.#endedMs]
    if (current === undefined || endedMs === undefined) return undefined
    return {
      ...estimate(what, this.#gauge, current.held, current.partners),
      rounds: current.round,
      ageMs: Math.round(clock.monotonicMs() - endedMs),
    }
  }

  /** Questions that come meanwhile wait for the same. */
  async #prepareAndBegin(): Promise<void> {
    this.#preparing ??= this.#prepared()
    await this.#preparing
  }

  async #prepared(): Promise<void> {
    try {
      await this.#parts.prepare(this.#name)
      if (this.isRunning || this.#isFresh() || this.#isStopped) return
      if (!this.#share.mayRun())
        throw new UserError('too many gauges are asked for at a time: ask again in some seconds')
      this.#begin()
    } finally {
      this.#preparing = undefined
    }
  }

  #isFresh(): boolean {
    const nowMs = this.#parts.clock.monotonicMs()
    return this.#endedMs !== undefined && nowMs - this.#endedMs <= FRESH_MS
  }

  /** Resolves when no epoch runs, or after the longest wait. */
  #ended(): Promise<void> {
    if (!this.isRunning || this.#isStopped) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel()
        this.#waiting.delete(wake)
        resolve()
      }
      const cancel = this.#parts.clock.after(MAX_WAIT_MS, wake)
      this.#waiting.add(wake)
    })
  }

  #begin(): void {
    const { clock, random, network } = this.#parts
    const number = Math.max(secondsOf(clock), (this.#current?.epoch.number ?? 0) + 1)
    const rounds = network.peers().length === 0 ? 0 : roundsFor(this.#parts.liveCount())
    this.#share.counts.begun++
    this.#enter({ number, tag: random.int(2 ** 32), rounds }, 0, true)
  }

  /** Joins an epoch that is newer, if it may; answers whether this node is in it. */
  #meet(epoch: Epoch, round: number): boolean {
    const current = this.#current
    if (current !== undefined && isSame(epoch, current.epoch)) return true
    const { clock } = this.#parts
    if (current !== undefined && !isNewer(epoch, current.epoch)) return false
    if (epoch.number > secondsOf(clock) + MAX_EPOCH_AHEAD_S) return false
    if (this.isRunning ? !this.#share.mayPass() : !this.#share.mayRun()) return false
    this.#share.counts.joined++
    this.#enter(epoch, round, false)
    return true
  }

  #enter(epoch: Epoch, round: number, isRoot: boolean): void {
    const { observe, random } = this.#parts
    this.#current = new Participant(epoch, round, contribution(observe(this.#name), isRoot))
    this.#endedMs = undefined
    this.#cancelTick()
    this.#plan(this.#current, isRoot ? 0 : random.next() * AGGREGATE_PERIOD_MS)
  }

  #plan(participant: Participant, delayMs: number): void {
    if (this.#isStopped) return
    if (participant.isOver) return this.#end()
    this.#cancelTick = this.#parts.clock.after(delayMs, () => {
      if (participant.isOver) return this.#end()
      participant.tick()
      void this.#exchange(participant)
      this.#plan(participant, this.#share.pace.periodMs)
    })
  }

  #end(): void {
    this.#endedMs = this.#parts.clock.monotonicMs()
    for (const wake of this.#waiting) wake()
  }

  /** One exchange, or one more try of the open one. Never rejects. */
  async #exchange(participant: Participant): Promise<void> {
    const exchange = this.#next(participant)
    if (exchange === undefined) return
    const { requests, log, clock } = this.#parts
    const sentMs = clock.monotonicMs()
    const { epoch, round } = participant
    const { peer, sequence, sent: held } = exchange
    exchange.isUnderWay = true
    try {
      const request = encodeAggregateRequest({
        gauge: this.#name,
        epoch,
        round,
        sequence,
        held,
      })
      const frame = await onlyFrame(requests.send(peer, 'aggregate', request))
      this.#share.pace.took(clock.monotonicMs() - sentMs)
      this.#take(participant, exchange, decodeAggregateAnswer(frame))
    } catch (error) {
      requests.blame(peer, error)
      log.debug('an exchange got no answer', { peer, reason: messageOf(error) })
      if (participant.fail(exchange)) return
      this.#share.counts.lost++
    } finally {
      exchange.isUnderWay = false
    }
  }

  /**
   * The exchange to send now: the open one again if its last try failed, else one with a random
   * peer.
   */
  #next(participant: Participant): OpenExchange | undefined {
    const { network, random } = this.#parts
    const peers = network.peers()
    const { open } = participant
    if (open?.isUnderWay === true) return undefined
    if (open !== undefined && peers.some(({ id }) => id === open.peer)) {
      open.tries++
      return open
    }
    if (open !== undefined) {
      participant.abandon()
      this.#share.counts.lost++
    }
    const peer = peers[random.int(Math.max(1, peers.length))]
    return peer && participant.ask(peer.id)
  }

  #take(participant: Participant, exchange: OpenExchange, answer: AggregateAnswer): void {
    const isExchanged = answer.state === 'exchanged'
    this.#share.counts[isExchanged ? 'exchanged' : 'later']++
    participant.settle(exchange, isExchanged ? answer.held : undefined)
    if (isExchanged) participant.follow(answer.round)
    if (answer.state === 'newer' && participant === this.#current)
      this.#meet(answer.epoch, answer.round)
  }

  /** Answers an exchange of a peer. */
  answer(from: PeerId, { epoch, round, sequence, held }: AggregateRequest): AggregateAnswer {
    const isJoined = this.#meet(epoch, round)
    const current = this.#current
    if (current === undefined) return { state: 'later' }
    if (!isJoined && isNewer(current.epoch, epoch))
      return { state: 'newer', epoch: current.epoch, round: current.round }
    const before = isJoined ? current.answer(from, sequence, held) : undefined
    if (before === undefined) return { state: 'later' }
    current.follow(round)
    return { state: 'exchanged', round: current.round, held: before }
  }
}

/** How many rounds bring `members` nodes within one per cent. */
export function roundsFor(members: number): number {
  const doublings = Math.ceil(Math.log2(Math.max(2, members)))
  return Math.min(MAX_ROUNDS, 2 * doublings + EXTRA_ROUNDS)
}

function isSame(a: Epoch, b: Epoch): boolean {
  return a.number === b.number && a.tag === b.tag
}

function secondsOf(clock: Clock): number {
  return Math.floor(clock.wallMs() / 1000)
}
