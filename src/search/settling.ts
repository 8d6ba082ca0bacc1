/** When a query has its answer. */
import { EXTRA_SEARCH_ROUNDS, MAX_SEARCH_ROUNDS } from './limits.ts'
import type { LiveQuery } from './liveQuery.ts'
import { isExact } from './tally.ts'

/** Rounds in which a query reaches all of `members` nodes and the best answer comes back. */
export function roundsThereAndBack(members: number): number {
  return 2 * Math.ceil(Math.log2(Math.max(2, members)))
}

/** How long a query lives, rounds. */
export function searchRoundsFor(members: number): number {
  return Math.min(MAX_SEARCH_ROUNDS, roundsThereAndBack(members) + EXTRA_SEARCH_ROUNDS)
}

/**
 * Whether who asked is given the answer: all live members have answered (not where all nodes are to
 * know the answer), or nothing new has come for some rounds after enough of them, or the query is
 * over.
 */
export function isSettled(live: LiveQuery, members: number): boolean {
  const { tally } = live.answers
  const isForAll = live.query.question.kind === 'origins'
  const isComplete = !isForAll && isExact(tally) && tally.ids.length >= members
  const isCalm = live.isQuiet && live.round >= roundsThereAndBack(members)
  return isComplete || isCalm || live.isOver
}
