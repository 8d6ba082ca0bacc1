/** What a node answers to a query by itself. */
import type { Hash } from '../crypto/keccak.ts'
import type { PeerId } from '../gossip/network.ts'
import { NO_ANSWERS, type Answers, type BestAnswer } from './answers.ts'
import { lowestRanks, NO_SIGHTINGS, rankOf, type FirstSightings } from './firstSightings.ts'
import type { FollowedKind } from '../item/itemKinds.ts'
import type { SearchQuery } from './searchQuery.ts'
import { shortIdOf, tallyOf } from './tally.ts'

/** What a node knows that can be asked. */
export interface OwnKnowledge {
  /** Whether it has the item. */
  readonly has: (hash: Hash) => boolean
  /** When it first got the item, monotonic ms; `undefined` where it does not remember. */
  readonly seenMs: (hash: Hash) => number | undefined
  /** Its observations of a gauge; none of one that it does not know. */
  readonly observe: (gauge: string) => readonly number[]
  /** What must be known before a gauge can be observed anywhere; at once where it is nothing. */
  readonly prepare: (gauge: string) => Promise<void>
  /** Items of this kind that it got lately, each with when, monotonic ms. */
  readonly recent: (item: FollowedKind, nowMs: number) => Iterable<readonly [Hash, number]>
}

/** The answers of this node alone. */
export function ownAnswers(
  { question, digest }: SearchQuery,
  knowledge: OwnKnowledge,
  self: PeerId,
  nowMs: number,
): Answers {
  const id = shortIdOf(digest, self)
  if (question.kind === 'hash') {
    const atMs = knowledge.seenMs(question.hash)
    const has = atMs !== undefined || knowledge.has(question.hash)
    return { ...NO_ANSWERS, best: bestOf(self, atMs), tally: tallyOf(id, has) }
  }
  if (question.kind === 'extremum') {
    const values = knowledge.observe(question.gauge)
    const pick = question.end === 'highest' ? Math.max : Math.min
    const value = values.length === 0 ? undefined : pick(...values)
    return { ...NO_ANSWERS, best: bestOf(self, value), tally: tallyOf(id, value !== undefined) }
  }
  const sightings = sightingsOf(knowledge.recent(question.item, nowMs), digest, id)
  return { ...NO_ANSWERS, sightings, tally: tallyOf(id, sightings.size > 0) }
}

function bestOf(peer: PeerId, value: number | undefined): BestAnswer | undefined {
  return value === undefined ? undefined : { peer, value, errorMs: 0 }
}

function sightingsOf(
  recent: Iterable<readonly [Hash, number]>,
  digest: Uint8Array,
  by: number,
): FirstSightings {
  const sightings = new Map(
    [...recent].map(([hash, atMs]) => [rankOf(digest, hash), { by, atMs, errorMs: 0 }] as const),
  )
  return sightings.size === 0 ? NO_SIGHTINGS : lowestRanks(sightings)
}
