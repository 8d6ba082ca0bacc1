/**
 * Blocks and headers as JSON, field for field and in the order of geth. Fields of a fork are there
 * from that fork on.
 */
import type { Block, Withdrawal } from '../../block/block.ts'
import { headerHash, type Header } from '../../block/header.ts'
import type { Hash } from '../../crypto/keccak.ts'
import { data, quantity } from './encode.ts'
import { encodeTxJson, type SenderOf } from './encodeTx.ts'
import type { Json, JsonObject } from '../server/json.ts'

/** A block with its transactions in full, or their hashes where no way to find senders is given. */
export function encodeBlock(block: Block, senderOf?: SenderOf): JsonObject {
  const transactions: Json[] =
    senderOf === undefined
      ? block.transactions.map((tx) => tx.hash)
      : block.transactions.map((tx, index) => encodeTxJson(tx, senderOf(tx), { block, index }))
  return sorted({
    ...headerFields(block.header, block.hash),
    size: quantity(block.raw.length),
    transactions,
    uncles: block.uncles.map(headerHash),
    ...(block.withdrawals && { withdrawals: block.withdrawals.map(encodeWithdrawal) }),
  })
}

/** A header alone, as eth_getHeaderByHash and newHeads give it. */
export function encodeHeaderJson(header: Header, hash: Hash): JsonObject {
  return sorted(headerFields(header, hash))
}

function headerFields(header: Header, hash: Hash): JsonObject {
  return {
    number: quantity(header.number),
    hash,
    parentHash: header.parentHash,
    nonce: data(header.nonce),
    mixHash: header.mixHash,
    sha3Uncles: header.unclesHash,
    logsBloom: data(header.logsBloom),
    stateRoot: header.stateRoot,
    miner: header.coinbase,
    difficulty: quantity(header.difficulty),
    extraData: data(header.extraData),
    gasLimit: quantity(header.gasLimit),
    gasUsed: quantity(header.gasUsed),
    timestamp: quantity(header.timestamp),
    transactionsRoot: header.transactionsRoot,
    receiptsRoot: header.receiptsRoot,
    ...forkFields(header),
  }
}

function forkFields(header: Header): JsonObject {
  const { baseFeePerGas, withdrawalsRoot, blobGasUsed, excessBlobGas } = header
  const { parentBeaconBlockRoot, requestsHash } = header
  return {
    ...(baseFeePerGas !== undefined && { baseFeePerGas: quantity(baseFeePerGas) }),
    ...(withdrawalsRoot !== undefined && { withdrawalsRoot }),
    ...(blobGasUsed !== undefined && { blobGasUsed: quantity(blobGasUsed) }),
    ...(excessBlobGas !== undefined && { excessBlobGas: quantity(excessBlobGas) }),
    ...(parentBeaconBlockRoot !== undefined && { parentBeaconBlockRoot }),
    ...(requestsHash !== undefined && { requestsHash }),
  }
}

function encodeWithdrawal(withdrawal: Withdrawal): Json {
  return {
    index: quantity(withdrawal.index),
    validatorIndex: quantity(withdrawal.validatorIndex),
    address: withdrawal.address,
    amount: quantity(withdrawal.amount),
  }
}

/** geth writes these objects with their keys in order. */
function sorted(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)))
}
