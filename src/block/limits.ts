/**
 * The bounds within which a block is decoded: what is beyond them is refused before it costs
 * memory.
 */

/** Encoded block, header and body. */
export const MAX_BLOCK_BYTES = 8 * 1024 * 1024

/** The most transactions of a block that is decoded. */
export const MAX_BLOCK_TRANSACTIONS = 10_000

/** Yellow Paper, section 4.3: a block names at most two uncles. */
export const MAX_BLOCK_UNCLES = 2

/** Sixteen by consensus (`MAX_WITHDRAWALS_PER_PAYLOAD`); test chains use more. */
export const MAX_BLOCK_WITHDRAWALS = 256

/**
 * Sanity only: how long it may be on a chain is a header rule of that chain. A Clique epoch block
 * lists all signers.
 */
export const MAX_EXTRA_DATA_BYTES = 100 * 1024

/** Extra data and all other header fields. */
export const MAX_HEADER_BYTES = MAX_EXTRA_DATA_BYTES + 1024

/** Three integers of 8 bytes, an address and their RLP prefixes need 49. */
export const MAX_WITHDRAWAL_BYTES = 49
