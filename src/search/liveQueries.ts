/** The queries that a node takes part in, within their bounds. */
import type { PeerId } from '../gossip/network.ts'
import { BoundedMap } from '../lib/boundedMap.ts'
import {
  MAX_LIVE_PER_ORIGIN,
  MAX_LIVE_QUERIES,
  MAX_QUERY_AGE_MS,
  MAX_REMEMBERED_ORIGINS,
} from './limits.ts'
import type { LiveQuery } from './liveQuery.ts'
import type { SearchQuery } from './searchQuery.ts'

/**
 * Why a node takes no part in a query, as data. Nobody is blamed: who passes it on may know better.
 */
export const SEARCH_REFUSALS = {
  'search-not-a-member': 'the asker is no live member, as far as this node knows',
  'search-other-time': 'its time is too far from the calendar of this node',
  'search-over': 'it is not newer than a query of the asker that has ended here',
  'search-too-many': 'the asker, or all together, have as many queries under way as there may be',
} as const

/** One of {@link SEARCH_REFUSALS}. */
export type SearchRefusal = keyof typeof SEARCH_REFUSALS

/** Queries by their digest, and which have ended. */
export class LiveQueries {
  readonly #isMember: (peer: PeerId) => boolean
  readonly #live = new Map<string, LiveQuery>()
  readonly #ended = new BoundedMap<PeerId, number>(MAX_REMEMBERED_ORIGINS)

  constructor(isMember: (peer: PeerId) => boolean) {
    this.#isMember = isMember
  }

  get size(): number {
    return this.#live.size
  }

  all(): readonly LiveQuery[] {
    return [...this.#live.values()]
  }

  /** Those that this member asked. */
  of(origin: PeerId): readonly LiveQuery[] {
    return this.all().filter(({ query }) => query.origin === origin)
  }

  get({ digest }: Pick<SearchQuery, 'digest'>): LiveQuery | undefined {
    return this.#live.get(keyOf(digest))
  }

  /** Why it is not taken part in; `undefined` where it may be. */
  objectionTo({ origin, number }: SearchQuery, wallMs: number): SearchRefusal | undefined {
    if (!this.#isMember(origin)) return 'search-not-a-member'
    if (Math.abs(number - wallMs) > MAX_QUERY_AGE_MS) return 'search-other-time'
    if (number <= (this.#ended.peek(origin) ?? 0)) return 'search-over'
    const isFull = this.size >= MAX_LIVE_QUERIES || this.of(origin).length >= MAX_LIVE_PER_ORIGIN
    return isFull ? 'search-too-many' : undefined
  }

  add(live: LiveQuery): void {
    this.#live.set(keyOf(live.query.digest), live)
  }

  end({ query }: LiveQuery): void {
    this.#live.delete(keyOf(query.digest))
    this.#ended.set(query.origin, Math.max(query.number, this.#ended.peek(query.origin) ?? 0))
  }
}

function keyOf(digest: Uint8Array): string {
  return Buffer.from(digest.buffer, digest.byteOffset, digest.length).toString('latin1')
}
