/**
 * The methods of geth's `clique` module that only read. Signers are those of the genesis: this
 * chain has no votes.
 */
import { decodeBlock } from '../../block/block.ts'
import { cliqueSigner, IN_TURN_DIFFICULTY } from '../../block/clique.ts'
import { isBlockDefect } from '../../block/defect.ts'
import { decodeHeader, type Header } from '../../block/header.ts'
import type { Address } from '../../crypto/address.ts'
import { parseHex } from '../../lib/bytes.ts'
import { decodeRlp } from '../../lib/rlp.ts'
import { blockIdKind, blockNumberKind, findBlock, LATEST, type BlockId } from '../blockId.ts'
import type { RpcChain } from '../context.ts'
import { refused, RPC_CODES, RpcError } from '../errors.ts'
import { defineMethod } from '../method.ts'
import { fail, hashKind, optional, required, type ParamKind } from '../params.ts'
import { SCHEMAS } from '../schemas.ts'
import type { JsonObject } from '../server/json.ts'

/** The blocks that clique_status looks back, as geth does. */
const STATUS_BLOCKS = 64n

/** A block by what names it, or its RLP, or that of its header. */
const signedKind: ParamKind<BlockId | Header> = {
  type: 'block number, tag, hash or EIP-1898 object, or the RLP of a block or header',
  schema: { anyOf: [blockIdKind.schema, SCHEMAS.bytes] },
  read: (value) => {
    const bytes = typeof value === 'string' && value.length > 66 ? parseHex(value) : undefined
    return bytes === undefined ? blockIdKind.read(value) : readHeader(bytes)
  },
}

/** The `clique_` methods. */
export const cliqueMethods = [
  defineMethod({
    name: 'clique_getSigners',
    params: [optional('block', blockNumberKind)],
    result: 'list of addresses',
    summary: 'Who may seal after a block of the canonical chain, in the order of their turns.',
    handler: ({ node }, id) => signersAfter(node.chain, id ?? LATEST),
  }),
  defineMethod({
    name: 'clique_getSignersAtHash',
    params: [required('hash', hashKind)],
    result: 'list of addresses',
    summary: 'Who may seal after a block.',
    handler: ({ node }, hash) => signersAfter(node.chain, { hash, requireCanonical: false }),
  }),
  defineMethod({
    name: 'clique_getSigner',
    params: [optional('block', signedKind)],
    result: 'address',
    summary: 'Who sealed a block, which may be given by name or as RLP.',
    handler: ({ node }, given) => {
      requireClique(node.chain)
      return sealerOf(isHeader(given) ? given : headerOf(node.chain, given ?? LATEST))
    },
  }),
  defineMethod({
    name: 'clique_status',
    params: [],
    result: 'object with inturnPercent, sealerActivity and numBlocks',
    summary: 'How many of the last 64 blocks each signer sealed, and how many were sealed in turn.',
    handler: ({ node }) => statusJson(node.chain),
  }),
]

function signersAfter(chain: RpcChain, id: BlockId): readonly Address[] {
  requireClique(chain)
  headerOf(chain, id)
  return chain.signers
}

function statusJson(chain: RpcChain): JsonObject {
  requireClique(chain)
  const head = chain.head.header.number
  const first = head > STATUS_BLOCKS ? head - STATUS_BLOCKS + 1n : 1n
  const activity = new Map(chain.signers.map((signer) => [signer, 0]))
  let inTurn = 0
  for (let number = first; number <= head; number++) {
    const header = headerOf(chain, { number })
    const sealer = sealerOf(header)
    activity.set(sealer, (activity.get(sealer) ?? 0) + 1)
    if (header.difficulty === IN_TURN_DIFFICULTY) inTurn++
  }
  const numBlocks = Number(head - first + 1n)
  return {
    inturnPercent: numBlocks === 0 ? 0 : (100 * inTurn) / numBlocks,
    sealerActivity: Object.fromEntries(activity),
    numBlocks,
  }
}

function requireClique({ config }: RpcChain): void {
  if (config.clique === undefined)
    throw refused('no-clique', 'this chain is not sealed by Clique: it has no signers')
}

function headerOf(chain: RpcChain, id: BlockId): Header {
  const block = findBlock(chain, id)
  if (block === undefined) throw new RpcError(RPC_CODES.server, 'unknown block')
  return block.header
}

function sealerOf(header: Header): Address {
  const sealer = header.number === 0n ? undefined : cliqueSigner(header)
  if (sealer === undefined)
    throw refused('no-seal', `block ${header.number} has no seal from which to tell its signer`)
  return sealer
}

function readHeader(bytes: Uint8Array): Header {
  const block = decodeBlock(bytes)
  if (!isBlockDefect(block)) return block.header
  const item = decodeRlp(bytes)
  const header = typeof item === 'string' ? undefined : decodeHeader(item)
  if (header === undefined || isBlockDefect(header))
    return fail('neither a block nor a header in RLP')
  return header
}

function isHeader(given: BlockId | Header | undefined): given is Header {
  return given !== undefined && 'extraData' in given
}
