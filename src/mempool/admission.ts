/**
 * The rules a transaction meets on its way in, as data: cheap before costly, the sender's account
 * last.
 */
import type { Tx } from '../tx/tx.ts'
import type { PoolEntry } from './entry.ts'
import type { PoolLimits } from './limits.ts'
import type { PoolRefusal } from './refusals.ts'
import { outbids } from './replacement.ts'
import type { SenderAccount } from './senderTxs.ts'

/** One rule that a transaction must keep to enter the pool. */
export interface AdmissionRule<Item> {
  /** The answer when the rule does not hold. */
  readonly reason: PoolRefusal
  readonly holds: (item: Item, limits: PoolLimits) => boolean
}

/** What needs no sender. */
export const POOL_TX_RULES: readonly AdmissionRule<Tx>[] = [
  { reason: 'oversized', holds: (tx, { maxTxBytes }) => tx.raw.length <= maxTxBytes },
  {
    reason: 'fee-too-low',
    holds: (tx, { minTipWei }) => tx.maxPriorityFeePerGas >= BigInt(minTipWei),
  },
]

/** A transaction beside its sender's account and what the sender has in the pool. */
export interface PoolCandidate {
  readonly tx: Tx
  /** The most it can take from its sender, in wei. */
  readonly cost: bigint
  readonly account: SenderAccount
  /** The same of all its sender's pooled transactions together. */
  readonly pooledCost: bigint
  /** The pooled transaction of the same sender and nonce. */
  readonly incumbent: PoolEntry | undefined
  /**
   * Nonces missing between the sender's pending transactions and this one; negative within them.
   */
  readonly gap: bigint
}

/** The rules that depend on the account of the sender. */
export const POOL_SENDER_RULES: readonly AdmissionRule<PoolCandidate>[] = [
  { reason: 'nonce-too-low', holds: ({ tx, account }) => tx.nonce >= account.nonce },
  { reason: 'nonce-gap-too-far', holds: ({ gap }, { keptGap }) => gap <= BigInt(keptGap) },
  { reason: 'insufficient-funds', holds: ({ cost, account }) => cost <= account.balance },
  {
    reason: 'overdraft',
    holds: ({ cost, account, pooledCost, incumbent }) =>
      pooledCost + cost - (incumbent?.cost ?? 0n) <= account.balance,
  },
  {
    reason: 'replacement-underpriced',
    holds: ({ tx, incumbent }, { replacementBumpPercent }) =>
      incumbent === undefined || outbids(tx, incumbent.tx, replacementBumpPercent),
  },
]

/** The first rule that does not hold, in the order of the list; `undefined` if all hold. */
export function firstRefusal<Item>(
  rules: readonly AdmissionRule<Item>[],
  item: Item,
  limits: PoolLimits,
): PoolRefusal | undefined {
  for (const rule of rules) if (!rule.holds(item, limits)) return rule.reason
  return undefined
}
