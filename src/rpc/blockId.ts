/**
 * Which block a caller means.
 *
 * Tags: `latest` is the head, and `pending` too, because no node builds a block nobody sealed
 * (eth_getTransactionCount alone counts the pool for it). `safe` is the highest justified block and
 * `finalized` the highest final one, by the votes of the signers (finality/). The genesis is both
 * from the beginning, so that no tag is ever without a block; geth answers an error until the first
 * block is final. A chain without signers counts its head as both.
 */
import { isRecord } from '../lib/records.ts'
import type { Block } from '../block/block.ts'
import type { AccountView } from '../chain/state.ts'
import { parseHash, type Hash } from '../crypto/keccak.ts'
import type { RpcChain } from './context.ts'
import { RPC_CODES, RpcError } from './errors.ts'
import { requireState } from './executed.ts'
import { booleanKind, fail, hashKind, quantityDefect, type ParamKind } from './params.ts'
import { SCHEMAS } from './schemas.ts'

/** The names by which Ethereum JSON-RPC calls blocks. */
export const BLOCK_TAGS = ['latest', 'earliest', 'pending', 'safe', 'finalized'] as const
/** One of {@link BLOCK_TAGS}. */
export type BlockTag = (typeof BLOCK_TAGS)[number]

/** A block by tag, by number on the canonical chain, or by hash (EIP-1898). */
export type BlockId =
  | { readonly tag: BlockTag }
  | { readonly number: bigint }
  | { readonly hash: Hash; readonly requireCanonical: boolean }

/** The head of the canonical chain. */
export const LATEST: BlockId = { tag: 'latest' }

const MAX_INT64 = 2n ** 63n - 1n

const BLOCK_NUMBER_SCHEMA = { anyOf: [{ enum: [...BLOCK_TAGS] }, SCHEMAS.quantity] }
const BLOCK_ID_SCHEMA = { anyOf: [BLOCK_NUMBER_SCHEMA, SCHEMAS.hash, SCHEMAS.object] }

/** A tag or a number. */
export const blockNumberKind: ParamKind<BlockId> = {
  type: 'block number or tag',
  schema: BLOCK_NUMBER_SCHEMA,
  read: (value) => {
    if (typeof value !== 'string') return fail('hex string without 0x prefix')
    const tag = BLOCK_TAGS.find((tag) => tag === value)
    return tag === undefined ? { number: readNumber(value) } : { tag }
  },
}

/** A tag, a number, a hash, or an object that names one of the latter two (EIP-1898). */
export const blockIdKind: ParamKind<BlockId> = {
  type: 'block number, tag, hash or EIP-1898 object',
  schema: BLOCK_ID_SCHEMA,
  read: (value) => {
    if (isRecord(value)) return readObject(value)
    const hash = parseHash(value)
    return hash === undefined ? blockNumberKind.read(value) : { hash, requireCanonical: false }
  },
}

/** The block, or `undefined` if this node has none such. */
export function findBlock(chain: RpcChain, id: BlockId): Block | undefined {
  if ('number' in id) return chain.blockByNumber(id.number)
  if ('tag' in id) return taggedBlock(chain, id.tag)
  const block = chain.block(id.hash)
  if (block !== undefined && id.requireCanonical && !isCanonical(chain, block))
    throw new RpcError(RPC_CODES.server, 'hash is not currently canonical')
  return block
}

/** The block and the accounts after it; throws the error that geth answers where there are none. */
export function findState(
  chain: RpcChain,
  id: BlockId = LATEST,
): { readonly block: Block; readonly state: AccountView } {
  const block = findBlock(chain, id)
  if (block === undefined)
    throw new RpcError(
      RPC_CODES.server,
      'hash' in id ? 'header for hash not found' : 'header not found',
    )
  const isHead = block.hash === chain.head.hash
  if (block.hash !== chain.genesis.hash) requireState(chain)
  const state = chain.stateAt(block.hash) ?? (isHead ? chain.state : undefined)
  if (state === undefined)
    throw new RpcError(RPC_CODES.server, `historical state of block ${block.hash} is not available`)
  return { block, state }
}

/** Whether the id asks for what is not yet in a block. */
export function isPending(id: BlockId | undefined): boolean {
  return id !== undefined && 'tag' in id && id.tag === 'pending'
}

function taggedBlock(chain: RpcChain, tag: BlockTag): Block | undefined {
  if (tag === 'latest' || tag === 'pending') return chain.head
  if (tag === 'earliest') return chain.genesis.block
  if (chain.signers.length === 0) return chain.head
  const { justified, finalized } = chain.settled
  return chain.block(tag === 'safe' ? justified.hash : finalized.hash)
}

function isCanonical(chain: RpcChain, block: Block): boolean {
  return chain.blockByNumber(block.header.number)?.hash === block.hash
}

function readNumber(text: string): bigint {
  const defect = quantityDefect(text)
  if (defect !== undefined) return fail(defect)
  const number = text.length > 18 ? MAX_INT64 + 1n : BigInt(text)
  return number <= MAX_INT64 ? number : fail('block number larger than int64')
}

function readObject(value: Readonly<Record<string, unknown>>): BlockId {
  const { blockNumber, blockHash, requireCanonical } = value
  if (blockNumber !== undefined && blockHash !== undefined)
    return fail('cannot specify both BlockHash and BlockNumber, choose one or the other')
  if (blockNumber !== undefined) return blockNumberKind.read(blockNumber)
  if (blockHash === undefined) return fail('must specify either BlockHash or BlockNumber')
  const hash = hashKind.read(blockHash)
  return { hash, requireCanonical: booleanKind.read(requireCanonical ?? false) }
}
