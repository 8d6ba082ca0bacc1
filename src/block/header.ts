import type { Address } from '../crypto/address.ts'
import type { Hash } from '../crypto/keccak.ts'

/** An Ethereum block header of any fork; the optional fields appear in the order of the forks that added them. */
export interface Header {
  readonly parentHash: Hash
  readonly unclesHash: Hash
  readonly coinbase: Address
  readonly stateRoot: Hash
  readonly transactionsRoot: Hash
  readonly receiptsRoot: Hash
  /** 256 bytes. */
  readonly logsBloom: Uint8Array
  readonly difficulty: bigint
  readonly number: bigint
  readonly gasLimit: bigint
  readonly gasUsed: bigint
  /** Unix time in seconds. */
  readonly timestamp: bigint
  readonly extraData: Uint8Array
  readonly mixHash: Hash
  /** 8 bytes. */
  readonly nonce: Uint8Array
  /** London, EIP-1559; wei per gas. */
  readonly baseFeePerGas?: bigint
  /** Shanghai, EIP-4895. */
  readonly withdrawalsRoot?: Hash
  /** Cancun, EIP-4844. */
  readonly blobGasUsed?: bigint
  /** Cancun, EIP-4844. */
  readonly excessBlobGas?: bigint
  /** Cancun, EIP-4788. */
  readonly parentBeaconBlockRoot?: Hash
  /** Prague, EIP-7685. */
  readonly requestsHash?: Hash
}
