/** Every bound of this folder, in one place; `grapevine config` prints them. */

export interface TxLimits {
  /** Senders kept by transaction hash; the least recently used one is forgotten first. */
  readonly maxKnownSenders: number
}

export const txLimits: TxLimits = { maxKnownSenders: 65_536 }
