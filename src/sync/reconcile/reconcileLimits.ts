/** Every bound of the reconciliation of sets, with its unit and its reason. */

/** Gossip has this long to bring a transaction that came after the peer, ms. */
export const RECONCILE_AGE_MS = 10_000
/**
 * Elements that are compared: four times what a pool of the usual limits holds, and all members
 * there can be.
 */
export const MAX_RECONCILED = 32_768
/**
 * Cells of the first request: all there is to say of equal pools and of most differences of up to
 * two.
 */
export const FIRST_CELLS = 4
/**
 * Up to this many cells each request makes them so many times as many; the first ones say little.
 */
export const EARLY_CELLS = 100
/** How much larger each batch of cells is than the one before, at first. */
export const EARLY_CELL_GROWTH = 5
/**
 * Beyond, by half: what is sent in vain stays under half of what is needed, at a round trip for
 * each step.
 */
export const CELL_GROWTH = 1.5
/** Cells that a large difference takes, for each transaction in it. */
export const CELLS_PER_DIFFERENCE = 1.4
/** Bytes of cells or ids in one request, within what the protocol takes. */
export const MAX_COMPARE_BYTES = 15 * 1024
/** Hashes, and short ids beside them, in one frame of a difference. */
export const MAX_DIFFERENCE_HASHES = 384
/** Hashes given in one request: what a peer fetches by two requests before it answers. */
export const MAX_GIVEN_HASHES = 384
/** Requests of one session, over what the growth of cells and the list need. */
export const MAX_COMPARE_REQUESTS = 48
/** Frames of one answer: a difference of all that is compared, on both sides. */
export const MAX_DIFFERENCE_FRAMES = 2 * Math.ceil(MAX_RECONCILED / MAX_DIFFERENCE_HASHES) + 1

/** How often a node compares its pool with that of a peer picked at random, ms. */
export const RECONCILE_INTERVAL_MS = 15_000
/**
 * Beyond this many peers the interval grows by itself for every doubling, as in
 * hashicorp/memberlist.
 */
export const UNSCALED_PEERS = 32
/**
 * A peer that came is compared with after this, ms: if it is ahead, its blocks begin to come
 * before.
 */
export const FIRST_LOOK_MS = 500
/** After a first comparison another follows when what was too young then is old enough, ms. */
export const SECOND_LOOK_MS = 12_000
/** A peer whose status was overdue for this long and comes now has come back, ms. */
export const SILENCE_MS = 12_000
/** Sessions that this node leads at a time; the others wait. */
export const MAX_LED_SESSIONS = 4
/**
 * How soon to look again whether the node has caught up with the chain, ms: until then it can judge
 * nothing.
 */
export const READY_CHECK_MS = 1_000
/** A session that takes longer is given up, ms. */
export const SESSION_TIMEOUT_MS = 30_000
/** Sessions that this node answers at a time; the one used least recently makes room. */
export const MAX_ANSWERED_SESSIONS = 16
/**
 * New sessions that a peer may begin: four at once, then three times as many as an honest one does.
 */
export const PEER_SESSIONS = { burst: 4, perSecond: 0.2 } as const
/**
 * New sessions of all peers together: each costs a hash for every pooled transaction, 7 ms for
 * 6,000.
 */
export const ALL_SESSIONS = { burst: 32, perSecond: 4 } as const
/** Peers whose budget and last comparison are remembered, the least recent forgotten first. */
export const MAX_REMEMBERED_PEERS = 1_024
/** Transactions that were fetched and refused, and are not fetched again for a while. */
export const MAX_DECLINED_TXS = 16_384
/** For how long, ms: two pools may differ for as long as neither's owner changes the rules. */
export const DECLINED_LIFE_MS = 120_000
/** Hashes kept of each side of a comparison, as samples. */
export const MAX_SAMPLE_HASHES = 64
