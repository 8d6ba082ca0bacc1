/** The bounds of the chain that a node keeps in memory; `grapevine config` prints them. */
export interface ChainLimits {
  /**
   * Blocks below the head whose states are kept and which a reorganisation may undo; forks from
   * deeper are refused.
   */
  readonly maxReorgDepth: number
  /** Canonical blocks whose bodies and receipts are kept, newest first, and the genesis. */
  readonly maxBlocks: number
  /**
   * Encoded bytes of those blocks; decoded they take several times as much. The last
   * `maxReorgDepth` blocks stay in any case.
   */
  readonly maxBlockBytes: number
  /**
   * Blocks beside the canonical chain; with so many, only a block that becomes the head is taken.
   * What that one drops comes on top.
   */
  readonly maxSideBlocks: number
  /** Hashes of bad blocks that are remembered, so that their children are refused unjudged. */
  readonly maxBadBlocks: number
  /**
   * Blocks whose sealer is remembered: a block costs one recovery, and strangers cannot make them
   * many.
   */
  readonly maxSealers: number
}

/** Blocks from one checkpoint of finality to the next, unless a node is told otherwise. */
export const DEFAULT_CHECKPOINT_INTERVAL = 4
/**
 * The longest distance of two checkpoints, blocks: at 2 s a block, a block is final after a minute
 * or two.
 */
export const MAX_CHECKPOINT_INTERVAL = 32

/** The bounds that a chain has unless it is given others. */
export const chainLimits: ChainLimits = {
  maxReorgDepth: 256,
  maxBlocks: 32_768,
  maxBlockBytes: 64 * 1024 * 1024,
  maxSideBlocks: 1024,
  maxBadBlocks: 1024,
  maxSealers: 8192,
}

/** The bounds of what a node that executes nothing knows of accounts (observedAccounts.ts). */
export interface ObservationLimits {
  /** Accounts whose nonces are kept, those that signed last. */
  readonly maxAccounts: number
  /**
   * The newest blocks that are read again for it when a kept chain is opened: their number, and
   * their encoded bytes.
   */
  readonly maxReplayedBlocks: number
  readonly maxReplayedBytes: number
}

/** The bounds of what is learnt of accounts where nothing is executed. */
export const observationLimits: ObservationLimits = {
  maxAccounts: 262_144,
  maxReplayedBlocks: 16_384,
  maxReplayedBytes: 16 * 1024 * 1024,
}

/**
 * The bounds of what is kept on disk beneath a chain (database.ts, diskBlockStore.ts,
 * stateSnapshots.ts).
 */
export const storeLimits = {
  /**
   * Queued bytes at which the disk counts as too slow: a burst of blocks waits in memory, a backlog
   * without end not.
   */
  maxWaitingBytes: 128 * 1024 * 1024,
  /** Of one write, unless a single group of records is larger. */
  batchBytes: 1024 * 1024,
  /**
   * Records are collected in memory before they are sorted to disk; twice that is held at most. The
   * store alone takes 1.5 microseconds of CPU time for each transaction of a block, with 4 MiB it
   * took 2.3.
   */
  bufferBytes: 16 * 1024 * 1024,
  /** Blocks read from disk that are kept for the next who asks, unless they are larger. */
  maxCachedBlocks: 256,
  maxCachedBlockBytes: 128 * 1024,
  /**
   * Canonical blocks that are read when a store is opened, the newest; older ones are checked when
   * asked for.
   */
  checkedBlocks: 16_384,
  /**
   * Blocks between two snapshots of the accounts at least: with `maxReorgDepth`, what a start
   * executes again.
   */
  snapshotIntervalBlocks: 256,
  /** Accounts that a snapshot may write for each block since the last one. */
  snapshotAccountsPerBlock: 16,
  /**
   * Accounts of a part of a snapshot: some 50 KiB, a millisecond of work; and the pause until the
   * next part.
   */
  snapshotPartAccounts: 512,
  snapshotPartPauseMs: 5,
  keptSnapshots: 2,
} as const

/** What of them bounds a store of blocks. */
export function storeBounds({ maxBlocks, maxBlockBytes, maxReorgDepth }: ChainLimits) {
  return { maxBlocks, maxBytes: maxBlockBytes, minBlocks: maxReorgDepth }
}
