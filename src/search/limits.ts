/** Every bound of search/, with its unit and its reason. */

/**
 * How often a node exchanges with a random peer while a query is alive, ms: the literature's figure
 * is 30 rounds in 3 s.
 */
export const SEARCH_PERIOD_MS = 100
/**
 * Rounds of a query beyond twice the binary logarithm of the members: round trips may take longer
 * than a period.
 */
export const EXTRA_SEARCH_ROUNDS = 10
/** Rounds of the longest query, enough for a million members. */
export const MAX_SEARCH_ROUNDS = 50
/**
 * Peers that a node exchanges with in each of its first rounds of a query: who has not heard of it
 * does not ask.
 */
export const EAGER_FANOUT = 2
/**
 * Rounds for which it does. At 25,000 nodes a query is known to all after 18 rounds instead of 27,
 * for one exchange more of a node.
 */
export const EAGER_ROUNDS = 4
/**
 * A node that has learnt nothing about a query for so many rounds begins no exchange about it; it
 * still answers.
 */
export const QUIET_ROUNDS = 5
/** Queries that a node takes part in at a time. */
export const MAX_LIVE_QUERIES = 16
/** Of those, asked by one member. */
export const MAX_LIVE_PER_ORIGIN = 4
/**
 * Exchanges about one query that a node answers, for each round of the query: a random graph asks
 * for one.
 */
export const ANSWERED_PER_ROUND = 2
/**
 * Exchanges that wait for an answer at a time: round trips of up to half as many periods cost no
 * round.
 */
export const MAX_OPEN_SEARCHES = 8
/** Nodes that a tally counts one by one; beyond them the count is an estimate from as many. */
export const MAX_TALLIED = 64
/** Items of which the first sightings are looked for at a time. */
export const MAX_ORIGIN_ITEMS = 40
/** A signed query, bytes: the longest name of a gauge fits. */
export const MAX_QUERY_ENVELOPE_BYTES = 352
/**
 * What one query takes in a message at most, bytes: its envelope, the best answer, the tally, and
 * first sightings.
 */
export const MAX_QUERY_BYTES = 2_048
/**
 * How far the time in a query may be from the calendar of this node, ms: clocks differ, and old
 * queries must not live again.
 */
export const MAX_QUERY_AGE_MS = 600_000
/** Members whose newest query that ended is remembered, so that it does not begin again. */
export const MAX_REMEMBERED_ORIGINS = 1_024
/** First sightings are looked for of items that came within this time, ms. */
export const ORIGIN_WINDOW_MS = 65_000
/** Of those, none that came within this time, ms: it may be on its way still. */
export const SETTLING_MS = 5_000
