/** Every bound of gossip/, with its unit and its reason. */

import { ITEM_KINDS } from '../item/itemKinds.ts'

/**
 * A transaction's bytes on the wire: 4 slots of 32 KiB, as go-ethereum, reth and devp2p have it.
 */
export const MAX_TX_MESSAGE_BYTES = ITEM_KINDS.tx.maxBytes

/** A block's bytes on the wire: go-ethereum's cap on RLP blocks. */
export const MAX_BLOCK_MESSAGE_BYTES = ITEM_KINDS.block.maxBytes

/**
 * Digests of messages that were refused for good, per topic. A flood of one bad message costs a
 * look-up each; the figure is the underpriced set of go-ethereum's fetcher.
 */
export const MAX_RECENT_VERDICTS = 32_768

/**
 * How long a refusal is remembered, ms. Short, since a reorganisation may turn a spent nonce into a
 * fresh one.
 */
export const RECENT_VERDICT_MS = 300_000

/**
 * Messages whose block is known by the digest of the message, for the trace. Two hours of a period
 * of 2 s.
 */
export const MAX_DIGESTS = 4_096

/**
 * Blocks more than this below the head are ignored. A block 64 behind can no longer overtake a
 * devnet's head by total difficulty in any fault we simulate, and who lacks it asks for it by
 * range.
 */
export const BLOCK_WINDOW = 64

/**
 * Blocks more than this above the head are ignored: one range request reaches no further, sync must
 * come first.
 */
export const MAX_BLOCKS_AHEAD = 1_024

/**
 * A block may come this much before its time, ms, and waits for it. Larger clock errors are not a
 * hop's delay.
 */
export const MAX_FUTURE_MS = 5_000

/**
 * Blocks that wait for their time at once: each is by a signer, of which a devnet has a handful.
 */
export const MAX_FUTURE_BLOCKS = 64

/**
 * Blocks of one signer at one height that are relayed: two show that it sealed twice, more are only
 * bandwidth.
 */
export const MAX_BLOCKS_PER_SEAL = 2

/**
 * (height, signer) pairs remembered: the window of heights, times the signers of a devnet, with
 * room.
 */
export const MAX_SEALS = 4_096

/** Heartbeat of the router, ms, and the heartbeats for which it keeps a message to forward. */
const HEARTBEAT_MS = 700
const FORWARD_HEARTBEATS = 12

/**
 * How long a held message may wait for its answer and still be forwarded, ms: what the router
 * keeps, less one heartbeat, since the router counts whole heartbeats from whenever the message
 * came.
 */
export const FORWARD_WINDOW_MS = (FORWARD_HEARTBEATS - 1) * HEARTBEAT_MS

/**
 * Times one block may be held again before it is given up: each wait ends with a parent that has
 * come or a time due.
 */
export const MAX_HOLDS = 4

/**
 * Blocks accepted and not yet executed. Their signers are authorised; the bound is for a stalled
 * chain.
 */
export const MAX_QUEUED_BLOCKS = 1_024

/**
 * Blocks whose execution failed, so that their children are known for what they are. Lodestar's
 * figure.
 */
export const MAX_REFUSED_BLOCKS = 500

/** Buckets of the latency histograms, ms: from a look-up to the verifier's deadline. */
export const LATENCY_BOUNDS_MS: readonly number[] = [
  0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 3_000, 10_000,
]
