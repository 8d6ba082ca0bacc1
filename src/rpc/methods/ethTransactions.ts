import type { Block } from '../../block/block.ts'
import type { Hash } from '../../crypto/keccak.ts'
import type { Tx } from '../../tx/tx.ts'
import { blobBaseFee } from '../../chain/rules/blobGas.ts'
import { blockNumberKind, findBlock, type BlockId } from '../blockId.ts'
import type { RpcContext } from '../context.ts'
import { data } from '../encode/encode.ts'
import { encodeReceiptJson } from '../encode/encodeReceipt.ts'
import { encodeTxJson } from '../encode/encodeTx.ts'
import { receiptsOf } from '../executed.ts'
import type { Json } from '../server/json.ts'
import { defineMethod } from '../method.ts'
import { hashKind, indexKind, required } from '../params.ts'
import { senderLookup } from '../encode/senderOf.ts'

const hash = required('hash', hashKind)
const blockHash = required('blockHash', hashKind)
const number = required('number', blockNumberKind)
const index = required('index', indexKind)

/** The `eth_` methods about transactions and receipts. */
export const ethTransactionMethods = [
  defineMethod({
    name: 'eth_getTransactionByHash',
    params: [hash],
    result: 'transaction, or null',
    summary: 'A transaction of the canonical chain or of the pool; one from the pool has no block.',
    handler: ({ node }, hash) => transactionJson(node, hash),
  }),
  defineMethod({
    name: 'eth_getTransactionByBlockHashAndIndex',
    params: [blockHash, index],
    result: 'transaction, or null',
    summary: 'A transaction by its place in a block.',
    handler: ({ node }, hash, index) => placedJson(node, { hash, requireCanonical: false }, index),
  }),
  defineMethod({
    name: 'eth_getTransactionByBlockNumberAndIndex',
    params: [number, index],
    result: 'transaction, or null',
    summary: 'A transaction by its place in a block of the canonical chain.',
    handler: ({ node }, id, index) => placedJson(node, id, index),
  }),
  defineMethod({
    name: 'eth_getRawTransactionByHash',
    params: [hash],
    result: 'bytes, or null',
    summary: 'The EIP-2718 bytes of a transaction of the canonical chain or the pool.',
    handler: ({ node }, hash) => {
      const tx = findTx(node, hash)
      return tx === undefined ? null : data(tx.raw)
    },
  }),
  defineMethod({
    name: 'eth_getRawTransactionByBlockHashAndIndex',
    params: [blockHash, index],
    result: 'bytes, or null',
    summary: 'The EIP-2718 bytes of a transaction by its place in a block.',
    handler: ({ node }, hash, index) => rawJson(node, { hash, requireCanonical: false }, index),
  }),
  defineMethod({
    name: 'eth_getRawTransactionByBlockNumberAndIndex',
    params: [number, index],
    result: 'bytes, or null',
    summary: 'The EIP-2718 bytes of a transaction by its place in a block of the canonical chain.',
    handler: ({ node }, id, index) => rawJson(node, id, index),
  }),
  defineMethod({
    name: 'eth_getTransactionReceipt',
    params: [hash],
    result: 'receipt, or null',
    summary: 'What a transaction of the canonical chain did.',
    handler: ({ node }, hash) => receiptJson(node, hash),
  }),
]

/** The receipt of an included transaction, else null. */
export function receiptJson(node: RpcContext, hash: Hash): Json {
  const location = node.chain.location(hash)
  if (location === undefined) return null
  const { block, index } = location
  const receipts = receiptsOf(node.chain, block)
  const blobGasPrice = blobBaseFee(node.chain.config, block.header)
  return encodeReceiptJson({ block, receipts, blobGasPrice }, index, senderLookup(node)) ?? null
}

/**
 * The receipts of a block in the order of its transactions; with `wanted`, those of these
 * transactions alone.
 */
export function blockReceiptsJson(
  node: RpcContext,
  block: Block,
  wanted?: ReadonlySet<Hash>,
): Json[] {
  const executed = {
    block,
    receipts: receiptsOf(node.chain, block),
    blobGasPrice: blobBaseFee(node.chain.config, block.header),
  }
  const senderOf = senderLookup(node)
  return block.transactions.flatMap(({ hash }, index) =>
    wanted === undefined || wanted.has(hash)
      ? [encodeReceiptJson(executed, index, senderOf) ?? null]
      : [],
  )
}

/** A transaction of the canonical chain or the pool. */
export function findTx({ chain, mempool }: RpcContext, hash: Hash): Tx | undefined {
  const location = chain.location(hash)
  return location?.block.transactions[location.index] ?? mempool.get(hash)?.tx
}

function transactionJson(node: RpcContext, hash: Hash): Json {
  const place = node.chain.location(hash)
  const tx = findTx(node, hash)
  return tx === undefined ? null : encodeTxJson(tx, senderLookup(node)(tx), place)
}

function placedJson(node: RpcContext, id: BlockId, index: number): Json {
  const block = findBlock(node.chain, id)
  const tx = block?.transactions[index]
  if (block === undefined || tx === undefined) return null
  return encodeTxJson(tx, senderLookup(node)(tx), { block, index })
}

function rawJson(node: RpcContext, id: BlockId, index: number): Json {
  const tx = findBlock(node.chain, id)?.transactions[index]
  return tx === undefined ? null : data(tx.raw)
}
