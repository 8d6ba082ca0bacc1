/**
 * What each peer may put into the router. The router takes duplicates and garbage for nothing, so a
 * peer could keep this process busy at no cost to its score: every frame is weighed here first.
 * What is over budget is dropped unread, which does not mark it seen; a peer that goes on is
 * reported.
 */
import type { PeerId } from '../../gossip/network.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import { TokenBucket, type BucketRate } from '../../lib/tokenBucket.ts'
import type { Offence } from '../peers/bans.ts'
import type { LimitValues } from '../limits.ts'

/**
 * What a frame costs at least, in entries: as much as one with one message, for it is about as much
 * work.
 */
const MIN_FRAME_ENTRIES = 4

/** A budget counts as used once in this time, ms; the one least recently used leaves first. */
const USED_EVERY_MS = 1_000

/** Faults are forgotten at the rate of one full allowance per this time. */
const FAULT_REFILL_S = 60

interface Budget {
  readonly rates: Rates
  readonly bytes: TokenBucket
  readonly messages: TokenBucket
  /** Full while there is none. */
  entries: TokenBucket | undefined
  drops: TokenBucket | undefined
  garbage: TokenBucket | undefined
  /** When the last frame came. */
  heardMs: number
  /** When it last counted as used. */
  usedMs: number
}

/** Whether a frame is taken, dropped, or one too many: then what its peer did wrong. */
export type Admission = 'admitted' | 'dropped' | Offence

/** Budgets outlive a connection, so that reconnecting refills nothing. Times are monotonic ms. */
export class Intake {
  readonly #limits: LimitValues
  readonly #budgets: BoundedMap<PeerId, Budget>
  /** Whose frame is being weighed: its budget is asked for more than once. */
  #lastPeer: PeerId | undefined
  #lastBudget: Budget | undefined

  constructor(limits: LimitValues) {
    this.#limits = limits
    this.#budgets = new BoundedMap(limits.trackedPeers)
  }

  /** Asked before a frame is decoded. */
  frame(peer: PeerId, bytes: number, nowMs: number): Admission {
    const budget = this.#budget(peer, nowMs)
    budget.heardMs = nowMs
    return budget.bytes.take(bytes, nowMs) ? 'admitted' : overBudget(budget, nowMs)
  }

  /**
   * When a frame of the peer last came, monotonic ms; `undefined` for one whose budget is not kept.
   */
  heardMs(peer: PeerId): number | undefined {
    return this.#budgets.peek(peer)?.heardMs
  }

  /**
   * Asked before a frame of so many entries (frameEntries.ts) is decoded; an empty frame has its
   * price too.
   */
  entries(peer: PeerId, count: number, nowMs: number): Admission {
    const budget = this.#budget(peer, nowMs)
    const price = Math.max(MIN_FRAME_ENTRIES, count + 1)
    budget.entries ??= new TokenBucket(budget.rates.entries, nowMs)
    return budget.entries.take(price, nowMs) ? 'admitted' : overBudget(budget, nowMs)
  }

  /** Asked before the messages of a decoded frame are handled. */
  messages(peer: PeerId, count: number, nowMs: number): Admission {
    if (count === 0) return 'admitted'
    const budget = this.#budget(peer, nowMs)
    return budget.messages.take(count, nowMs) ? 'admitted' : overBudget(budget, nowMs)
  }

  /** Counts a frame that could not be decoded. */
  garbage(peer: PeerId, nowMs: number): Admission {
    const budget = this.#budget(peer, nowMs)
    budget.garbage ??= new TokenBucket(budget.rates.garbage, nowMs)
    const tolerated = budget.garbage.take(1, nowMs)
    return tolerated ? 'dropped' : 'undecodable-frames'
  }

  #budget(peer: PeerId, nowMs: number): Budget {
    if (this.#lastBudget !== undefined && this.#lastPeer === peer) return this.#lastBudget
    const budget = this.#known(peer, nowMs) ?? this.#fresh(peer, nowMs)
    this.#lastPeer = peer
    this.#lastBudget = budget
    return budget
  }

  /** Counting a use moves three entries, so not every frame is one. */
  #known(peer: PeerId, nowMs: number): Budget | undefined {
    const budget = this.#budgets.peek(peer)
    if (budget === undefined || nowMs - budget.usedMs < USED_EVERY_MS) return budget
    budget.usedMs = nowMs
    return this.#budgets.get(peer)
  }

  #fresh(peer: PeerId, nowMs: number): Budget {
    const budget = freshBudget(this.#limits, nowMs)
    this.#budgets.set(peer, budget)
    return budget
  }
}

function overBudget(budget: Budget, nowMs: number): Admission {
  budget.drops ??= new TokenBucket(budget.rates.drops, nowMs)
  return budget.drops.take(1, nowMs) ? 'dropped' : 'message-flood'
}

/** What may be taken of each thing. */
type Rates = Readonly<Record<'bytes' | 'entries' | 'messages' | 'drops' | 'garbage', BucketRate>>

const ratesByLimits = new WeakMap<LimitValues, Rates>()

/** The same objects for all budgets of the same limits. */
function ratesOf(limits: LimitValues): Rates {
  const known = ratesByLimits.get(limits)
  if (known !== undefined) return known
  const rate = (burst: number, perSecond: number): BucketRate => ({ burst, perSecond })
  const faults = (count: number): BucketRate => rate(count, count / FAULT_REFILL_S)
  const made = {
    bytes: rate(limits.gossipBytesBurst, limits.gossipBytesPerSecond),
    entries: rate(limits.gossipEntriesBurst, limits.gossipEntriesPerSecond),
    messages: rate(limits.gossipMessagesBurst, limits.gossipMessagesPerSecond),
    drops: faults(limits.gossipMaxDroppedFrames),
    garbage: faults(limits.gossipMaxUndecodableFrames),
  }
  ratesByLimits.set(limits, made)
  return made
}

function freshBudget(limits: LimitValues, nowMs: number): Budget {
  const rates = ratesOf(limits)
  return {
    rates,
    bytes: new TokenBucket(rates.bytes, nowMs),
    messages: new TokenBucket(rates.messages, nowMs),
    entries: undefined,
    drops: undefined,
    garbage: undefined,
    heardMs: nowMs,
    usedMs: nowMs,
  }
}
