/** Receipts and logs as JSON, field for field and in the order of geth. */
import type { Block } from '../../block/block.ts'
import type { Log } from '../../block/bloom.ts'
import type { Receipt } from '../../block/receipt.ts'
import { asAddress, type Address } from '../../crypto/address.ts'
import { keccak256 } from '../../crypto/keccak.ts'
import { bigintToBytes, hexToBytes } from '../../lib/bytes.ts'
import { encodeRlp } from '../../lib/rlp.ts'
import { blobGasOf } from '../../tx/gas.ts'
import type { Tx } from '../../tx/tx.ts'
import { data, quantity } from './encode.ts'
import { effectiveGasPrice, type SenderOf } from './encodeTx.ts'
import type { JsonObject } from '../server/json.ts'

/** A block with what its execution left behind. */
export interface ExecutedBlock {
  readonly block: Block
  readonly receipts: readonly Receipt[]
  /** Wei per blob gas in this block; from Cancun on. */
  readonly blobGasPrice: bigint | undefined
}

/** The receipt of the transaction at `index`; `undefined` if there is none. */
export function encodeReceiptJson(
  executed: ExecutedBlock,
  index: number,
  senderOf: SenderOf,
): JsonObject | undefined {
  const { block, receipts } = executed
  const tx = block.transactions[index]
  const receipt = receipts[index]
  if (tx === undefined || receipt === undefined) return undefined
  const before = receipts[index - 1]?.cumulativeGasUsed ?? 0n
  const from = senderOf(tx)
  return {
    ...blobFields(tx, executed.blobGasPrice),
    blockHash: block.hash,
    blockNumber: quantity(block.header.number),
    contractAddress: tx.to === undefined ? createdAddress(from, tx.nonce) : null,
    cumulativeGasUsed: quantity(receipt.cumulativeGasUsed),
    effectiveGasPrice: quantity(effectiveGasPrice(tx, block.header.baseFeePerGas)),
    from,
    gasUsed: quantity(receipt.cumulativeGasUsed - before),
    logs: encodeLogs(executed, index),
    logsBloom: data(receipt.logsBloom),
    ...(receipt.postState === undefined
      ? { status: quantity(receipt.status ?? 0) }
      : { root: receipt.postState }),
    to: tx.to ?? null,
    transactionHash: tx.hash,
    transactionIndex: quantity(index),
    type: quantity(tx.type),
  }
}

/** The logs of the transaction at `index`, numbered through the block. */
export function encodeLogs({ block, receipts }: ExecutedBlock, index: number): JsonObject[] {
  let first = 0
  for (const receipt of receipts.slice(0, index)) first += receipt.logs.length
  const logs = receipts[index]?.logs ?? []
  return logs.map((log, offset) => encodeLog(log, { block, index, logIndex: first + offset }))
}

interface LogPlace {
  readonly block: Block
  readonly index: number
  readonly logIndex: number
}

function encodeLog(log: Log, { block, index, logIndex }: LogPlace): JsonObject {
  return {
    address: log.address,
    topics: log.topics,
    data: data(log.data),
    blockNumber: quantity(block.header.number),
    transactionHash: block.transactions[index]?.hash ?? null,
    transactionIndex: quantity(index),
    blockHash: block.hash,
    blockTimestamp: quantity(block.header.timestamp),
    logIndex: quantity(logIndex),
    removed: false,
  }
}

function blobFields(tx: Tx, blobGasPrice: bigint | undefined): JsonObject {
  if (tx.blobVersionedHashes === undefined) return {}
  return {
    blobGasPrice: quantity(blobGasPrice ?? 0n),
    blobGasUsed: quantity(blobGasOf(tx)),
  }
}

/** Yellow Paper, section 7: the account that a creation makes. */
function createdAddress(sender: Address, nonce: bigint): Address {
  return asAddress(keccak256(encodeRlp([hexToBytes(sender), bigintToBytes(nonce)])).subarray(12))
}
