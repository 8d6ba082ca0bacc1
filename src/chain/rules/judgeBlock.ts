/**
 * Whether a block may follow its parent, and what it leaves behind: header, seal, body,
 * transactions, execution, roots, in this order. The cheap come before the costly.
 */
import type { Block } from '../../block/block.ts'
import { receiptsRoot, type Receipt } from '../../block/receipt.ts'
import type { Address } from '../../crypto/address.ts'
import type { Header } from '../../block/header.ts'
import { forkAt } from '../genesis/forks.ts'
import { BlockExecution } from '../ledger.ts'
import type { State } from '../state.ts'
import type { BlockCheck, StatelessReason } from './blockCheck.ts'
import type { TransferRefusal } from './transferRules.ts'

/** What a block is judged against. */
export interface Parent {
  readonly header: Header
  /** `undefined` where nothing is executed. */
  readonly state: State | undefined
}

/** What the execution of a block came to; `undefined` where nothing is executed. */
export interface BlockOutcome {
  readonly state: State | undefined
  readonly receipts: readonly Receipt[] | undefined
}

/** What execution must come to. */
export const EXECUTION_REASONS = [
  'gas-used-mismatch',
  'logs-bloom-mismatch',
  'receipts-root-mismatch',
  'state-root-mismatch',
] as const

/** Why a block is refused by its rules or by its execution. */
export type BlockRefusalReason =
  | StatelessReason
  | TransferRefusal
  | (typeof EXECUTION_REASONS)[number]
  /** Nobody said who signed its transactions: a fault of the caller. */
  | 'senders-missing'

/** Why a block is invalid. */
export interface BlockRefusal {
  readonly reason: BlockRefusalReason
  /** For people: which rule, which transaction. */
  readonly message: string
  /**
   * Whether the block's hash is bad for ever. A wrong body says nothing about the header it was
   * sent with.
   */
  readonly isFinal: boolean
}

/** Tells a refusal from an outcome. */
export function isBlockRefusal(value: BlockOutcome | BlockRefusal): value is BlockRefusal {
  return 'reason' in value
}

/**
 * The first rule that needs no accounts and that `check`'s block breaks; `undefined` where it has
 * passed.
 */
export function statelessRefusal(
  check: BlockCheck,
  senders: readonly Address[],
): BlockRefusal | undefined {
  return (
    check.header() ??
    check.seal() ??
    check.body() ??
    missingSenders(check.block, senders) ??
    check.order(senders)
  )
}

/**
 * What a block that has passed its stateless rules leaves behind on `parent`, or why it cannot be
 * executed.
 */
export function outcomeOf(check: BlockCheck, parent: Parent): BlockOutcome | BlockRefusal {
  const { block, senders, chain } = check
  if (parent.state === undefined) return { state: undefined, receipts: undefined }
  const { hash, header } = block
  const beneficiary = chain.sealer(hash, header) ?? header.coinbase
  const execution = new BlockExecution(parent.state, {
    fork: forkAt(chain.config, header.number, header.timestamp),
    baseFee: header.baseFeePerGas ?? 0n,
    gasLimit: header.gasLimit,
    beneficiary,
  })
  return runAll(execution, block, senders) ?? rootsRefusal(block, execution)
}

function missingSenders(
  { transactions }: Block,
  senders: readonly Address[],
): BlockRefusal | undefined {
  if (senders.length === transactions.length) return undefined
  const message = `${senders.length} are given for ${transactions.length} transactions`
  return { reason: 'senders-missing', message, isFinal: false }
}

function runAll(
  execution: BlockExecution,
  block: Block,
  senders: readonly Address[],
): BlockRefusal | undefined {
  for (const [index, sender] of senders.entries()) {
    const tx = block.transactions[index]
    const reason = tx && execution.run(tx, sender)
    if (reason !== undefined) return refusal(reason, `transaction ${index}, ${tx?.hash}`)
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

function refusal(reason: BlockRefusalReason, message: string): BlockRefusal {
  return { reason, message, isFinal: true }
}
