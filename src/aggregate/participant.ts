/**
 * A node within one epoch, without network and time.
 *
 * SPECIFICATION
 *
 * - An exchange: the asker sends its values, the answerer sends its own, and both continue with the
 *   mean of the two. The sum of both does not change.
 * - From the request to the answer the asker does not change its values: it answers all other
 *   requests with "later".
 * - An answer that is lost would leave one of the two changed. So the asker repeats the same
 *   exchange, by its number, and the answerer gives its first answer again without counting it
 *   twice. An asker without an answer to the last try continues with its old values: then at most
 *   half of the difference between the two is lost, until the epoch ends.
 */
import type { PeerId } from '../gossip/network.ts'
import { BoundedMap } from '../lib/boundedMap.ts'
import { MAX_REMEMBERED_EXCHANGES, MAX_TRIES, SPREAD_EXCHANGES } from './limits.ts'
import { mixed, type Summary } from './summary.ts'

/** The name of an epoch, and how long it runs. */
export interface Epoch {
  /** The higher number is the newer epoch. */
  readonly number: number
  /** Chosen by who began it: of two with one number the higher tag holds. */
  readonly tag: number
  /** Rounds that it has. */
  readonly rounds: number
}

/** One exchange that waits for its answer. */
export interface OpenExchange {
  readonly peer: PeerId
  readonly sequence: number
  readonly sent: Summary
  tries: number
  /** A try waits for its answer. */
  isUnderWay: boolean
}

interface Answered {
  readonly sequence: number
  readonly held: Summary
}

/** Whether `a` takes the place of `b`. */
export function isNewer(a: Epoch, b: Epoch): boolean {
  return a.number !== b.number ? a.number > b.number : a.tag > b.tag
}

/** Takes part in one epoch. */
export class Participant {
  readonly epoch: Epoch
  #round: number
  /** Others have taken it on since its last period: the period that ends is theirs. */
  #isFollowing: boolean
  #exchanges = 0
  #held: Summary
  #open: OpenExchange | undefined
  #lastSequence = 0
  readonly #partners: Summary[] = []
  readonly #answered = new BoundedMap<PeerId, Answered>(MAX_REMEMBERED_EXCHANGES)

  /** @param round that others of the epoch have come to. */
  constructor(epoch: Epoch, round: number, contribution: Summary) {
    this.epoch = epoch
    this.#round = round
    this.#isFollowing = round > 0
    this.#held = contribution
  }

  get held(): Summary {
    return this.#held
  }

  /** What the last partners held, oldest first. */
  get partners(): readonly Summary[] {
    return this.#partners
  }

  get round(): number {
    return this.#round
  }

  /** Exchanges that this node completed. */
  get exchanges(): number {
    return this.#exchanges
  }

  get isOver(): boolean {
    return this.#round >= this.epoch.rounds
  }

  /** The exchange that waits for an answer. */
  get open(): OpenExchange | undefined {
    return this.#open
  }

  /**
   * A period has passed: a round, unless others have counted it already. All together count one a
   * period.
   */
  tick(): void {
    if (!this.#isFollowing) this.#round = Math.min(this.epoch.rounds, this.#round + 1)
    this.#isFollowing = false
  }

  /** Others of the epoch have come to this round. */
  follow(round: number): void {
    if (round <= this.#round) return
    this.#round = Math.min(this.epoch.rounds, round)
    this.#isFollowing = true
  }

  /** Begins an exchange; there must be none open. */
  ask(peer: PeerId): OpenExchange {
    this.#open = {
      peer,
      sequence: ++this.#lastSequence,
      sent: this.#held,
      tries: 1,
      isUnderWay: false,
    }
    return this.#open
  }

  /** Answers an exchange of a peer by what this node held before; `undefined` for "later". */
  answer(from: PeerId, sequence: number, theirs: Summary): Summary | undefined {
    const before = this.#answered.peek(from)
    if (before?.sequence === sequence) return before.held
    if (this.#open !== undefined || this.isOver) return undefined
    const held = this.#held
    this.#answered.set(from, { sequence, held })
    this.#mix(theirs)
    return held
  }

  /** The answer to an exchange has come: what the partner held, or `undefined` for "later". */
  settle(exchange: OpenExchange, theirs: Summary | undefined): void {
    if (this.#open !== exchange) return
    this.#open = undefined
    if (theirs !== undefined) this.#mix(theirs)
  }

  /** No answer came; answers whether the exchange is to be tried again. */
  fail(exchange: OpenExchange): boolean {
    if (this.#open !== exchange) return false
    if (exchange.tries < MAX_TRIES) return true
    this.abandon()
    return false
  }

  /** The exchange that is open gets no answer any more. */
  abandon(): void {
    this.#open = undefined
  }

  #mix(theirs: Summary): void {
    this.#held = mixed(this.#held, theirs)
    this.#exchanges++
    this.#partners.push(theirs)
    if (this.#partners.length > SPREAD_EXCHANGES) this.#partners.shift()
  }
}
