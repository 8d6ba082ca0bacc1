/**
 * What a block must be that needs no accounts: its body beside its header, its transactions beside
 * each other, and what they can have come to. Each rule is a datum, as in headerRules.ts. Cheap
 * rules stand before costly ones, and the roots before everything that would otherwise judge a body
 * which its header does not mean.
 */
import {
  transactionsRootDefect,
  unclesHashDefect,
  withdrawalsRootDefect,
} from '../../block/bodyRoots.ts'
import type { Block } from '../../block/block.ts'
import type { Header } from '../../block/header.ts'
import { EMPTY_TRIE_ROOT } from '../../block/trie.ts'
import type { Address } from '../../crypto/address.ts'
import type { Hash } from '../../crypto/keccak.ts'
import { atLeast, type Fork } from '../../tx/fork.ts'
import { blobGasOf, leastGasUsed, TRANSFER_GAS } from '../../tx/gas.ts'
import { firstBrokenTxRule } from '../../tx/rules.ts'
import type { Tx } from '../../tx/tx.ts'
import type { ChainConfig } from '../genesis/config.ts'
import { forkAt } from '../genesis/forks.ts'
import { blobBaseFee } from './blobGas.ts'

/** The stable words of the rules of a body. */
export const BODY_RULE_REASONS = [
  'gas-overbooked',
  'uncles-hash-mismatch',
  'withdrawals-root-mismatch',
  'transactions-root-mismatch',
  'empty-receipts-root-mismatch',
  'empty-logs-bloom-mismatch',
  'transaction-twice',
  'transaction-invalid',
  'transaction-below-base-fee',
  'transaction-below-blob-base-fee',
  'transaction-gas-above-block',
  'gas-used-out-of-reach',
  'blob-gas-mismatch',
] as const

/** The stable words of the rules that need to know who signed. */
export const SENDER_RULE_REASONS = ['nonces-out-of-order'] as const

/** One of {@link BODY_RULE_REASONS}. */
export type BodyRuleReason = (typeof BODY_RULE_REASONS)[number]
/** One of {@link SENDER_RULE_REASONS}. */
export type SenderRuleReason = (typeof SENDER_RULE_REASONS)[number]

/** What the rules of a body look at beside the block. */
export interface BodyFacts {
  readonly fork: Fork
  readonly chainId: bigint
  /** Wei per blob gas; `undefined` before Cancun, or where nobody knows the chain's parameters. */
  readonly blobBaseFee: bigint | undefined
}

/** The same, and who signed the transactions. */
export interface SenderFacts extends BodyFacts {
  /** Who signed each transaction, in their order. */
  readonly senders: readonly Address[]
}

/** One rule that a block must keep, with its source. */
export interface BlockRule<Reason extends string, Facts> {
  readonly reason: Reason
  /** Whoever looks at such a block finds it invalid: the peer that sent it is at fault. */
  readonly otherwise: 'reject'
  /**
   * Whether the block's hash is bad for ever. A wrong body says nothing about the header it was
   * sent with.
   */
  readonly isFinal: boolean
  readonly source: string
  /** Completes "refused because ...". */
  readonly message: string
  /** What exactly is wrong, for people; `undefined` where the rule holds. */
  defect(block: Block, facts: Facts): string | undefined
}

/** A rule of the body of a block by itself. */
export type BodyRule = BlockRule<BodyRuleReason, BodyFacts>
/** A rule that needs to know who signed the transactions. */
export type SenderRule = BlockRule<SenderRuleReason, SenderFacts>

/** Half of what each transaction costs: refunds gave back at most half before London. */
const LEAST_GAS_AFTER_REFUND = TRANSFER_GAS / 2n

/** All rules of a body. */
export const BODY_RULES: readonly BodyRule[] = [
  {
    reason: 'gas-overbooked',
    otherwise: 'reject',
    isFinal: false,
    source: 'Yellow Paper, section 6.2',
    message: 'it holds more transactions than its gas limit could pay for',
    defect: ({ header, transactions }) =>
      BigInt(transactions.length) * LEAST_GAS_AFTER_REFUND <= header.gasLimit
        ? undefined
        : `${transactions.length} transactions, gas limit ${header.gasLimit}`,
  },
  {
    reason: 'uncles-hash-mismatch',
    otherwise: 'reject',
    isFinal: false,
    source: 'Yellow Paper, section 4.3.4',
    message: 'the uncles hash in its header is not that of its body',
    defect: (block) => unclesHashDefect(block)?.message,
  },
  {
    reason: 'withdrawals-root-mismatch',
    otherwise: 'reject',
    isFinal: false,
    source: 'EIP-4895',
    message: 'the withdrawals root in its header is not that of its body',
    defect: (block) => withdrawalsRootDefect(block)?.message,
  },
  {
    reason: 'transactions-root-mismatch',
    otherwise: 'reject',
    isFinal: false,
    source: 'Yellow Paper, section 4.3.4',
    message: 'the transactions root in its header is not that of its body',
    defect: (block) => transactionsRootDefect(block)?.message,
  },
  {
    reason: 'empty-receipts-root-mismatch',
    otherwise: 'reject',
    isFinal: true,
    source: 'Yellow Paper, section 4.3.4',
    message: 'a block has the receipts root of no receipts exactly if it has no transactions',
    defect: ({ header, transactions }) =>
      (header.receiptsRoot === EMPTY_TRIE_ROOT) === (transactions.length === 0)
        ? undefined
        : `${transactions.length} transactions, receipts root ${header.receiptsRoot}`,
  },
  {
    reason: 'empty-logs-bloom-mismatch',
    otherwise: 'reject',
    isFinal: true,
    source: 'Yellow Paper, section 4.3.1',
    message: 'a block without transactions has logged nothing',
    defect: ({ header, transactions }) =>
      transactions.length > 0 || header.logsBloom.every((byte) => byte === 0)
        ? undefined
        : 'its bloom is not empty',
  },
  {
    reason: 'transaction-twice',
    otherwise: 'reject',
    isFinal: true,
    source: 'Yellow Paper, section 6.2',
    message: 'a transaction stands in it twice',
    defect: ({ transactions }) => duplicateIn(transactions),
  },
  {
    reason: 'transaction-invalid',
    otherwise: 'reject',
    isFinal: true,
    source: 'tx/rules.ts',
    message: 'one of its transactions breaks a static rule of consensus',
    defect: ({ transactions }, { fork, chainId }) =>
      firstDefect(transactions, (tx) => {
        const defect = firstBrokenTxRule(tx, { fork, chainId, allowUnprotected: true })
        return defect && `${defect.reason}: ${defect.message}`
      }),
  },
  {
    reason: 'transaction-below-base-fee',
    otherwise: 'reject',
    isFinal: true,
    source: 'EIP-1559',
    message: 'the fee cap of one of its transactions is below the base fee',
    defect: ({ header: { baseFeePerGas = 0n }, transactions }) =>
      firstDefect(transactions, ({ maxFeePerGas }) =>
        maxFeePerGas >= baseFeePerGas ? undefined : `${maxFeePerGas} below ${baseFeePerGas} wei`,
      ),
  },
  {
    reason: 'transaction-below-blob-base-fee',
    otherwise: 'reject',
    isFinal: true,
    source: 'EIP-4844',
    message: 'the blob fee cap of one of its transactions is below the price of blob gas',
    defect: ({ transactions }, { blobBaseFee: price = 0n }) =>
      firstDefect(transactions, ({ maxFeePerBlobGas }) =>
        maxFeePerBlobGas === undefined || maxFeePerBlobGas >= price
          ? undefined
          : `${maxFeePerBlobGas} below ${price} wei`,
      ),
  },
  {
    reason: 'transaction-gas-above-block',
    otherwise: 'reject',
    isFinal: true,
    source: 'Yellow Paper, section 6.2',
    message: 'the gas limit of one of its transactions is above what those before it can have left',
    defect: transactionGasDefect,
  },
  {
    reason: 'gas-used-out-of-reach',
    otherwise: 'reject',
    isFinal: true,
    source: 'Yellow Paper, section 6.2; EIP-3529, EIP-7623',
    message: 'its transactions cannot have used the gas that its header says',
    defect: gasUsedDefect,
  },
  {
    reason: 'blob-gas-mismatch',
    otherwise: 'reject',
    isFinal: true,
    source: 'EIP-4844',
    message: "the blob gas used in its header is not that of its transactions' blobs",
    defect: ({ header: { blobGasUsed = 0n }, transactions }) => {
      const used = transactions.reduce((sum, tx) => sum + blobGasOf(tx), 0n)
      return used === blobGasUsed ? undefined : `the header says ${blobGasUsed}, used are ${used}`
    },
  },
]

/** The rules that need to know who signed. */
export const BLOCK_SENDER_RULES: readonly SenderRule[] = [
  {
    reason: 'nonces-out-of-order',
    otherwise: 'reject',
    isFinal: true,
    source: 'Yellow Paper, section 6.2; EIP-7702',
    message:
      'the nonces of a sender do not follow each other; from Prague on, where authorizations count too, they do not rise',
    defect: nonceDefect,
  },
]

/** What the rules need to know of the chain for a block of this header. */
export function bodyFacts(config: ChainConfig, header: Header): BodyFacts {
  return {
    fork: forkAt(config, header.number, header.timestamp),
    chainId: config.chainId,
    blobBaseFee: blobBaseFee(config, header),
  }
}

function firstDefect(
  transactions: readonly Tx[],
  defectOf: (tx: Tx) => string | undefined,
): string | undefined {
  for (const [index, tx] of transactions.entries()) {
    const defect = defectOf(tx)
    if (defect !== undefined) return `transaction ${index}: ${defect}`
  }
  return undefined
}

function duplicateIn(transactions: readonly Tx[]): string | undefined {
  const seen = new Set<Hash>()
  return firstDefect(transactions, ({ hash }) => {
    if (seen.has(hash)) return hash
    seen.add(hash)
    return undefined
  })
}

function transactionGasDefect({ header, transactions }: Block, { fork }: BodyFacts) {
  let left = header.gasLimit
  return firstDefect(transactions, (tx) => {
    if (tx.gasLimit > left) return `${tx.gasLimit} above ${left}`
    left -= leastGasUsed(tx, fork)
    return undefined
  })
}

function gasUsedDefect({ header, transactions }: Block, { fork }: BodyFacts): string | undefined {
  const least = transactions.reduce((sum, tx) => sum + leastGasUsed(tx, fork), 0n)
  const most = transactions.reduce((sum, { gasLimit }) => sum + gasLimit, 0n)
  return header.gasUsed >= least && header.gasUsed <= most
    ? undefined
    : `${header.gasUsed}, possible are ${least} to ${most}`
}

/**
 * The nonce of an account rises by one for each of its transactions. From Prague on also for each
 * of its authorizations, and for each contract that its delegated code makes: then only the
 * direction is known.
 */
function nonceDefect({ transactions }: Block, { fork, senders }: SenderFacts): string | undefined {
  const others = atLeast(fork, 'prague')
  const last = new Map<Address, bigint>()
  for (const [index, { nonce }] of transactions.entries()) {
    const sender = senders[index]
    if (sender === undefined) continue
    const before = last.get(sender)
    const follows = before === undefined || (others ? nonce > before : nonce === before + 1n)
    if (!follows) return `transaction ${index}: ${nonce} after ${before} of ${sender}`
    last.set(sender, nonce)
  }
  return undefined
}
