/**
 * Reads every peer again and again, once for all pages: its sightings by cursor, and less often
 * what it says of itself. Polls rest in proportion to what they take, so that the peers and not
 * their dashboard have the machine.
 */
import type { Clock } from '../../lib/clock.ts'
import type { NetworkPort, PeerPort } from '../../instrument/port.ts'
import type { SightingBatch } from '../../trace/timelines.ts'
import type { Board } from './board.ts'
import { DASHBOARD_LIMITS } from './limits.ts'
import { withinTime } from './patience.ts'
import { readingOf } from './readings.ts'

/** What a {@link Poller} reads, and where it puts what it read. */
export interface PollerOptions {
  readonly network: NetworkPort
  readonly board: Board
  /** Whether anyone watches. */
  readonly isWatched: () => boolean
}

/**
 * Where the reading of one peer stands; a peer that came back starts anew, for its sightings did.
 */
interface Place {
  readonly peer: PeerPort
  cursor: number
  readMs: number
  isBusy: boolean
}

const LIMITS = DASHBOARD_LIMITS
/** Beyond every cursor: answers nothing but where the next sighting will stand. */
const END = Number.MAX_SAFE_INTEGER

/** The polls of one dashboard. */
export class Poller {
  readonly #options: PollerOptions
  readonly #clock: Clock
  readonly #places = new Map<number, Place>()
  #isStopped = false
  #wake = (): void => {}

  constructor(options: PollerOptions) {
    this.#options = options
    this.#clock = options.network.clock
  }

  /** Polls until {@link stop}. */
  async run(): Promise<void> {
    while (!this.#isStopped) {
      const startMs = this.#clock.monotonicMs()
      await this.#round()
      const tookMs = this.#clock.monotonicMs() - startMs
      const leastMs = this.#options.isWatched() ? LIMITS.pollMs : LIMITS.idlePollMs
      const restMs = Math.min(LIMITS.pollRestFactor * tookMs, LIMITS.maxPollRestMs)
      await this.#rest(Math.max(leastMs, restMs))
    }
  }

  /** Ends a rest: somebody has come to watch. */
  hurry(): void {
    this.#wake()
  }

  /** Ends the polls; the one under way is not waited for. */
  stop(): void {
    this.#isStopped = true
    this.#wake()
  }

  #rest(delayMs: number): Promise<void> {
    if (this.#isStopped) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#clock.after(delayMs, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
  }

  async #round(): Promise<void> {
    const queue = this.#options.network.peers.filter((peer) => peer.isRunning()).values()
    const worker = async (): Promise<void> => {
      for (const peer of queue) {
        if (this.#isStopped) return
        await withinTime(this.#clock, LIMITS.patienceMs, this.#poll(peer), undefined)
      }
    }
    await Promise.all(Array.from({ length: LIMITS.pollWidth }, worker))
  }

  /** A peer that does not answer is asked again when it has. */
  async #poll(peer: PeerPort): Promise<void> {
    const place = this.#placeOf(peer)
    if (place.isBusy) return
    place.isBusy = true
    this.#options.board.asked(peer.index)
    try {
      await this.#read(place)
    } catch {
      return
    } finally {
      place.isBusy = false
    }
  }

  #placeOf(peer: PeerPort): Place {
    const { index } = peer
    const known = this.#places.get(index)
    if (known !== undefined && known.peer.instance === peer.instance) return known
    const place = { peer, cursor: 0, readMs: -Infinity, isBusy: false }
    this.#places.set(index, place)
    return place
  }

  async #read(place: Place): Promise<void> {
    const { peer } = place
    const nowMs = this.#clock.monotonicMs()
    const isDue = nowMs - place.readMs >= LIMITS.readingsMs
    const [page, reading] = await Promise.all([
      peer.sightings(place.cursor, LIMITS.maxPerPoll),
      isDue ? readingOf(peer) : undefined,
    ])
    if (this.#places.get(peer.index) !== place || this.#isStopped) return
    if (isDue) place.readMs = nowMs
    this.#options.board.answered(peer.index, reading)
    const isFull = this.#take(place, page)
    if (isFull) await this.#catchUp(place)
  }

  /** Takes a page of sightings; answers whether there may be more. */
  #take(place: Place, { cursor, lost, sightings }: SightingBatch): boolean {
    place.cursor = cursor
    this.#options.board.saw(place.peer.index, sightings, lost)
    return sightings.length >= LIMITS.maxPerPoll
  }

  /** Reads one page more, and skips the rest if that was not all. */
  async #catchUp(place: Place): Promise<void> {
    const { peer } = place
    if (!this.#take(place, await peer.sightings(place.cursor, LIMITS.maxPerPoll))) return
    const { cursor } = await peer.sightings(END, 0)
    this.#options.board.saw(peer.index, [], cursor - place.cursor)
    place.cursor = cursor
  }
}
