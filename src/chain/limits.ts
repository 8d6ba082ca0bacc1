/** The bounds of the chain that a node keeps in memory; `grapevine config` prints them. */
export interface ChainLimits {
  /** Blocks below the head whose states are kept and which a reorganisation may undo; forks from deeper are refused. */
  readonly maxReorgDepth: number
  /** Canonical blocks whose bodies and receipts are kept, newest first, and the genesis. */
  readonly maxBlocks: number
  /**
   * Encoded bytes of those blocks; decoded they take several times as much. The last `maxReorgDepth` blocks stay
   * in any case.
   */
  readonly maxBlockBytes: number
  /**
   * Blocks beside the canonical chain; with so many, only a block that becomes the head is taken. What that one
   * drops comes on top.
   */
  readonly maxSideBlocks: number
  /** Hashes of bad blocks that are remembered, so that their children are refused unjudged. */
  readonly maxBadBlocks: number
}

export const chainLimits: ChainLimits = {
  maxReorgDepth: 256,
  maxBlocks: 32_768,
  maxBlockBytes: 64 * 1024 * 1024,
  maxSideBlocks: 1024,
  maxBadBlocks: 1024,
}

/** The bounds of what a node that executes nothing knows of accounts (observedAccounts.ts). */
export interface ObservationLimits {
  /** Accounts whose nonces are kept, those that signed last. */
  readonly maxAccounts: number
  /** The newest blocks that are read again for it when a kept chain is opened: their number, and their encoded bytes. */
  readonly maxReplayedBlocks: number
  readonly maxReplayedBytes: number
}

export const observationLimits: ObservationLimits = {
  maxAccounts: 262_144,
  maxReplayedBlocks: 16_384,
  maxReplayedBytes: 16 * 1024 * 1024,
}
