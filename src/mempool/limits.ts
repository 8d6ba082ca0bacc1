/**
 * Every number of the pool: its value, unit and reason. Settings, documentation and tests read this
 * list.
 */
export interface PoolLimit {
  readonly value: number
  readonly unit: 'slots' | 'bytes' | 'ms' | 'percent' | 'nonces' | 'wei'
  readonly why: string
}

/** The numbers of the pool. */
export const POOL_LIMITS = {
  pendingSlots: {
    value: 5_120,
    unit: 'slots',
    why: 'executable transactions of all senders; transfers for some 4 blocks of 30 M gas, as in geth',
  },
  queuedSlots: {
    value: 1_024,
    unit: 'slots',
    why: 'transactions behind a nonce gap, which may never execute: a fifth of the room, as in geth',
  },
  senderPendingSlots: {
    value: 16,
    unit: 'slots',
    why: 'the share a sender keeps when the pool is full; above it only unused room, as in geth',
  },
  senderQueuedSlots: {
    value: 64,
    unit: 'slots',
    why: 'transactions behind a gap cost their sender nothing, so this one is a hard limit, as in geth',
  },
  slotBytes: {
    value: 32_768,
    unit: 'bytes',
    why: 'a transaction takes one slot per started 32 KiB, so that size is paid for in room',
  },
  maxTxBytes: {
    value: 131_072,
    unit: 'bytes',
    why: 'four slots; the size that every Ethereum client relays at most',
  },
  forwardedGap: {
    value: 16,
    unit: 'nonces',
    why: 'so far ahead a transaction is still forwarded: gossip reorders bursts of one sender',
  },
  keptGap: {
    value: 64,
    unit: 'nonces',
    why: 'so far ahead it is kept here, unforwarded; equal to the queued slots of a sender',
  },
  replacementBumpPercent: {
    value: 10,
    unit: 'percent',
    why: 'what a replacement adds to both fees at least, so that replacing is no free broadcast',
  },
  minTipWei: {
    value: 1,
    unit: 'wei',
    why: 'local policy, the price limit of geth: a transaction pays its block producer something',
  },
  lifeMs: {
    value: 10_800_000,
    unit: 'ms',
    why: 'after 3 h without inclusion a transaction gives its room back, as in geth and reth',
  },
  expiryCheckMs: {
    value: 60_000,
    unit: 'ms',
    why: 'how often the owner of the pool calls expire(); a minute is fine against 3 h',
  },
} as const satisfies Readonly<Record<string, PoolLimit>>

/** The name of a number of the pool. */
export type PoolLimitName = keyof typeof POOL_LIMITS
/** A value for each number of the pool. */
export type PoolLimits = Readonly<Record<PoolLimitName, number>>

/** The values of {@link POOL_LIMITS}. */
export const defaultPoolLimits = Object.fromEntries(
  Object.entries(POOL_LIMITS).map(([name, limit]) => [name, limit.value]),
) as PoolLimits
