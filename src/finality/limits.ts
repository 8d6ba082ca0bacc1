/** Every bound of finality/, with its unit and its reason. */

import { ITEM_KINDS } from '../item/itemKinds.ts'

/**
 * A vote's bytes on the wire: two numbers of 8 bytes, two hashes, one signature and their prefixes
 * come to 153.
 */
export const MAX_VOTE_BYTES = ITEM_KINDS.vote.maxBytes

/**
 * Checkpoints above the newest one at the head whose votes are taken: a node may be some blocks
 * behind the voters.
 */
export const MAX_CHECKPOINTS_AHEAD = 8

/**
 * Heights whose votes are kept, the newest ones: without finality a chain goes on. With the default
 * interval and a block every 2 s these are 68 minutes.
 */
export const MAX_VOTED_HEIGHTS = 512
/**
 * With many signers fewer heights are kept: so many votes of one each, about 12 MB. With 101
 * signers, 162 heights.
 */
export const MAX_KEPT_VOTES = 16_384

/**
 * Of those, heights at or below the finalized block: a second vote that comes late still shows its
 * signer's fault.
 */
export const KEPT_FINAL_HEIGHTS = 64

/**
 * Justified checkpoints that are remembered, of all branches: one for each height that has votes,
 * and some beside.
 */
export const MAX_JUSTIFIED = 2 * MAX_VOTED_HEIGHTS

/**
 * Votes of one signer for one height that are kept whatever they say: two prove that it voted
 * twice.
 */
export const MAX_VOTES_PER_HEIGHT = 2

/**
 * Pairs of contradicting votes that are kept, two of each signer at most, so that no signer hides
 * another.
 */
export const MAX_EVIDENCE = 256
/** Of one signer: one pair convicts it, the second shows that it was no accident. */
export const MAX_EVIDENCE_PER_SIGNER = 2

/**
 * Blocks whose arrival is remembered for the time to finality, and the newest times that its
 * figures come from.
 */
export const MAX_TIMED_BLOCKS = 1_024

/**
 * Signatures of votes checked for one peer: a burst of all votes of some heights, then so many a
 * second.
 */
export const VOTE_CHECK_RATE = { burst: 512, perSecond: 128 } as const
/** Peers whose rate is remembered; one beyond begins anew. */
export const MAX_RATED_PEERS = 1_024
