/**
 * What is known of the answers to one query: the best of them, who answered, and first sightings.
 * Merging is idempotent, commutative and associative (times apart, which carry the error of the way
 * they came), so answers may be lost, repeated, and come by any way.
 */
import type { PeerId } from '../gossip/network.ts'
import {
  isSameSightings,
  mergedSightings,
  NO_SIGHTINGS,
  shiftedSightings,
  type FirstSightings,
} from './firstSightings.ts'
import { shiftedMs, type PeerClock } from './peerClock.ts'
import type { Question } from './question.ts'
import { isSameTally, mergedTally, NO_TALLY, type Tally } from './tally.ts'

/**
 * The best answer that is known: whose it is, and its value, in ms of the holder's clock or in the
 * unit of the gauge.
 */
export interface BestAnswer {
  readonly peer: PeerId
  readonly value: number
  /** Bound on the error of a time, ms; 0 of what is no time. */
  readonly errorMs: number
}

/** What a node holds of a query. Never changed. */
export interface Answers {
  readonly best: BestAnswer | undefined
  readonly tally: Tally
  readonly sightings: FirstSightings
}

/** Of nobody. */
export const NO_ANSWERS: Answers = { best: undefined, tally: NO_TALLY, sightings: NO_SIGHTINGS }

/** The answers of both. */
export function mergedAnswers(question: Question, a: Answers, b: Answers): Answers {
  return {
    best: better(question, a.best, b.best),
    tally: mergedTally(a.tally, b.tally),
    sightings: mergedSightings(a.sightings, b.sightings),
  }
}

function better(
  question: Question,
  a: BestAnswer | undefined,
  b: BestAnswer | undefined,
): BestAnswer | undefined {
  if (a === undefined || b === undefined) return a ?? b
  if (isTimed(question) && a.peer === b.peer) return b.errorMs < a.errorMs ? b : a
  if (a.value === b.value) return b.peer < a.peer ? b : a
  const isHigher = b.value > a.value
  return isHigher === wantsHighest(question) ? b : a
}

function wantsHighest(question: Question): boolean {
  return question.kind === 'extremum' && question.end === 'highest'
}

/** Whether the answers hold times, which are by a clock. */
export function isTimed({ kind }: Question): boolean {
  return kind !== 'extremum'
}

/**
 * What a peer holds, by the clock of this node; without its times where nothing is known of its
 * clock.
 */
export function answersOfPeer(
  question: Question,
  { best, tally, sightings }: Answers,
  clock: PeerClock | undefined,
): Answers {
  if (!isTimed(question)) return { best, tally, sightings: NO_SIGHTINGS }
  if (clock === undefined) return { ...NO_ANSWERS, tally }
  return {
    best: best && {
      ...best,
      value: shiftedMs(best.value, clock),
      errorMs: best.errorMs + clock.errorMs,
    },
    tally,
    sightings: shiftedSightings(sightings, clock),
  }
}

/**
 * Whether there is nothing in one that is not in the other; how well a time is known does not
 * count.
 */
export function isSameAnswers(a: Answers, b: Answers): boolean {
  return (
    a.best?.peer === b.best?.peer &&
    isSameTally(a.tally, b.tally) &&
    isSameSightings(a.sightings, b.sightings)
  )
}
