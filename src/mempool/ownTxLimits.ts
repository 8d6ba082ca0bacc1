/**
 * Every number of the life of own transactions: its value, unit and reason, as in limits.ts for the
 * pool.
 */
export interface OwnTxLimit {
  readonly value: number
  readonly unit: 'transactions' | 'blocks' | 'bytes' | 'ms'
  readonly why: string
}

/** The numbers of own transactions. */
export const OWN_TX_LIMITS = {
  maxOwnTxs: {
    value: 6_144,
    unit: 'transactions',
    why: "the pool's room for pending and queued ones together: more would have no place anyway",
  },
  depthToForget: {
    value: 64,
    unit: 'blocks',
    why: 'on top of the block that has a transaction: after that it is not given out again',
  },
  journalSlackBytes: {
    value: 1_048_576,
    unit: 'bytes',
    why: 'a journal is written anew when it has this much more than twice what still matters',
  },
  journalSyncMs: {
    value: 1_000,
    unit: 'ms',
    why: 'with --journal-sync interval: what a power cut may cost',
  },
  rebroadcastAfterMs: {
    value: 310_000,
    unit: 'ms',
    why: 'the seen time of the routers, 300 s, and 10 s on the way: before that it would only be a duplicate (Lotus)',
  },
  rebroadcastRoundMs: {
    value: 10_000,
    unit: 'ms',
    why: 'how often it is looked what is due',
  },
  rebroadcastRoundTxs: {
    value: 30,
    unit: 'transactions',
    why: 'published again in one round (Lotus)',
  },
  rebroadcastSpacingMs: {
    value: 100,
    unit: 'ms',
    why: 'between two of a round, so that who judges them side by side finds no gaps (Lotus)',
  },
  lookForPeersMs: {
    value: 500,
    unit: 'ms',
    why: 'how often it is looked whether there is somebody for those that reached nobody',
  },
  resubmitAfterMs: {
    value: 60_000,
    unit: 'ms',
    why: 'before one that left the pool for others is offered to it again; the recheck of geth',
  },
} as const satisfies Readonly<Record<string, OwnTxLimit>>
