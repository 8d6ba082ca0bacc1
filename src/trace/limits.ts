/**
 * What the trace may keep: 53 MB when all of it is full, of which a peer at rest uses next to
 * nothing.
 */

/**
 * Items whose first accepted copy is remembered at a node: more than a minute of 200 transactions a
 * second.
 */
export const MAX_ARRIVALS = 16_384
/** Items with a timeline. An hour of 9 transactions a second; the oldest leaves first. */
export const MAX_TRACED_ITEMS = 32_768

/**
 * Sightings kept for timelines and for collectors, which must come back before this many have
 * passed.
 */
export const MAX_SIGHTINGS = 200_000

/** Fates kept; a forwarded message makes one for each mesh peer, so about as many as sightings. */
export const MAX_FATES = 200_000

/** Entries of one list in one timeline; longer lists are cut and their true length is told. */
export const MAX_TIMELINE_ENTRIES = 256

/** Sightings handed to a collector at once: about 2 MB of JSON. */
export const MAX_SIGHTINGS_PER_READ = 10_000
