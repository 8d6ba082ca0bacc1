/**
 * What only execution leaves behind: a node whose ledger executes nothing says so rather than
 * answer wrongly.
 */
import type { Block } from '../block/block.ts'
import type { Receipt } from '../block/receipt.ts'
import type { RpcChain } from './context.ts'
import { RPC_CODES, refused, RpcError } from './errors.ts'

const LEDGER_NONE = "this node executes nothing (ledger 'none')"

/** The receipts of a block, none if it has no transactions; throws where they are not there. */
export function receiptsOf(chain: RpcChain, block: Block): readonly Receipt[] {
  if (block.transactions.length === 0) return []
  return chain.receipts(block.hash) ?? unavailable(chain, block)
}

/** Ends a call about receipts or logs that nobody here can make any more, or ever could. */
export function unavailable({ ledger }: RpcChain, { header }: Block): never {
  const why = ledger === 'none' ? LEDGER_NONE : 'they are no longer kept'
  throw new RpcError(
    RPC_CODES.unavailable,
    `receipts of block ${header.number} are not available: ${why}`,
  )
}

/** Throws for a question that only receipts can answer, whichever they be. */
export function requireReceipts({ ledger }: RpcChain): void {
  if (ledger === 'none')
    throw new RpcError(RPC_CODES.unavailable, `receipts are not available: ${LEDGER_NONE}`)
}

/** Throws for a question about the accounts after a block above the genesis. */
export function requireState({ ledger }: RpcChain): void {
  if (ledger === 'none')
    throw refused('no-state', `balances, code and storage are not known: ${LEDGER_NONE}`)
}
