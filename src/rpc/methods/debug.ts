import type { Block } from '../../block/block.ts'
import { encodeHeader } from '../../block/header.ts'
import { encodeReceipt } from '../../block/receipt.ts'
import { blockIdKind, findBlock, type BlockId } from '../blockId.ts'
import type { RpcContext } from '../context.ts'
import { data } from '../encode/encode.ts'
import { RPC_CODES, RpcError } from '../errors.ts'
import { receiptsOf } from '../executed.ts'
import type { Json } from '../server/json.ts'
import { defineMethod } from '../method.ts'
import { hashKind, required } from '../params.ts'
import { findTx } from './ethTransactions.ts'

const block = required('block', blockIdKind)

/** The `debug_` methods. */
export const debugMethods = [
  defineMethod({
    name: 'debug_getRawBlock',
    params: [block],
    result: 'bytes',
    summary: 'The RLP of a block.',
    handler: ({ node }, id) => data(findOrFail(node, id).raw),
  }),
  defineMethod({
    name: 'debug_getRawHeader',
    params: [block],
    result: 'bytes',
    summary: 'The RLP of the header of a block.',
    handler: ({ node }, id) => data(encodeHeader(findOrFail(node, id).header)),
  }),
  defineMethod({
    name: 'debug_getRawReceipts',
    params: [block],
    result: 'list of bytes',
    summary: 'The EIP-2718 bytes of the receipts of a block.',
    handler: ({ node }, id): Json => {
      const receipts = receiptsOf(node.chain, findOrFail(node, id))
      return receipts.map((receipt) => data(encodeReceipt(receipt)))
    },
  }),
  defineMethod({
    name: 'debug_getRawTransaction',
    params: [required('hash', hashKind)],
    result: 'bytes, empty if there is no such transaction',
    summary: 'The EIP-2718 bytes of a transaction of the canonical chain or the pool.',
    handler: ({ node }, hash) => {
      const tx = findTx(node, hash)
      return tx === undefined ? '0x' : data(tx.raw)
    },
  }),
]

function findOrFail({ chain }: RpcContext, id: BlockId): Block {
  const found = findBlock(chain, id)
  if (found === undefined) throw new RpcError(RPC_CODES.server, 'block not found')
  return found
}
