/**
 * What a caller is told about a transaction that was refused: the sentence that geth would say,
 * because wallets and test suites match on it, and beside it the reason, which is the same word in
 * gossip, metrics and tests.
 */
import type { VerdictReason } from '../gossip/rules/reasons.ts'
import { maxCost } from '../mempool/fees.ts'
import { POOL_REFUSALS } from '../mempool/refusals.ts'
import type { TxDefectReason } from '../tx/defect.ts'
import { floorGas, intrinsicGas } from '../tx/gas.ts'
import type { Fork } from '../tx/fork.ts'
import { MAX_INITCODE_BYTES, MAX_TX_GAS } from '../tx/rules.ts'
import type { Tx } from '../tx/tx.ts'
import { SCOPE_MESSAGES } from './callChecks.ts'
import { refused, type RpcError } from './errors.ts'

/** What is known about the refused transaction, for the figures in the sentence. */
export interface RefusedTx {
  readonly tx: Tx
  readonly fork: Fork
  readonly chainId: bigint
  /** The sender's account at the head, and what its transactions in the pool may cost, in wei. */
  readonly nonce: bigint
  readonly balance: bigint
  readonly pooledCost: bigint
}

const NO_FUNDS = 'insufficient funds for gas * price + value'
const BAD_SIGNATURE = 'invalid sender: invalid transaction v, r, s values'

const ENCODING = {
  empty: 'typed transaction too short',
  'unknown-type': 'transaction type not supported',
  'rlp-truncated': 'rlp: value size exceeds available input length',
  'rlp-trailing-bytes': 'rlp: input contains more than one value',
  'rlp-non-canonical-size': 'rlp: non-canonical size information',
  'rlp-single-byte-prefixed': 'rlp: non-canonical size information',
  'list-expected': 'rlp: expected List',
  'string-expected': 'rlp: expected String or Byte',
  'wrong-field-count': 'rlp: too few or too many elements for a transaction of this type',
  'leading-zero': 'rlp: non-canonical integer (leading zero bytes)',
  'integer-too-large': 'rlp: input string too long for integer',
  'wrong-length': 'rlp: input string has the wrong length',
  'recipient-missing': 'rlp: input string too short for common.Address',
  'bad-signature-v': BAD_SIGNATURE,
  'bad-y-parity': BAD_SIGNATURE,
  'blob-network-form': 'transaction type not supported: blob transactions with a sidecar',
} as const satisfies Readonly<Partial<Record<TxDefectReason, string>>>

const CONSENSUS: Readonly<Record<Exclude<TxDefectReason, keyof typeof ENCODING>, string>> = {
  'type-not-active': 'transaction type not supported',
  'replay-protection-not-active': BAD_SIGNATURE,
  unprotected: 'only replay-protected (EIP-155) transactions allowed over RPC',
  'wrong-chain-id': 'invalid sender: invalid chain id for signer',
  'signature-out-of-range': BAD_SIGNATURE,
  'signature-high-s': BAD_SIGNATURE,
  'bad-signature': 'invalid sender: recovery failed',
  'nonce-too-high': 'nonce has max value',
  'tip-above-fee-cap': 'max priority fee per gas higher than max fee per gas',
  'fee-overflow': NO_FUNDS,
  'gas-above-cap': 'transaction gas limit too high',
  'initcode-too-large': 'max initcode size exceeded',
  'blob-none': 'missing blob hashes',
  'blob-too-many': 'transaction blob limit exceeded',
  'blob-version': 'invalid blob hash version',
  'authorization-none': 'set code tx must have at least one authorization tuple',
  'gas-below-intrinsic': 'intrinsic gas too low',
  'gas-below-floor': 'insufficient gas for floor data gas cost',
}

const GOSSIP: Readonly<Partial<Record<VerdictReason, string>>> = {
  'blob-transaction': 'transaction type not supported: this network carries no blobs',
  'gas-above-block-limit': 'exceeds block gas limit',
  syncing: 'the node is syncing and takes no transactions yet',
  'own-rule': 'the transaction breaks a rule of the owner of this node',
  'verifier-overloaded': 'the node is overloaded: too many signatures wait to be verified',
  'verifier-deadline': 'the node is overloaded: the signature was not verified in time',
  'verifier-closed': 'the node is stopping',
  'internal-error': 'the node failed to judge the transaction',
}

const POOL = Object.fromEntries(
  Object.entries(POOL_REFUSALS).map(([reason, { gethMessage }]) => [reason, gethMessage]),
)

/** By reason; where two parts of the node use one word they mean the same thing. */
const SENTENCES: ReadonlyMap<string, string> = new Map(
  Object.entries({ ...SCOPE_MESSAGES, ...GOSSIP, ...ENCODING, ...CONSENSUS, ...POOL }),
)

/** What follows the sentence, by reason. */
const FIGURES: Readonly<Partial<Record<VerdictReason, (refused: RefusedTx) => string>>> = {
  'wrong-chain-id': ({ tx, chainId }) => `have ${tx.chainId ?? 0n} want ${chainId}`,
  'tip-above-fee-cap': ({ tx }) =>
    `maxPriorityFeePerGas: ${tx.maxPriorityFeePerGas}, maxFeePerGas: ${tx.maxFeePerGas}`,
  'gas-above-cap': ({ tx }) => `cap ${MAX_TX_GAS}, tx ${tx.gasLimit}`,
  'initcode-too-large': ({ tx }) => `code size ${tx.data.length} limit ${MAX_INITCODE_BYTES}`,
  'gas-below-intrinsic': ({ tx, fork }) =>
    `gas ${tx.gasLimit}, minimum needed ${intrinsicGas(tx, fork)}`,
  'gas-below-floor': ({ tx, fork }) => `gas ${tx.gasLimit}, minimum needed ${floorGas(tx, fork)}`,
  'nonce-too-low': ({ tx, nonce }) => `next nonce ${nonce}, tx nonce ${tx.nonce}`,
  'insufficient-funds': ({ tx, balance }) =>
    `balance ${balance}, tx cost ${maxCost(tx)}, overshot ${maxCost(tx) - balance}`,
  overdraft: ({ tx, balance, pooledCost }) =>
    `balance ${balance}, queued cost ${pooledCost}, tx cost ${maxCost(tx)}, ` +
    `overshot ${pooledCost + maxCost(tx) - balance}`,
}

/** Whether there is a sentence of its own for `reason`. */
export function hasSentence(reason: VerdictReason): boolean {
  return SENTENCES.has(reason)
}

/**
 * The error that answers a refused transaction; where the bytes are none there are no figures.
 *
 * @param message what the judge said, for a reason that has no sentence here.
 */
export function refusalError(
  reason: VerdictReason,
  transaction?: RefusedTx,
  message: string = reason.replaceAll('-', ' '),
): RpcError {
  const sentence = SENTENCES.get(reason) ?? message
  const figures = transaction && FIGURES[reason]?.(transaction)
  return refused(reason, figures === undefined ? sentence : `${sentence}: ${figures}`)
}
