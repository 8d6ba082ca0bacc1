/**
 * One block, judged by what it says itself: its form, the fields of its fork, the roots of its body, and each of its
 * transactions. What needs the parent or the state is for a node to judge.
 */
import { bodyFault } from '../../block/bodyRoots.ts'
import { decodeBlock, type Block } from '../../block/block.ts'
import { cliqueSigner, cliqueSigners } from '../../block/clique.ts'
import { isBlockFault } from '../../block/fault.ts'
import type { Header } from '../../block/header.ts'
import { forkAt } from '../../chain/genesis/forks.ts'
import type { Genesis } from '../../chain/genesis/genesis.ts'
import { hasFieldsOf } from '../../chain/rules/headerRules.ts'
import type { Address } from '../../crypto/address.ts'
import type { Fork } from '../../tx/fork.ts'
import type { Tx } from '../../tx/tx.ts'
import { NOT_HEX, parseHexLine, refusal, type Refusal } from './inspectLines.ts'
import { consensusSender, quantity, type InspectContext } from './inspectTx.ts'

export interface InspectBlockContext {
  readonly chainId: bigint
  /** `undefined` takes the fork that the genesis gives for the block's number and time. */
  readonly fork: Fork | undefined
  readonly genesis?: Genesis
}

/** EIP-4844, GAS_PER_BLOB. */
const BLOB_GAS = 131_072n
/** A sealed header's extra data: 32 bytes of vanity and 65 of seal (EIP-225). */
const SEALED_EXTRA_BYTES = 97

interface HeaderCheck {
  readonly reason: string
  readonly message: string
  holds(header: Header, fork: Fork): boolean
}

const HEADER_CHECKS: readonly HeaderCheck[] = [
  {
    reason: 'fork-fields',
    message: 'the header has not exactly the fields of the fork; is --fork right?',
    holds: hasFieldsOf,
  },
  {
    reason: 'gas-used-above-limit',
    message: 'more gas is used than the limit allows',
    holds: ({ gasUsed, gasLimit }) => gasUsed <= gasLimit,
  },
]

/** The JSON answer for one line of hex, or `{"error":{"reason","message"}}`. */
export function inspectBlockLine(line: string, context: InspectBlockContext): object {
  const raw = parseHexLine(line)
  if (raw === undefined) return NOT_HEX
  const block = decodeBlock(raw)
  if (isBlockFault(block)) return refusal(block.reason, block.message)
  const fork = context.fork ?? forkOf(block.header, context.genesis)
  return brokenBlock(block, fork, context) ?? describe(block, context.genesis)
}

function forkOf(header: Header, genesis: Genesis | undefined): Fork {
  return genesis === undefined ? 'osaka' : forkAt(genesis.config, header.number, header.timestamp)
}

function brokenBlock(
  block: Block,
  fork: Fork,
  { chainId, genesis }: InspectBlockContext,
): Refusal | undefined {
  const check = HEADER_CHECKS.find((each) => !each.holds(block.header, fork))
  if (check !== undefined) return refusal(check.reason, check.message)
  const fault = bodyFault(block)
  if (fault !== undefined) return refusal(fault.reason, fault.message)
  return brokenSeal(block, genesis) ?? brokenTransactions(block, { chainId, fork })
}

function brokenSeal(block: Block, genesis: Genesis | undefined): Refusal | undefined {
  if (genesis?.config.clique === undefined || block.header.difficulty === 0n) return undefined
  const signer = cliqueSigner(block.header)
  if (signer === undefined) return refusal('seal-missing', 'there is no valid Clique seal')
  return cliqueSigners(genesis.header.extraData).includes(signer)
    ? undefined
    : refusal('signer-unauthorized', `${signer} is none of the signers of the genesis`)
}

function brokenTransactions(block: Block, context: InspectContext): Refusal | undefined {
  let blobs = 0n
  for (const [index, tx] of block.transactions.entries()) {
    const fault = transactionFault(tx, block.header, context)
    if (fault !== undefined) return refusal('transaction-invalid', `transaction ${index}: ${fault}`)
    blobs += BigInt(tx.blobVersionedHashes?.length ?? 0)
  }
  const { blobGasUsed = 0n } = block.header
  return blobs * BLOB_GAS === blobGasUsed
    ? undefined
    : refusal('blob-gas-mismatch', `${blobs} blobs do not use the header's ${blobGasUsed} blob gas`)
}

function transactionFault(tx: Tx, header: Header, context: InspectContext): string | undefined {
  const sender = consensusSender(tx, context)
  if (typeof sender !== 'string') return `${sender.reason}: ${sender.message}`
  if (tx.gasLimit > header.gasLimit) return "its gas limit is above the block's"
  if (tx.maxFeePerGas < (header.baseFeePerGas ?? 0n)) return 'its fee cap is below the base fee'
  return undefined
}

function describe(block: Block, genesis: Genesis | undefined): object {
  const { header } = block
  const signer = signerOf(header, genesis)
  return {
    hash: block.hash,
    number: quantity(header.number),
    parentHash: header.parentHash,
    transactions: block.transactions.length,
    ...(signer !== undefined && { signer }),
    timestamp: quantity(header.timestamp),
    gasUsed: quantity(header.gasUsed),
    gasLimit: quantity(header.gasLimit),
    size: quantity(block.raw.length),
  }
}

/** Without a genesis a header counts as sealed if it has the room for a seal, which no mined or merged one has. */
function signerOf(header: Header, genesis: Genesis | undefined): Address | undefined {
  const isClique = genesis === undefined || genesis.config.clique !== undefined
  const isSealed = header.difficulty > 0n && header.extraData.length >= SEALED_EXTRA_BYTES
  return isClique && isSealed ? cliqueSigner(header) : undefined
}
