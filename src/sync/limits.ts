/** Every bound of sync/, with its unit and its reason. */
import { MAX_BLOCK_BYTES } from '../block/limits.ts'
import { MAX_VOTED_HEIGHTS, MAX_VOTE_BYTES } from '../finality/limits.ts'
import type { ProtocolLimits } from '../gossip/network.ts'
import type { RangeBounds } from './catchUp/rangeScheduler.ts'
import { MAX_DIFFERENCE_FRAMES } from './reconcile/reconcileLimits.ts'

const FIRST_BYTE_TIMEOUT_MS = 5_000
const TOTAL_TIMEOUT_MS = 10_000

/** Blocks that one range request may ask for. */
export const MAX_RANGE_BLOCKS = 1_024
/** Blocks that one request by hash may ask for. */
export const MAX_HASH_BLOCKS = 128
/** An answer of blocks ends after the block that passes this, bytes. */
export const SOFT_BLOCKS_BYTES = 2 * 1024 * 1024
/** Transactions that one request may ask for. */
export const MAX_FETCHED_TXS = 256
/** An answer of transactions ends after the one that passes this, bytes. */
export const SOFT_TXS_BYTES = 128 * 1024
/** Hashes in one offer of the pool. */
export const MAX_OFFERED_HASHES = 256
/** Votes in one answer: of 10 heights with 101 signers; what is left comes with the next. */
export const MAX_SENT_VOTES = 1_024
/**
 * How long gossip may take with a block that more than two thirds voted for, ms; then it is asked
 * for.
 */
export const VOTED_BLOCK_PATIENCE_MS = 1_000
/** Heights of which an asker says what it has: all that it keeps. */
export const MAX_SUMMARISED_HEIGHTS = MAX_VOTED_HEIGHTS
/** Signed peer records in one answer. */
export const MAX_PEER_RECORDS = 16

/** The bounds of each request protocol; both sides enforce them. */
export const PROTOCOL_LIMITS = {
  status: limits({ maxRequestBytes: 512, maxFrameBytes: 512, maxFrames: 1 }),
  peers: limits({ maxRequestBytes: 64, maxFrameBytes: 4 * 1024, maxFrames: MAX_PEER_RECORDS }),
  blocks: limits({
    maxRequestBytes: 8 * 1024,
    maxFrameBytes: 8 * 1024 * 1024,
    maxFrames: MAX_RANGE_BLOCKS,
  }),
  transactions: limits({
    maxRequestBytes: 16 * 1024,
    maxFrameBytes: 128 * 1024,
    maxFrames: MAX_FETCHED_TXS,
  }),
  pool: limits({
    maxRequestBytes: 16 * 1024,
    maxFrameBytes: 16 * 1024,
    maxFrames: MAX_DIFFERENCE_FRAMES,
  }),
  goodbye: limits({ maxRequestBytes: 256, maxFrameBytes: 0, maxFrames: 0 }),
  probe: limits({ maxRequestBytes: 128, maxFrameBytes: 2 * 1024, maxFrames: 1 }),
  members: limits({
    maxRequestBytes: 16 * 1024,
    maxFrameBytes: 16 * 1024,
    maxFrames: MAX_DIFFERENCE_FRAMES,
  }),
  votes: limits({
    maxRequestBytes: 8 * 1024,
    maxFrameBytes: MAX_VOTE_BYTES,
    maxFrames: MAX_SENT_VOTES,
  }),
  aggregate: limits({ maxRequestBytes: 4 * 1024, maxFrameBytes: 4 * 1024, maxFrames: 1 }),
  search: limits({ maxRequestBytes: 32 * 1024, maxFrameBytes: 32 * 1024, maxFrames: 1 }),
} as const satisfies Record<string, ProtocolLimits>

/** The name of a request protocol. */
export type ProtocolName = keyof typeof PROTOCOL_LIMITS

/**
 * How often a node asks each peer for its status again, ms: heads move every block, and clocks
 * drift.
 */
export const STATUS_INTERVAL_MS = 10_000
/**
 * With more peers each is asked more rarely: all together cost one exchange in this time, ms, and
 * each opens a stream.
 */
export const STATUS_INTERVAL_PER_PEER_MS = 5_000
/**
 * Soon after connecting a peer is asked more often: the clock offset is that of the quickest of
 * many exchanges.
 */
export const EARLY_STATUS_COUNT = 8
/** Distance of these first exchanges, ms. */
export const EARLY_STATUS_INTERVAL_MS = 250
/**
 * A peer may be without a status for this long after connecting, ms: it may listen before it can
 * answer.
 */
export const HANDSHAKE_PATIENCE_MS = 3_000
/** How long a peer is given to hear why it is disconnected, ms. */
export const FAREWELL_MS = 500
/** Clock samples kept per peer; the one with the smallest round trip wins. */
export const MAX_CLOCK_SAMPLES = 16

/** How soon a node that has fewer peers than it wants looks for more after it found one, ms. */
export const DISCOVERY_INTERVAL_MS = 1_000
/** How rarely it looks when it finds none and has no peer at all, ms. */
export const MAX_LONELY_DISCOVERY_INTERVAL_MS = 10_000
/**
 * How rarely it looks when it finds none and has some, ms: a network may be smaller than what it
 * wants.
 */
export const MAX_DISCOVERY_INTERVAL_MS = 30_000
/**
 * How long discovery does not dial a peer that turned out to be of another network, ms; it may dial
 * us all the same.
 */
export const FOREIGN_REST_MS = 600_000
/** Peers dialled at a time by discovery. */
export const MAX_DISCOVERY_DIALS = 4
/** Learnt peers that wait to be dialled. */
export const MAX_CANDIDATES = 256
/** Of those, told by one peer: who makes up records takes no more of the room. */
export const MAX_CANDIDATES_PER_SOURCE = 32
/** A learnt peer is not dialled again before this, ms. */
export const REDIAL_AFTER_MS = 30_000
/** Dials in a row that may fail before a learnt peer is forgotten. */
export const MAX_DIAL_FAILURES = 3
/**
 * A peer that was lost is dialled after this, then after twice that, and so on up to a bound, ms.
 */
export const LOST_REDIAL_MS = 1_000
/**
 * As often as this a lost peer is dialled in the end, ms: a partition is over so long after its
 * cause.
 */
export const MAX_LOST_REDIAL_MS = 10_000
/** Dials in a row that may fail before a lost peer is forgotten: about an hour of them. */
export const MAX_LOST_DIAL_FAILURES = 360
/**
 * Lost peers that may come back beyond the peers a node dials up to: else two full halves would
 * never meet again.
 */
export const LOST_PEERS_BEYOND_TARGET = 2

/** Blocks held for a parent, over all peers; Lodestar holds as many. */
export const MAX_HELD_BLOCKS = 100
/** Of those, from one peer: no peer can push out what others sent. */
export const MAX_HELD_BLOCKS_PER_PEER = 16
/** Bytes of all held blocks. */
export const MAX_HELD_BYTES = 64 * 1024 * 1024
/**
 * A held block is given up after this, ms: by then range requests have filled the gap, or nobody
 * has it.
 */
export const HELD_BLOCK_LIFE_MS = 60_000
/** Peers that are asked for one missing parent, one after another. */
export const MAX_PARENT_ATTEMPTS = 5
/**
 * A missing parent so far above the head is left to catch-up: block by block each costs a round
 * trip.
 */
export const LONG_GAP_BLOCKS = 8n

/** Blocks asked for at a time while catching up. */
export const CATCH_UP_BATCH = 128
/** What one answer can have at most, bytes: it ends with the block that passes the soft bound. */
export const MAX_RANGE_BYTES = SOFT_BLOCKS_BYTES + MAX_BLOCK_BYTES
/** How catch-up spreads its ranges over peers; see rangeScheduler.ts. */
export const CATCH_UP_RANGES: RangeBounds = {
  rangeBlocks: CATCH_UP_BATCH,
  maxRanges: 8,
  maxInFlight: 6,
  maxPerPeer: 2,
  maxBytes: 64 * 1024 * 1024,
  maxRangeBytes: MAX_RANGE_BYTES,
}
/** Blocks whose senders are recovered at a time ahead of their import. */
export const RECOVERED_AHEAD_BLOCKS = 4
/** Catch-up writes its progress to the log this often, ms. */
export const CATCH_UP_LOG_MS = 10_000
/**
 * While catching up, so many bytes of blocks are imported between two waits for what is written to
 * disk.
 */
export const CATCH_UP_FLUSH_BYTES = 4 * 1024 * 1024
/**
 * A peer that claimed more than it gave is not asked again for this long, ms; twice as long each
 * time it gives nothing.
 */
export const CATCH_UP_REST_MS = 10_000
/** Claims in a row of which a peer gave nothing that cost it the connection. */
export const MAX_UNREDEEMED_CLAIMS = 5
/** Peers that claim to be ahead and are asked for their first blocks at a time. */
export const MAX_LEADS_ASKED = 4
/** How long one of them may be silent before the next is asked beside it, ms. */
export const LEAD_PATIENCE_MS = 500
/**
 * Peers whose claims are remembered; those beyond are asked again too soon, which costs a request.
 */
export const MAX_RESTING_PEERS = 1_024
/**
 * Blocks are imported without a pause for no longer than this, ms: messages are served in between.
 */
export const MAX_IMPORT_TURN_MS = 20
/**
 * A node this far behind the peer it catches up from says that it is syncing, and judges no
 * transactions.
 */
export const SYNCING_GAP_BLOCKS = 8n

/**
 * Damaged blocks of the store that wait to be fetched again; one at a time is, and more are found
 * at their next use.
 */
export const MAX_WAITING_REPAIRS = 64
/** Peers asked for one damaged block. */
export const MAX_REPAIR_ATTEMPTS = 5
/** A damaged block that no peer had is not asked for again before this, ms. */
export const REPAIR_RETRY_MS = 60_000

/** Hashes that wait to be offered to one peer; more are left to the pool's own repair. */
export const MAX_WAITING_OFFERS = 4_096
/**
 * Released transactions gather this long before they are offered, ms: a filled gap frees many at
 * once.
 */
export const OFFER_LINGER_MS = 20
/** Hashes that one peer offered and that have not been asked for yet. */
export const MAX_OFFERS_PER_PEER = 1_024

type Bounds = Pick<ProtocolLimits, 'maxRequestBytes' | 'maxFrameBytes' | 'maxFrames'>

function limits(bounds: Bounds): ProtocolLimits {
  return { ...bounds, firstByteTimeoutMs: FIRST_BYTE_TIMEOUT_MS, totalTimeoutMs: TOTAL_TIMEOUT_MS }
}
