/**
 * Making the next block of a Clique chain: choosing transactions, executing them, sealing the
 * result.
 */
import { nextBaseFee } from '../block/baseFee.ts'
import { makeBlock, type Block } from '../block/block.ts'
import { EMPTY_UNCLES_HASH, transactionsRoot } from '../block/bodyRoots.ts'
import { emptyBloom } from '../block/bloom.ts'
import { cliqueDifficulty, cliqueExtraData, sealHeader } from '../block/clique.ts'
import type { Header } from '../block/header.ts'
import { MAX_BLOCK_BYTES, MAX_BLOCK_TRANSACTIONS } from '../block/limits.ts'
import { receiptsRoot } from '../block/receipt.ts'
import { addressOfPublicKey, ZERO_ADDRESS, type Address } from '../crypto/address.ts'
import { asHash } from '../crypto/keccak.ts'
import { secp256k1 } from '../crypto/secp256k1.ts'
import { EMPTY_BYTES } from '../lib/bytes.ts'
import { atLeast, type Fork } from '../tx/fork.ts'
import { TRANSFER_GAS } from '../tx/gas.ts'
import { firstBrokenTxRule } from '../tx/rules.ts'
import type { Tx } from '../tx/tx.ts'
import type { Chain } from './chain.ts'
import { forkAt } from './genesis/forks.ts'
import { isCliqueEpoch } from './rules/headerRules.ts'
import { BlockExecution, type ExecutionContext } from './ledger.ts'
import type { BlockOutcome } from './rules/judgeBlock.ts'

/** A transaction that may go into the block, and who signed it. */
export interface BlockCandidate {
  readonly tx: Tx
  readonly sender: Address
}

/** What the next block is made with. */
export interface AssembleOptions {
  /**
   * Unix seconds; where it is earlier than the period allows, the earliest allowed time is taken.
   */
  readonly timestamp: bigint
  /** 32 bytes; of a signer whose turn `signingTurn` tells. */
  readonly privateKey: Uint8Array
  /** At most 32 bytes of anything, such as who made the block. */
  readonly vanity?: Uint8Array
}

/** A sealed block that was not imported yet. */
export interface AssembledBlock {
  readonly block: Block
  /** Who signed each of its transactions, as `Chain.import` wants it. */
  readonly senders: readonly Address[]
  /** What its execution came to, as `Chain.made` wants it. */
  readonly outcome: BlockOutcome
}

/** Left for the header and the RLP prefixes of a block at its largest. */
const HEADER_ROOM_BYTES = 64 * 1024

/**
 * The next block on `parent`, sealed: of the candidates, in their order, those that can be executed
 * and fit; the others are passed over. Does not ask whether the key may seal now.
 *
 * Throws an Error where `parent` is deeper than states are kept, or on a chain that executes
 * nothing.
 */
export function assembleBlock(
  chain: Chain,
  parent: Block,
  candidates: Iterable<BlockCandidate>,
  options: AssembleOptions,
): AssembledBlock {
  const template = headerTemplate(chain, parent, options)
  const execution = new BlockExecution(stateOf(chain, parent), template.context)
  const chosen = choose(execution, template.context.fork, chain.chainId, candidates)
  const transactions = chosen.map(({ tx }) => tx)
  const state = execution.state()
  const { receipts } = execution
  const header: Header = {
    ...template.header,
    stateRoot: state.root(),
    transactionsRoot: transactionsRoot(transactions),
    receiptsRoot: receiptsRoot(receipts),
    gasUsed: execution.gasUsed,
  }
  const block = makeBlock(sealHeader(header, options.privateKey), transactions)
  const senders = chosen.map(({ sender }) => sender)
  return { block, senders, outcome: { state, receipts } }
}

interface HeaderTemplate {
  readonly header: Omit<Header, 'stateRoot' | 'transactionsRoot' | 'receiptsRoot' | 'gasUsed'>
  readonly context: ExecutionContext
}

function headerTemplate(chain: Chain, parent: Block, options: AssembleOptions): HeaderTemplate {
  const { config, signers } = chain
  const number = parent.header.number + 1n
  const earliest = parent.header.timestamp + (config.clique?.periodS ?? 1n)
  const timestamp = options.timestamp > earliest ? options.timestamp : earliest
  const fork = forkAt(config, number, timestamp)
  const baseFee = atLeast(fork, 'london') ? nextBaseFee(parent.header) : undefined
  const gasLimit = nextGasLimit(parent.header, fork)
  const signer = addressOfPublicKey(secp256k1.publicKey(options.privateKey))
  const header = {
    parentHash: parent.hash,
    unclesHash: EMPTY_UNCLES_HASH,
    coinbase: ZERO_ADDRESS,
    logsBloom: emptyBloom(),
    difficulty: cliqueDifficulty(number, signer, signers),
    number,
    gasLimit,
    timestamp,
    extraData: cliqueExtraData(
      options.vanity ?? EMPTY_BYTES,
      isCliqueEpoch(number, config) ? signers : [],
    ),
    mixHash: asHash(new Uint8Array(32)),
    nonce: new Uint8Array(8),
    ...(baseFee !== undefined && { baseFeePerGas: baseFee }),
  }
  return { header, context: { fork, baseFee: baseFee ?? 0n, gasLimit, beneficiary: signer } }
}

/**
 * The parent's; the first London block doubles it, so that the target stays what the limit was
 * (EIP-1559).
 */
function nextGasLimit(parent: Header, fork: Fork): bigint {
  const isFirstLondon = atLeast(fork, 'london') && parent.baseFeePerGas === undefined
  return isFirstLondon ? parent.gasLimit * 2n : parent.gasLimit
}

function choose(
  execution: BlockExecution,
  fork: Fork,
  chainId: bigint,
  candidates: Iterable<BlockCandidate>,
): BlockCandidate[] {
  const chosen: BlockCandidate[] = []
  let bytesLeft = MAX_BLOCK_BYTES - HEADER_ROOM_BYTES
  for (const candidate of candidates) {
    const { tx, sender } = candidate
    if (execution.gasLeft < TRANSFER_GAS || chosen.length >= MAX_BLOCK_TRANSACTIONS) break
    if (tx.raw.length > bytesLeft) continue
    if (firstBrokenTxRule(tx, { fork, chainId, allowUnprotected: true }) !== undefined) continue
    if (execution.run(tx, sender) !== undefined) continue
    bytesLeft -= tx.raw.length
    chosen.push(candidate)
  }
  return chosen
}

function stateOf(chain: Chain, parent: Block) {
  const state = chain.ledger === 'none' ? undefined : chain.stateAt(parent.hash)
  if (state !== undefined) return state
  throw new Error(`assembleBlock: the state after block ${parent.header.number} is not kept`)
}
