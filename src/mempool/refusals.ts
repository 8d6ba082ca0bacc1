/**
 * Why the pool does not take a transaction, or takes it without forwarding. None of these is a
 * `reject` but the size: all others depend on state, on policy or on our own load, and an honest
 * peer may differ in them.
 */
export interface PoolRefusalText {
  /** What the gossip layer answers; see gossip/rules/verdict.ts. */
  readonly action: 'ignore' | 'reject' | 'hold'
  /** For documentation and logs. */
  readonly sentence: string
  /** geth's text for the same case: wallets and test suites match on it. */
  readonly gethMessage: string
}

/** Why the pool refuses, by stable word. */
export const POOL_REFUSALS = {
  known: {
    action: 'ignore',
    sentence: 'The pool holds this very transaction.',
    gethMessage: 'already known',
  },
  oversized: {
    action: 'reject',
    sentence: 'The transaction is longer than any client relays.',
    gethMessage: 'oversized data',
  },
  'fee-too-low': {
    action: 'ignore',
    sentence: 'The tip is below the minimum of this node.',
    gethMessage: 'transaction underpriced',
  },
  'nonce-too-low': {
    action: 'ignore',
    sentence: 'The account has used this nonce already.',
    gethMessage: 'nonce too low',
  },
  'nonce-gap': {
    action: 'hold',
    sentence:
      'Too many nonces are missing before it: it is held, and forwarded when they have arrived.',
    gethMessage: 'nonce too high',
  },
  'nonce-gap-too-far': {
    action: 'ignore',
    sentence: 'So many nonces are missing before it that it is not even kept.',
    gethMessage: 'nonce too high',
  },
  'insufficient-funds': {
    action: 'ignore',
    sentence: 'The balance does not cover what the transaction may cost at most.',
    gethMessage: 'insufficient funds for gas * price + value',
  },
  overdraft: {
    action: 'ignore',
    sentence: 'The balance does not cover it on top of what the sender has in the pool.',
    gethMessage: 'insufficient funds for gas * price + value',
  },
  'replacement-underpriced': {
    action: 'ignore',
    sentence: 'The pool holds a transaction of this sender and nonce that it does not outbid.',
    gethMessage: 'replacement transaction underpriced',
  },
  'sender-slots': {
    action: 'ignore',
    sentence: 'The sender has as many transactions behind a nonce gap as one sender may have.',
    gethMessage: 'account limit exceeded',
  },
  underpriced: {
    action: 'ignore',
    sentence: 'The pool is full and it pays no more than the cheapest one there.',
    gethMessage: 'transaction underpriced',
  },
  'pool-full': {
    action: 'ignore',
    sentence: 'The pool is full and nothing in it may be displaced.',
    gethMessage: 'txpool is full',
  },
} as const satisfies Readonly<Record<string, PoolRefusalText>>

/** A stable word: the same in verdicts, metrics, RPC errors and tests. */
export type PoolRefusal = keyof typeof POOL_REFUSALS
