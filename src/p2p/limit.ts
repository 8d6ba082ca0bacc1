/** The form of a bound of the peer-to-peer layer. */

/** What a limit counts. */
export type LimitUnit = 'bytes' | 'ms' | 'count' | 'perSecond' | 'bytesPerSecond'

/** One bound: its value, the unit of it, and why it is so. */
export interface Limit {
  readonly value: number
  /** The value of the devnet profile, where it differs. */
  readonly devnet?: number
  readonly unit: LimitUnit
  readonly why: string
}

/** 1,024 bytes. */
export const KIB = 1024
/** 1,024 KiB. */
export const MIB = 1024 * KIB
