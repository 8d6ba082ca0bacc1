/**
 * The consensus rules that a transaction can be held to without state: by its fields, the fork and
 * the chain id. What every fork refuses in the encoding itself is refused by `decodeTx.ts`.
 *
 * Each rule is a datum: documentation, metric labels and the test that demands a case for every
 * rule read this list. Cheap rules stand before those that look at all of the data.
 */
import { SECP256K1_N } from '../crypto/secp256k1.ts'
import type { TxDefect, TxDefectReason } from './defect.ts'
import { atLeast, type Fork } from './fork.ts'
import { floorGas, intrinsicGas } from './gas.ts'
import type { Tx, TxType } from './tx.ts'

/** What the rules of a transaction depend on besides the transaction. */
export interface TxRuleContext {
  readonly fork: Fork
  /** `undefined` lets every chain id pass. */
  readonly chainId?: bigint
  /**
   * Whether a legacy transaction without chain id is taken. Consensus takes it on every fork; a
   * node's policy refuses it, because it can be replayed on every chain.
   */
  readonly allowUnprotected: boolean
}

/** One rule that a transaction must keep, with its source. */
export interface TxRule {
  readonly reason: TxDefectReason
  /**
   * Whoever looks at such a transaction at this fork finds it invalid: the peer that sent it is at
   * fault.
   */
  readonly otherwise: 'reject'
  readonly source: string
  /** Completes "refused because ...". */
  readonly message: string
  holds(tx: Tx, context: TxRuleContext): boolean
}

/** EIP-2681: the largest nonce a transaction may have is one below this. */
export const NONCE_LIMIT = 2n ** 64n - 1n
/** EIP-7825, Osaka. */
export const MAX_TX_GAS = 2n ** 24n
/** EIP-3860, Shanghai: two times the largest contract. */
export const MAX_INITCODE_BYTES = 49_152
/** EIP-4844, VERSIONED_HASH_VERSION_KZG. */
const BLOB_HASH_PREFIX = '0x01'
const HALF_N = SECP256K1_N / 2n
const WORD_LIMIT = 2n ** 256n

/** The fork that brought each type. */
const TYPE_SINCE: Readonly<Record<TxType, Fork>> = {
  0: 'frontier',
  1: 'berlin',
  2: 'london',
  3: 'cancun',
  4: 'prague',
}

/**
 * Blobs in one transaction: a block's maximum, until EIP-7594 (Osaka) gave transactions their own.
 */
export function maxBlobs(fork: Fork): number {
  return fork === 'prague' ? 9 : 6
}

/** All rules of a transaction, in the order in which they are checked. */
export const TX_RULES: readonly TxRule[] = [
  {
    reason: 'type-not-active',
    otherwise: 'reject',
    source: 'EIP-2718',
    message: 'the fork does not know this transaction type yet',
    holds: (tx, { fork }) => atLeast(fork, TYPE_SINCE[tx.type]),
  },
  {
    reason: 'replay-protection-not-active',
    otherwise: 'reject',
    source: 'EIP-155',
    message: 'before EIP-158 (Spurious Dragon) a legacy v must be 27 or 28',
    holds: (tx, { fork }) => tx.type !== 0 || tx.chainId === undefined || atLeast(fork, 'eip158'),
  },
  {
    reason: 'unprotected',
    otherwise: 'reject',
    source: 'EIP-155',
    message: 'a transaction without chain id can be replayed on every chain',
    holds: (tx, { allowUnprotected }) => allowUnprotected || tx.chainId !== undefined,
  },
  {
    reason: 'wrong-chain-id',
    otherwise: 'reject',
    source: 'EIP-155',
    message: 'it is signed for another chain',
    holds: (tx, { chainId }) =>
      chainId === undefined || tx.chainId === undefined || tx.chainId === chainId,
  },
  {
    reason: 'signature-out-of-range',
    otherwise: 'reject',
    source: 'Yellow Paper, appendix F',
    message: "r and s must be in 1..n-1, where n is the curve's order",
    holds: ({ signature: { r, s } }) => r > 0n && r < SECP256K1_N && s > 0n && s < SECP256K1_N,
  },
  {
    reason: 'signature-high-s',
    otherwise: 'reject',
    source: 'EIP-2',
    message: 'from Homestead on s must be in the lower half of its range',
    holds: (tx, { fork }) => tx.signature.s <= HALF_N || !atLeast(fork, 'homestead'),
  },
  {
    reason: 'nonce-too-high',
    otherwise: 'reject',
    source: 'EIP-2681',
    message: 'a nonce must be below 2^64-1',
    holds: (tx) => tx.nonce < NONCE_LIMIT,
  },
  {
    reason: 'tip-above-fee-cap',
    otherwise: 'reject',
    source: 'EIP-1559',
    message: 'max priority fee per gas is higher than max fee per gas',
    holds: (tx) => tx.maxPriorityFeePerGas <= tx.maxFeePerGas,
  },
  {
    reason: 'fee-overflow',
    otherwise: 'reject',
    source: 'ethereum/tests, TransactionException.GASLIMIT_PRICE_PRODUCT_OVERFLOW',
    message: 'gas limit times fee per gas is over 256 bits, more than any account can hold',
    holds: (tx) => tx.gasLimit * tx.maxFeePerGas < WORD_LIMIT,
  },
  {
    reason: 'gas-above-cap',
    otherwise: 'reject',
    source: 'EIP-7825',
    message: 'from Osaka on the gas limit of a transaction is at most 2^24 (16,777,216)',
    holds: (tx, { fork }) => tx.gasLimit <= MAX_TX_GAS || !atLeast(fork, 'osaka'),
  },
  {
    reason: 'initcode-too-large',
    otherwise: 'reject',
    source: 'EIP-3860',
    message: 'from Shanghai on initcode has at most 49,152 bytes',
    holds: (tx, { fork }) =>
      tx.to !== undefined || tx.data.length <= MAX_INITCODE_BYTES || !atLeast(fork, 'shanghai'),
  },
  {
    reason: 'blob-none',
    otherwise: 'reject',
    source: 'EIP-4844',
    message: 'a blob transaction must name at least one blob',
    holds: (tx) => tx.blobVersionedHashes?.length !== 0,
  },
  {
    reason: 'blob-too-many',
    otherwise: 'reject',
    source: 'EIP-4844, EIP-7691, EIP-7594',
    message: 'a transaction has at most 6 blobs (9 in Prague)',
    holds: (tx, { fork }) => (tx.blobVersionedHashes?.length ?? 0) <= maxBlobs(fork),
  },
  {
    reason: 'blob-version',
    otherwise: 'reject',
    source: 'EIP-4844',
    message: 'a versioned hash must begin with 0x01',
    holds: (tx) =>
      tx.blobVersionedHashes?.every((hash) => hash.startsWith(BLOB_HASH_PREFIX)) ?? true,
  },
  {
    reason: 'authorization-none',
    otherwise: 'reject',
    source: 'EIP-7702',
    message: 'a set-code transaction must carry at least one authorization',
    holds: (tx) => tx.authorizationList?.length !== 0,
  },
  {
    reason: 'gas-below-intrinsic',
    otherwise: 'reject',
    source: 'Yellow Paper, section 6.2; EIP-2, EIP-2028, EIP-2930, EIP-3860, EIP-7702',
    message: 'the gas limit is below what is charged before execution',
    holds: (tx, { fork }) => tx.gasLimit >= intrinsicGas(tx, fork),
  },
  {
    reason: 'gas-below-floor',
    otherwise: 'reject',
    source: 'EIP-7623',
    message: 'from Prague on the gas limit must cover the floor price of the data',
    holds: (tx, { fork }) => tx.gasLimit >= floorGas(tx, fork),
  },
]

/** What each transaction has passed all rules with. Contexts are few and shared. */
const passed = new WeakMap<Tx, TxRuleContext>()
/** The context that was noted last: the next transaction mostly has the same. */
let lastNoted: TxRuleContext = { fork: 'frontier', allowUnprotected: true }

/**
 * Notes that `tx` keeps all rules, for a caller that has asked each of them. They do not run again
 * for it.
 */
export function noteTxRulesHold(tx: Tx, { fork, chainId, allowUnprotected }: TxRuleContext): void {
  const isSame =
    lastNoted.fork === fork &&
    lastNoted.chainId === chainId &&
    lastNoted.allowUnprotected === allowUnprotected
  if (!isSame)
    lastNoted =
      chainId === undefined ? { fork, allowUnprotected } : { fork, chainId, allowUnprotected }
  passed.set(tx, lastNoted)
}

/** The first rule that `tx` breaks, in the order of the list; `undefined` if it breaks none. */
export function firstBrokenTxRule(tx: Tx, context: TxRuleContext): TxDefect | undefined {
  if (isKnownToPass(tx, context)) return undefined
  for (const rule of TX_RULES) {
    if (!rule.holds(tx, context)) return { reason: rule.reason, message: rule.message }
  }
  noteTxRulesHold(tx, context)
  return undefined
}

/** What passes without leave for unprotected transactions also passes with it. */
function isKnownToPass(tx: Tx, { fork, chainId, allowUnprotected }: TxRuleContext): boolean {
  const known = passed.get(tx)
  if (known === undefined) return false
  const isNoLaxer = allowUnprotected || !known.allowUnprotected
  return known.fork === fork && known.chainId === chainId && isNoLaxer
}
