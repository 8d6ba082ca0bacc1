/**
 * What the ledger of transfers runs, and what a state lets it run. Beside the static rules
 * (tx/rules.ts) these make a transaction executable. Each rule is a datum, as in headerRules.ts;
 * the pool and the RPC answer with its words.
 */
import type { Address } from '../../crypto/address.ts'
import type { Fork } from '../../tx/fork.ts'
import type { Tx } from '../../tx/tx.ts'
import { isPrecompile } from './precompiles.ts'
import type { AccountView } from '../state.ts'

/** The stable words for what this chain does not execute. */
export const TRANSFER_SCOPE_REASONS = [
  'type-not-executable',
  'contract-creation',
  'call-to-precompile',
  'call-to-contract',
] as const

/** The stable words for what an account or block does not allow. */
export const TRANSFER_STATE_REASONS = [
  'sender-has-code',
  'nonce-too-low',
  'nonce-too-high',
  'block-gas-exhausted',
  'fee-cap-below-base-fee',
  'insufficient-funds',
] as const

/** One of {@link TRANSFER_SCOPE_REASONS}. */
export type TransferScopeReason = (typeof TRANSFER_SCOPE_REASONS)[number]
/** One of {@link TRANSFER_STATE_REASONS}. */
export type TransferStateReason = (typeof TRANSFER_STATE_REASONS)[number]
/** The stable word for why a transaction cannot be executed. */
export type TransferRefusal = TransferScopeReason | TransferStateReason

/** What decides whether a transaction is a plain transfer. */
export interface TransferScopeContext {
  readonly state: AccountView
  readonly fork: Fork
}

/** What decides whether a transfer can be executed now. */
export interface TransferStateContext extends TransferScopeContext {
  readonly sender: Address
  /** Wei per gas; 0 before London. */
  readonly baseFee: bigint
  /** What is left of the block's gas limit. */
  readonly gasLeft: bigint
}

interface TransferRule<Reason extends string, Context> {
  readonly reason: Reason
  readonly source: string
  /** Completes "refused because ...". */
  readonly message: string
  holds(tx: Tx, context: Context): boolean
}

/** What this ledger does not run whatever the state of the sender: there is no EVM in it. */
export const TRANSFER_SCOPE_RULES: readonly TransferRule<
  TransferScopeReason,
  TransferScopeContext
>[] = [
  {
    reason: 'type-not-executable',
    source: 'ARCHITECTURE.md, the transfers ledger',
    message: 'the ledger runs transactions of types 0, 1 and 2 only',
    holds: (tx) => tx.type <= 2,
  },
  {
    reason: 'contract-creation',
    source: 'ARCHITECTURE.md, the transfers ledger',
    message: 'it creates a contract, and the ledger runs value transfers only',
    holds: (tx) => tx.to !== undefined,
  },
  {
    reason: 'call-to-precompile',
    source: 'ARCHITECTURE.md, the transfers ledger',
    message: 'it calls a precompiled contract, and the ledger runs value transfers only',
    holds: (tx, { fork }) => tx.to === undefined || !isPrecompile(tx.to, fork),
  },
  {
    reason: 'call-to-contract',
    source: 'ARCHITECTURE.md, the transfers ledger',
    message: 'the recipient has code, and the ledger runs value transfers only',
    holds: (tx, { state }) => tx.to === undefined || !state.hasCode(tx.to),
  },
]

/** What a transaction needs of the state and of the block it goes into. */
export const TRANSFER_STATE_RULES: readonly TransferRule<
  TransferStateReason,
  TransferStateContext
>[] = [
  {
    reason: 'sender-has-code',
    source: 'EIP-3607',
    message: 'the sender is a contract',
    holds: (_, { state, sender }) => !state.hasCode(sender),
  },
  {
    reason: 'nonce-too-low',
    source: 'Yellow Paper, section 6.2',
    message: "the nonce is below the sender's",
    holds: (tx, { state, sender }) => tx.nonce >= state.nonce(sender),
  },
  {
    reason: 'nonce-too-high',
    source: 'Yellow Paper, section 6.2',
    message: "the nonce is above the sender's",
    holds: (tx, { state, sender }) => tx.nonce <= state.nonce(sender),
  },
  {
    reason: 'block-gas-exhausted',
    source: 'Yellow Paper, section 6.2',
    message: 'the gas limit is above what is left of that of the block',
    holds: (tx, { gasLeft }) => tx.gasLimit <= gasLeft,
  },
  {
    reason: 'fee-cap-below-base-fee',
    source: 'EIP-1559',
    message: 'the fee per gas is below the base fee',
    holds: (tx, { baseFee }) => tx.maxFeePerGas >= baseFee,
  },
  {
    reason: 'insufficient-funds',
    source: 'EIP-1559',
    message: 'the balance does not cover the value and the gas limit times the fee cap',
    holds: (tx, { state, sender }) =>
      state.balance(sender) >= tx.value + tx.gasLimit * tx.maxFeePerGas,
  },
]

/** Why this ledger never runs such a transaction on this state; `undefined` if it may. */
export function transferScopeRefusal(
  tx: Tx,
  context: TransferScopeContext,
): TransferScopeReason | undefined {
  return TRANSFER_SCOPE_RULES.find((rule) => !rule.holds(tx, context))?.reason
}

/** Why the transaction cannot be executed here and now; `undefined` if it can. */
export function transferRefusal(
  tx: Tx,
  context: TransferStateContext,
): TransferRefusal | undefined {
  const scope = transferScopeRefusal(tx, context)
  return scope ?? TRANSFER_STATE_RULES.find((rule) => !rule.holds(tx, context))?.reason
}

/** Why it cannot be executed, in words: completes "refused because ...". */
export function transferRefusalText(reason: TransferRefusal): string {
  const rules = [...TRANSFER_SCOPE_RULES, ...TRANSFER_STATE_RULES]
  return rules.find((rule) => rule.reason === reason)?.message ?? reason
}
