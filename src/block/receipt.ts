import type { Hash } from '../crypto/keccak.ts'
import { bigintToBytes, concatBytes, hexToBytes } from '../lib/bytes.ts'
import { encodeRlp, type RlpItem } from '../lib/rlp.ts'
import type { TxType } from '../tx/tx.ts'
import { logsBloom, type Log } from './bloom.ts'
import { orderedTrieRoot } from './orderedTrie.ts'

/**
 * What a transaction did. Exactly one of `status` (from Byzantium on, EIP-658) and `postState`
 * (before) is there.
 */
export interface Receipt {
  readonly type: TxType
  /** 1 success, 0 failure. */
  readonly status?: 0 | 1
  /** The state root after the transaction. */
  readonly postState?: Hash
  /** Gas used in the block up to and including this transaction. */
  readonly cumulativeGasUsed: bigint
  /** 256 bytes. */
  readonly logsBloom: Uint8Array
  readonly logs: readonly Log[]
}

/** A receipt with the bloom of its logs. */
export function makeReceipt(outcome: Omit<Receipt, 'logsBloom'>): Receipt {
  return { ...outcome, logsBloom: logsBloom(outcome.logs) }
}

/**
 * The bytes the receipts root commits to: RLP, after the type byte for a typed transaction
 * (EIP-2718).
 */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const body = encodeRlp([
    outcomeField(receipt),
    bigintToBytes(receipt.cumulativeGasUsed),
    receipt.logsBloom,
    receipt.logs.map(logItem),
  ])
  return receipt.type === 0 ? body : concatBytes(Uint8Array.of(receipt.type), body)
}

/** A header's `receiptsRoot`. */
export function receiptsRoot(receipts: readonly Receipt[]): Hash {
  return orderedTrieRoot(receipts.map(encodeReceipt))
}

function outcomeField(receipt: Receipt): Uint8Array {
  if (receipt.postState !== undefined) return hexToBytes(receipt.postState)
  return bigintToBytes(BigInt(receipt.status ?? 0))
}

function logItem(log: Log): RlpItem {
  return [hexToBytes(log.address), log.topics.map(hexToBytes), log.data]
}
