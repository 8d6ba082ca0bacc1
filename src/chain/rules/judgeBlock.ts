/**
 * Whether a block may follow its parent, and what it leaves behind: header, seal, body, transactions, execution,
 * roots, in this order. The cheap come before the costly.
 */
import type { Block } from '../../block/block.ts'
import { bodyFault } from '../../block/bodyRoots.ts'
import type { Header } from '../../block/header.ts'
import { MAX_BLOCK_BYTES } from '../../block/limits.ts'
import { receiptsRoot, type Receipt } from '../../block/receipt.ts'
import type { Address } from '../../crypto/address.ts'
import { firstBrokenTxRule } from '../../tx/rules.ts'
import type { ChainConfig } from '../genesis/config.ts'
import { consensusOf } from '../genesis/consensus.ts'
import { forkAt } from '../genesis/forks.ts'
import { firstBrokenHeaderRule, HEADER_RULES } from './headerRules.ts'
import { BlockExecution } from '../ledger.ts'
import { firstBrokenSealRule, SEAL_RULES, type SealView } from './sealRules.ts'
import type { State } from '../state.ts'

export interface Parent {
  readonly header: Header
  /** `undefined` where nothing is executed. */
  readonly state: State | undefined
}

export interface BlockOutcome {
  readonly state: State | undefined
  readonly receipts: readonly Receipt[] | undefined
}

export interface BlockRefusal {
  /** A stable word: of a header rule, a seal rule, a body fault, a transaction rule, or of the roots below. */
  readonly reason: string
  /** For people: which rule, which transaction. */
  readonly message: string
  /** Whether the block's hash is bad for ever. A wrong body says nothing about the header it was sent with. */
  readonly final: boolean
}

/** Tells a refusal from an outcome. */
export function isBlockRefusal(value: BlockOutcome | BlockRefusal): value is BlockRefusal {
  return 'reason' in value
}

/**
 * Judges `block` as a child of `parent`.
 *
 * @param senders who signed each transaction, in their order; not looked at where nothing is executed.
 */
export function judgeBlock(
  block: Block,
  senders: readonly Address[],
  parent: Parent,
  chain: SealView,
): BlockOutcome | BlockRefusal {
  return (
    headerRefusal(block, parent, chain) ??
    bodyRefusal(block) ??
    transactionRefusal(block, chain.config) ??
    outcomeOf(block, senders, parent, chain)
  )
}

function headerRefusal(block: Block, parent: Parent, chain: SealView): BlockRefusal | undefined {
  const reason = firstBrokenHeaderRule(block.header, parent.header, chain.config)
  if (reason !== undefined) return refusal(reason, messageOf(reason, HEADER_RULES))
  if (consensusOf(block.header, parent.header, chain.config) !== 'clique') return undefined
  const sealReason = firstBrokenSealRule(block.header, chain)
  return sealReason && refusal(sealReason, messageOf(sealReason, SEAL_RULES))
}

function bodyRefusal(block: Block): BlockRefusal | undefined {
  const fault = bodyFault(block)
  if (fault !== undefined) return { ...fault, final: false }
  if (block.raw.length <= MAX_BLOCK_BYTES) return undefined
  return refusal('block-too-large', `${block.raw.length} bytes, more than ${MAX_BLOCK_BYTES}`)
}

/** By consensus a legacy transaction may be without chain id; that a node takes none is its policy. */
function transactionRefusal(block: Block, config: ChainConfig): BlockRefusal | undefined {
  const { header, transactions } = block
  const fork = forkAt(config, header.number, header.timestamp)
  const context = { fork, chainId: config.chainId, allowUnprotected: true }
  for (const [index, tx] of transactions.entries()) {
    const fault = firstBrokenTxRule(tx, context)
    if (fault !== undefined) return refusal(fault.reason, `transaction ${index}: ${fault.message}`)
  }
  return undefined
}

function outcomeOf(
  block: Block,
  senders: readonly Address[],
  parent: Parent,
  chain: SealView,
): BlockOutcome | BlockRefusal {
  if (parent.state === undefined) return { state: undefined, receipts: undefined }
  const beneficiary = chain.sealer(block.header) ?? block.header.coinbase
  const execution = new BlockExecution(parent.state, {
    fork: forkAt(chain.config, block.header.number, block.header.timestamp),
    baseFee: block.header.baseFeePerGas ?? 0n,
    gasLimit: block.header.gasLimit,
    beneficiary,
  })
  return runAll(execution, block, senders) ?? rootsRefusal(block, execution)
}

function runAll(
  execution: BlockExecution,
  block: Block,
  senders: readonly Address[],
): BlockRefusal | undefined {
  for (const [index, tx] of block.transactions.entries()) {
    const sender = senders[index]
    if (sender === undefined)
      return { reason: 'senders-missing', message: `of transaction ${index}`, final: false }
    const reason = execution.run(tx, sender)
    if (reason !== undefined) return refusal(reason, `transaction ${index}, ${tx.hash}`)
  }
  return undefined
}

/** What execution came to must be what the header says. */
function rootsRefusal(block: Block, execution: BlockExecution): BlockOutcome | BlockRefusal {
  const { header } = block
  const { gasUsed, receipts } = execution
  if (gasUsed !== header.gasUsed)
    return refusal('gas-used-mismatch', `the header says ${header.gasUsed}, used are ${gasUsed}`)
  if (header.logsBloom.some((byte) => byte !== 0))
    return refusal('logs-bloom-mismatch', 'the header says that something was logged')
  const root = receiptsRoot(receipts)
  if (root !== header.receiptsRoot)
    return refusal('receipts-root-mismatch', `the header says ${header.receiptsRoot}, got ${root}`)
  const state = execution.state()
  if (state.root() !== header.stateRoot)
    return refusal(
      'state-root-mismatch',
      `the header says ${header.stateRoot}, got ${state.root()}`,
    )
  return { state, receipts }
}

function refusal(reason: string, message: string): BlockRefusal {
  return { reason, message, final: true }
}

function messageOf<Reason extends string>(
  reason: Reason,
  rules: readonly { readonly reason: Reason; readonly message: string }[],
): string {
  return rules.find((rule) => rule.reason === reason)?.message ?? reason
}
