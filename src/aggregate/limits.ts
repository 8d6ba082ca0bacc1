/** Every bound of aggregate/, with its unit and its reason. */
import type { BucketRate } from '../lib/tokenBucket.ts'

/**
 * How often a node exchanges with a random peer while an epoch runs, ms: several round trips of a
 * network on one planet.
 */
export const AGGREGATE_PERIOD_MS = 250
/**
 * Of its own exchanges' time, how much longer a period is at least: who waits for an answer gives
 * none, and two who wait for each other get none.
 */
export const PERIOD_OVER_EXCHANGE = 4
/**
 * The longest period, ms: on a machine that is overloaded an epoch takes longer, and not for ever.
 */
export const MAX_PERIOD_MS = 1_500
/**
 * Rounds of an epoch beyond twice the binary logarithm of the members: what the theory asks for one
 * per cent.
 */
export const EXTRA_ROUNDS = 10
/** Rounds of the longest epoch, enough for a million members. */
export const MAX_ROUNDS = 50
/** Tries of one exchange, the first included, before it is given up. */
export const MAX_TRIES = 3
/**
 * An epoch that ended within this time answers a question, ms; an older one is not asked about: a
 * new one begins.
 */
export const FRESH_MS = 5_000
/**
 * How long a question waits for an epoch to end, ms: twice the longest epoch, since another one may
 * take its place.
 */
export const MAX_WAIT_MS = 2 * MAX_ROUNDS * AGGREGATE_PERIOD_MS
/** Questions that wait at a time. */
export const MAX_WAITING = 256
/**
 * How far the number of an epoch may be ahead of the calendar of this node, s: clocks differ, and a
 * liar wants to go far ahead.
 */
export const MAX_EPOCH_AHEAD_S = 600
/**
 * How often a node leaves an epoch that runs for a newer one: of many that begin at once it meets
 * few that are newer.
 */
export const PASSES: BucketRate = { burst: 8, perSecond: 0.1 }
/** Peers whose last exchange is remembered, so that a try that is repeated counts once. */
export const MAX_REMEMBERED_EXCHANGES = 1_024
/** Gauges whose epochs run at a node at a time. */
export const MAX_RUNNING_GAUGES = 8
/** Gauges whose last answer is kept. */
export const MAX_KEPT_GAUGES = 64
/** States of partners that the spread is taken from. */
export const SPREAD_EXCHANGES = 4
/** Observations of one gauge at one node; the newest are taken. */
export const MAX_OBSERVATIONS = 1_024
/** The highest value of an observation, in the unit of its gauge. */
export const MAX_OBSERVATION = 2 ** 40
/** Buckets of a histogram: one up to 1, then two to each doubling, the last without end. */
export const BUCKETS = 34
