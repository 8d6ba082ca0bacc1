/**
 * How long items took to this node, without a collector: the time at which an item entered the
 * network is the earliest sighting that all nodes know together, found by a search; the latency is
 * the own sighting less that.
 */
import type { PeerId } from '../gossip/network.ts'
import type { Clock } from '../lib/clock.ts'
import { rankOf, type FirstSighting } from '../search/firstSightings.ts'
import type { FollowedKind } from '../item/itemKinds.ts'
import type { Search } from '../search/search.ts'
import { shortIdOf } from '../search/tally.ts'
import type { FirstArrival, Arrivals } from '../trace/arrivals.ts'

/** First sightings that were found this long ago, ms, are not of the last minute any more. */
const MAX_AGE_MS = 30_000
/** Questions so soon after each other, ms, use the same first sightings. */
const FRESH_ORIGINS_MS = 3_000

/** What the times are taken from. */
export interface SpreadTimesParts {
  readonly arrivals: Arrivals
  readonly search: Pick<Search, 'find' | 'origins'>
  readonly self: () => PeerId
  readonly clock: Clock
}

/** A sampled item that entered elsewhere: when, and when it came here, if it did. */
interface Spreading {
  readonly entered: FirstSighting
  readonly arrival: FirstArrival | undefined
}

/** The propagation of the items of the last minute, as this node saw it. */
export class SpreadTimes {
  readonly #parts: SpreadTimesParts

  constructor(parts: SpreadTimesParts) {
    this.#parts = parts
  }

  /**
   * From the entry of each sampled item to its verdict here, ms: as a report has it, at least 0.
   */
  latenciesMs(item: FollowedKind): readonly number[] {
    return this.#spreading(item).flatMap(({ entered, arrival }) =>
      arrival === undefined ? [] : [Math.max(0, arrival.judgedMs - entered.atMs)],
    )
  }

  /** The bound on the error of each of these latencies, ms. */
  errorsMs(item: FollowedKind): readonly number[] {
    return this.#spreading(item).flatMap(({ entered, arrival }) =>
      arrival === undefined ? [] : [entered.errorMs],
    )
  }

  /** Whether each sampled item came here. */
  arrived(item: FollowedKind): readonly boolean[] {
    return this.#spreading(item).map(({ arrival }) => arrival !== undefined)
  }

  /**
   * Lets all nodes find the first sightings, unless that was just done. Rejects where the search
   * cannot be asked.
   */
  async prepare(item: FollowedKind): Promise<void> {
    const { search, clock } = this.#parts
    const last = search.origins(item)
    if (last !== undefined && clock.monotonicMs() - last.atMs <= FRESH_ORIGINS_MS) return
    await search.find({ kind: 'origins', item })
  }

  /** What this node saw first itself entered here, and took no time. */
  #spreading(item: FollowedKind): Spreading[] {
    const { arrivals, search, self, clock } = this.#parts
    const origins = search.origins(item)
    if (origins === undefined || clock.monotonicMs() - origins.atMs > MAX_AGE_MS) return []
    const { digest, sightings } = origins
    const own = shortIdOf(digest, self())
    const cameHere = new Map(
      [...arrivals.of(item)].map(([hash, arrival]) => [rankOf(digest, hash), arrival]),
    )
    return [...sightings].flatMap(([rank, entered]) =>
      entered.by === own ? [] : [{ entered, arrival: cameHere.get(rank) }],
    )
  }
}
