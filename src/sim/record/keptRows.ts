/**
 * How much of a large network's copies a report lists one by one; all figures are over everything.
 */

/** Rows of spreads that a report keeps of each kind: 25,000 nodes make so many of ten items. */
export const MAX_SPREAD_ROWS = 250_000
/** Copies after the first that are kept one by one, of each kind. */
export const MAX_LATER_COPIES = 200_000
