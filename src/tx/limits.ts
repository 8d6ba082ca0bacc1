/** Every bound of this folder, in one place; `grapevine config` prints them. */

/** The bounds of what is remembered of transactions. */
export interface TxLimits {
  /** Senders kept by transaction hash; the least recently used one is forgotten first. */
  readonly maxKnownSenders: number
}

/** The bounds that a node has. */
export const txLimits: TxLimits = { maxKnownSenders: 65_536 }
