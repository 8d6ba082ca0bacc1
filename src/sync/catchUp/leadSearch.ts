/**
 * Looks for a peer to follow among those that claim to be ahead. They are asked one after another,
 * best first; the next one as soon as one has nothing to give, and after a while also beside one
 * that is silent. The first that gives blocks is the lead, so that peers which claim much and say
 * nothing cost a moment each and not the whole of a timeout.
 */
import type { Clock } from '../../lib/clock.ts'
import type { PeerId } from '../../gossip/network.ts'
import { LEAD_PATIENCE_MS, MAX_LEADS_ASKED } from '../limits.ts'
import type { PeerStatus } from '../status/peerBook.ts'
import type { FetchedRange } from './rangeScheduler.ts'

/** A peer that gave its first blocks above our chain. */
export interface Lead {
  readonly state: PeerStatus
  readonly given: FetchedRange
}

/** Who may be asked, and how. */
export interface LeadSource {
  /** The best peer ahead of us that is not among those. */
  candidate(except: ReadonlySet<PeerId>): PeerStatus | undefined
  /**
   * The first blocks of a peer above our chain; `undefined` where it gives none or `isOver`. Never
   * rejects.
   */
  ask(state: PeerStatus, isOver: () => boolean): Promise<FetchedRange | undefined>
}

/** One search, from its start to its result. */
export class LeadSearch {
  readonly #source: LeadSource
  readonly #asked = new Set<PeerId>()
  readonly #result = Promise.withResolvers<Lead | undefined>()
  #open = 0
  #isOver = false

  constructor(source: LeadSource) {
    this.#source = source
  }

  /** Resolves with the first that gives blocks, or with `undefined` when nobody is left to ask. */
  async run(clock: Clock): Promise<Lead | undefined> {
    const end = clock.every(LEAD_PATIENCE_MS, () => this.#askNext())
    this.#askNext()
    try {
      return await this.#result.promise
    } finally {
      end()
    }
  }

  /** Asks one more, if there is one and not too many are being asked already. */
  #askNext(): void {
    if (this.#isOver || this.#open >= MAX_LEADS_ASKED) return
    const state = this.#source.candidate(this.#asked)
    if (state !== undefined) void this.#ask(state)
    else if (this.#open === 0) this.#end(undefined)
  }

  /** Whatever still comes is not waited for. */
  stop(): void {
    this.#end(undefined)
  }

  async #ask(state: PeerStatus): Promise<void> {
    this.#asked.add(state.peer)
    this.#open++
    const given = await this.#source.ask(state, () => this.#isOver)
    this.#open--
    if (given === undefined) this.#askNext()
    else this.#end({ state, given })
  }

  #end(lead: Lead | undefined): void {
    this.#isOver = true
    this.#result.resolve(lead)
  }
}
