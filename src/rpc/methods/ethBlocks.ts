import type { Block } from '../../block/block.ts'
import { headerHash } from '../../block/header.ts'
import { blobBaseFee } from '../../chain/rules/blobGas.ts'
import { blockIdKind, blockNumberKind, findBlock, type BlockId } from '../blockId.ts'
import type { RpcContext } from '../context.ts'
import { encodeBlock, encodeHeaderJson } from '../encode/encodeBlock.ts'
import { encodeReceiptJson } from '../encode/encodeReceipt.ts'
import { quantity } from '../encode/encode.ts'
import { receiptsOf } from '../executed.ts'
import type { Json } from '../server/json.ts'
import { defineMethod } from '../method.ts'
import { booleanKind, hashKind, indexKind, optional, required } from '../params.ts'
import { senderLookup } from '../encode/senderOf.ts'

const hash = required('hash', hashKind)
const number = required('number', blockNumberKind)
const full = optional('full', booleanKind)
const index = required('index', indexKind)

/** The `eth_` methods about blocks. */
export const ethBlockMethods = [
  defineMethod({
    name: 'eth_getBlockByHash',
    params: [hash, full],
    result: 'block, or null',
    summary: 'A block, with its transactions in full or as hashes.',
    handler: ({ node }, hash, full) => blockJson(node, byHash(hash), full),
  }),
  defineMethod({
    name: 'eth_getBlockByNumber',
    params: [number, full],
    result: 'block, or null',
    summary: 'A block of the canonical chain, with its transactions in full or as hashes.',
    handler: ({ node }, number, full) => blockJson(node, number, full),
  }),
  defineMethod({
    name: 'eth_getHeaderByHash',
    params: [hash],
    result: 'header, or null',
    summary: 'The header of a block.',
    handler: ({ node }, hash) => fromBlock(node, byHash(hash), headerJson),
  }),
  defineMethod({
    name: 'eth_getHeaderByNumber',
    params: [number],
    result: 'header, or null',
    summary: 'The header of a block of the canonical chain.',
    handler: ({ node }, number) => fromBlock(node, number, headerJson),
  }),
  defineMethod({
    name: 'eth_getBlockTransactionCountByHash',
    params: [hash],
    result: 'quantity, or null',
    summary: 'How many transactions a block has.',
    handler: ({ node }, hash) => fromBlock(node, byHash(hash), transactionCount),
  }),
  defineMethod({
    name: 'eth_getBlockTransactionCountByNumber',
    params: [number],
    result: 'quantity, or null',
    summary: 'How many transactions a block of the canonical chain has.',
    handler: ({ node }, number) => fromBlock(node, number, transactionCount),
  }),
  defineMethod({
    name: 'eth_getBlockReceipts',
    params: [required('block', blockIdKind)],
    result: 'list of receipts, or null',
    summary: 'The receipts of all transactions of a block, in order.',
    handler: ({ node }, id) => fromBlock(node, id, (block) => receiptsJson(node, block)),
  }),
  defineMethod({
    name: 'eth_getUncleCountByBlockHash',
    params: [hash],
    result: 'quantity, or null',
    summary: 'How many uncles a block names; none on a Clique chain.',
    handler: ({ node }, hash) => fromBlock(node, byHash(hash), uncleCount),
  }),
  defineMethod({
    name: 'eth_getUncleCountByBlockNumber',
    params: [number],
    result: 'quantity, or null',
    summary: 'How many uncles a block of the canonical chain names; none on a Clique chain.',
    handler: ({ node }, number) => fromBlock(node, number, uncleCount),
  }),
  defineMethod({
    name: 'eth_getUncleByBlockHashAndIndex',
    params: [hash, index],
    result: 'header, or null',
    summary: 'An uncle of a block.',
    handler: ({ node }, hash, index) =>
      fromBlock(node, byHash(hash), (block) => uncleJson(block, index)),
  }),
  defineMethod({
    name: 'eth_getUncleByBlockNumberAndIndex',
    params: [number, index],
    result: 'header, or null',
    summary: 'An uncle of a block of the canonical chain.',
    handler: ({ node }, number, index) =>
      fromBlock(node, number, (block) => uncleJson(block, index)),
  }),
]

function byHash(hash: Extract<BlockId, { hash: unknown }>['hash']): BlockId {
  return { hash, requireCanonical: false }
}

/** What `read` makes of the block, null where there is none. */
function fromBlock(node: RpcContext, id: BlockId, read: (block: Block) => Json): Json {
  const block = findBlock(node.chain, id)
  return block === undefined ? null : read(block)
}

function blockJson(node: RpcContext, id: BlockId, full: boolean | undefined): Json {
  const senderOf = full === true ? senderLookup(node) : undefined
  return fromBlock(node, id, (block) => encodeBlock(block, senderOf))
}

function headerJson(block: Block): Json {
  return encodeHeaderJson(block.header, block.hash)
}

function transactionCount(block: Block): Json {
  return quantity(block.transactions.length)
}

function uncleCount(block: Block): Json {
  return quantity(block.uncles.length)
}

function uncleJson(block: Block, index: number): Json {
  const uncle = block.uncles[index]
  return uncle === undefined ? null : encodeHeaderJson(uncle, headerHash(uncle))
}

function receiptsJson(node: RpcContext, block: Block): Json {
  const receipts = receiptsOf(node.chain, block)
  const blobGasPrice = blobBaseFee(node.chain.config, block.header)
  const senderOf = senderLookup(node)
  return block.transactions.map(
    (_, index) => encodeReceiptJson({ block, receipts, blobGasPrice }, index, senderOf) ?? null,
  )
}
