import type { Address } from '../crypto/address.ts'
import type { Hash } from '../crypto/keccak.ts'
import type { Tx } from '../tx/tx.ts'
import type { Header } from './header.ts'

/** EIP-4895; `amount` is in gwei. */
export interface Withdrawal {
  readonly index: bigint
  readonly validatorIndex: bigint
  readonly address: Address
  readonly amount: bigint
}

/** A decoded block: its canonical bytes and what they say. */
export interface Block {
  /** keccak256 of the encoded header: the identity of the block. */
  readonly hash: Hash
  readonly header: Header
  readonly transactions: readonly Tx[]
  readonly uncles: readonly Header[]
  /** From Shanghai on. */
  readonly withdrawals?: readonly Withdrawal[]
  /** RLP `[header, transactions, uncles]`, followed by the withdrawals from Shanghai on. */
  readonly raw: Uint8Array
}
