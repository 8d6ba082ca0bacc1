import type { Address } from '../crypto/address.ts'
import type { Hash } from '../crypto/keccak.ts'

/** EIP-2718 types: 0 legacy, 1 EIP-2930, 2 EIP-1559, 3 EIP-4844, 4 EIP-7702. */
export type TxType = 0 | 1 | 2 | 3 | 4

/** An account and those of its slots that a transaction says it will use (EIP-2930). */
export interface AccessListEntry {
  readonly address: Address
  readonly storageKeys: readonly Hash[]
}

/** EIP-7702: a signed permission to run another account's code. `chainId` 0 means every chain. */
export interface Authorization {
  readonly chainId: bigint
  readonly address: Address
  readonly nonce: bigint
  readonly yParity: number
  readonly r: bigint
  readonly s: bigint
}

/** A compact recoverable ECDSA signature. */
export interface Signature {
  readonly r: bigint
  readonly s: bigint
  readonly yParity: 0 | 1
}

/**
 * A decoded transaction: its canonical bytes and what they say. Amounts are wei, gas is gas units.
 * For types without a fee cap (0, 1) both fee fields hold the gas price, as every client treats
 * them.
 */
export interface Tx {
  readonly type: TxType
  /** keccak256 of {@link Tx.raw}. */
  readonly hash: Hash
  /** The EIP-2718 bytes as they travel. */
  readonly raw: Uint8Array
  /** `undefined` only for a legacy transaction without replay protection (before EIP-155). */
  readonly chainId: bigint | undefined
  readonly nonce: bigint
  readonly gasLimit: bigint
  /** `undefined` creates a contract. */
  readonly to: Address | undefined
  readonly value: bigint
  readonly data: Uint8Array
  readonly maxFeePerGas: bigint
  readonly maxPriorityFeePerGas: bigint
  readonly accessList: readonly AccessListEntry[]
  readonly signature: Signature
  /** Type 3 only. */
  readonly maxFeePerBlobGas?: bigint
  /** Type 3 only. */
  readonly blobVersionedHashes?: readonly Hash[]
  /** Type 4 only. */
  readonly authorizationList?: readonly Authorization[]
}
