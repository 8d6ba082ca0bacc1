/**
 * How a copy of an item came to a node: pushed over a gossip stream; over a gossip stream in answer
 * to an IWANT of the node; in the answer to a request of the node; from the node's own RPC, sealer
 * or pool; inside a block, of a transaction that had not come before its block.
 */
export const ROUTES = ['push', 'iwant', 'request', 'local', 'block'] as const
/** One of {@link ROUTES}. */
export type Route = (typeof ROUTES)[number]
