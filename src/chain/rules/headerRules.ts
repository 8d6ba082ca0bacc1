/**
 * What a header must be, given its parent: everything that needs neither the seal, nor the body,
 * nor the state, nor the time of day. Each rule is a datum: documentation, metric labels and the
 * test that demands a case for every rule read this list. Proof of work is not checked, and nothing
 * a beacon chain decides.
 */
import { nextBaseFee } from '../../block/baseFee.ts'
import { EMPTY_UNCLES_HASH } from '../../block/bodyRoots.ts'
import {
  CLIQUE_SEAL_BYTES,
  CLIQUE_VANITY_BYTES,
  IN_TURN_DIFFICULTY,
  OUT_OF_TURN_DIFFICULTY,
} from '../../block/clique.ts'
import type { Header } from '../../block/header.ts'
import { ZERO_ADDRESS } from '../../crypto/address.ts'
import { asHash } from '../../crypto/keccak.ts'
import { atLeast, type Fork } from '../../tx/fork.ts'
import { GAS_PER_BLOB } from '../../tx/gas.ts'
import type { ChainConfig } from '../genesis/config.ts'
import { consensusOf, type Consensus } from '../genesis/consensus.ts'
import { forkAt } from '../genesis/forks.ts'
import { maxBlobGas, nextExcessBlobGas } from './blobGas.ts'

/** The stable words of the rules of a header. */
export const HEADER_RULE_REASONS = [
  'gas-limit-out-of-range',
  'gas-used-above-limit',
  'fork-fields',
  'wrong-number',
  'timestamp-too-early',
  'gas-limit-step-too-large',
  'wrong-base-fee',
  'wrong-excess-blob-gas',
  'blob-gas-used-out-of-range',
  'extra-data-length',
  'wrong-difficulty',
  'uncles-not-empty',
  'mix-hash-not-zero',
  'nonce-not-zero',
  'coinbase-not-zero',
] as const

/** One of {@link HEADER_RULE_REASONS}. */
export type HeaderRuleReason = (typeof HEADER_RULE_REASONS)[number]

/** What the rules look at that concern the header by itself. */
export interface ForkContext {
  readonly fork: Fork
}

/** What the rules look at that concern the header and the configuration of its chain. */
export interface HeaderChainContext extends ForkContext {
  readonly config: ChainConfig
  readonly consensus: Consensus
}

/** What the rules look at that compare a header with its parent. */
export interface HeaderRuleContext extends HeaderChainContext {
  readonly parent: Header
}

/** One rule that a header must keep, with its source. */
export interface HeaderRule<Context = HeaderRuleContext> {
  readonly reason: HeaderRuleReason
  /** Whoever looks at such a header finds it invalid: the peer that sent it is at fault. */
  readonly otherwise: 'reject'
  readonly source: string
  /** Completes "refused because ...". */
  readonly message: string
  holds(header: Header, context: Context): boolean
}

const MIN_GAS_LIMIT = 5000n
const MAX_GAS_LIMIT = 2n ** 63n - 1n
const GAS_LIMIT_BOUND_DIVISOR = 1024n
/** EIP-1559: the first London block's gas limit is measured against twice its parent's. */
const LONDON_ELASTICITY = 2n
const MAX_EXTRA_DATA_BYTES = 32
const ADDRESS_BYTES = 20
const ZERO_HASH = asHash(new Uint8Array(32))

/** The rules that need nothing but the fork. */
export const OWN_HEADER_RULES: readonly HeaderRule<ForkContext>[] = [
  {
    reason: 'gas-limit-out-of-range',
    otherwise: 'reject',
    source: 'Yellow Paper, section 4.3.4; EIP-1985',
    message: 'the gas limit must be from 5,000 to 2^63-1',
    holds: ({ gasLimit }) => gasLimit >= MIN_GAS_LIMIT && gasLimit <= MAX_GAS_LIMIT,
  },
  {
    reason: 'gas-used-above-limit',
    otherwise: 'reject',
    source: 'Yellow Paper, section 4.3.4',
    message: 'more gas is used than the limit allows',
    holds: ({ gasUsed, gasLimit }) => gasUsed <= gasLimit,
  },
  {
    reason: 'fork-fields',
    otherwise: 'reject',
    source: 'EIP-1559, EIP-4895, EIP-4844, EIP-4788, EIP-7685',
    message: 'the header has not exactly the fields of its fork',
    holds: (header, { fork }) => hasFieldsOf(header, fork),
  },
]

/** The rules that need the parent. */
export const PARENT_HEADER_RULES: readonly HeaderRule[] = [
  {
    reason: 'wrong-number',
    otherwise: 'reject',
    source: 'Yellow Paper, section 4.3.4',
    message: "the number is not one above the parent's",
    holds: (header, { parent }) => header.number === parent.number + 1n,
  },
  {
    reason: 'timestamp-too-early',
    otherwise: 'reject',
    source: 'Yellow Paper, section 4.3.4; EIP-225',
    message: "the time is not after the parent's, on a Clique chain by at least the period",
    holds: (header, { parent, config, consensus }) =>
      header.timestamp >= parent.timestamp + leastDelayS(config, consensus),
  },
  {
    reason: 'gas-limit-step-too-large',
    otherwise: 'reject',
    source: 'Yellow Paper, section 4.3.4; EIP-1559',
    message: "the gas limit differs from the parent's by 1/1024 of it or more",
    holds: (header, { parent, fork }) => isSmallStep(header, parent, fork),
  },
  {
    reason: 'wrong-base-fee',
    otherwise: 'reject',
    source: 'EIP-1559',
    message: "the base fee is not what the parent's base fee and gas used make it",
    holds: (header, { parent, fork }) =>
      !atLeast(fork, 'london') || header.baseFeePerGas === nextBaseFee(parent),
  },
  {
    reason: 'wrong-excess-blob-gas',
    otherwise: 'reject',
    source: 'EIP-4844, EIP-7691, EIP-7918',
    message: "the excess blob gas is not what the parent's blob gas makes it",
    holds: ({ excessBlobGas = 0n, timestamp }, { parent, config }) =>
      excessBlobGas === nextExcessBlobGas(config, parent, timestamp),
  },
]

/** The rules that need to know the chain's configuration, and no other block. */
export const CHAIN_HEADER_RULES: readonly HeaderRule<HeaderChainContext>[] = [
  {
    reason: 'blob-gas-used-out-of-range',
    otherwise: 'reject',
    source: 'EIP-4844, EIP-7691',
    message: "the blob gas used is not that of whole blobs, or more than the fork's blocks may use",
    holds: ({ blobGasUsed = 0n, timestamp }, { config }) =>
      blobGasUsed % GAS_PER_BLOB === 0n && blobGasUsed <= maxBlobGas(config, timestamp),
  },
  {
    reason: 'extra-data-length',
    otherwise: 'reject',
    source: 'Yellow Paper, section 4.3.4; EIP-225',
    message:
      'extra data is at most 32 bytes; on a Clique chain 97, with the signers at epoch blocks',
    holds: (header, { config, consensus }) => isExtraDataSized(header, config, consensus),
  },
  {
    reason: 'wrong-difficulty',
    otherwise: 'reject',
    source: 'EIP-225, EIP-3675',
    message: 'the difficulty must be 1 or 2 on a Clique chain, 0 after the merge, else above 0',
    holds: ({ difficulty }, { consensus }) => isDifficultyOf(difficulty, consensus),
  },
  {
    reason: 'uncles-not-empty',
    otherwise: 'reject',
    source: 'EIP-225, EIP-3675',
    message: 'there are uncles, which mean nothing without mining',
    holds: ({ unclesHash }, { consensus }) =>
      consensus === 'mined' || unclesHash === EMPTY_UNCLES_HASH,
  },
  {
    reason: 'mix-hash-not-zero',
    otherwise: 'reject',
    source: 'EIP-225',
    message: 'the mix hash must be zero on a Clique chain',
    holds: ({ mixHash }, { consensus }) => consensus !== 'clique' || mixHash === ZERO_HASH,
  },
  {
    reason: 'nonce-not-zero',
    otherwise: 'reject',
    source: 'EIP-225, EIP-3675',
    message:
      'the nonce must be zero: votes for new signers are not taken, the set is that of the genesis',
    holds: ({ nonce }, { consensus }) => consensus === 'mined' || nonce.every((byte) => byte === 0),
  },
  {
    reason: 'coinbase-not-zero',
    otherwise: 'reject',
    source: 'EIP-225',
    message: 'the coinbase must be zero on a Clique chain: votes against signers are not taken',
    holds: ({ coinbase }, { consensus }) => consensus !== 'clique' || coinbase === ZERO_ADDRESS,
  },
]

/** Every rule of a header, in the order of judging. */
export const HEADER_RULES: readonly HeaderRule[] = [
  ...OWN_HEADER_RULES,
  ...PARENT_HEADER_RULES,
  ...CHAIN_HEADER_RULES,
]

/**
 * The reason of the first rule that `header` breaks as a child of `parent`; `undefined` if it
 * breaks none.
 */
export function firstBrokenHeaderRule(
  header: Header,
  parent: Header,
  config: ChainConfig,
): HeaderRuleReason | undefined {
  const context = {
    parent,
    config,
    fork: forkAt(config, header.number, header.timestamp),
    consensus: consensusOf(header, parent, config),
  }
  return HEADER_RULES.find((rule) => !rule.holds(header, context))?.reason
}

/** Whether a Clique block of this number repeats the signer set in its extra data. */
export function isCliqueEpoch(number: bigint, config: ChainConfig): boolean {
  return config.clique !== undefined && number % config.clique.epoch === 0n
}

function leastDelayS(config: ChainConfig, consensus: Consensus): bigint {
  return consensus === 'clique' && config.clique !== undefined ? config.clique.periodS : 1n
}

function isSmallStep(header: Header, parent: Header, fork: Fork): boolean {
  const isFirstLondon = atLeast(fork, 'london') && parent.baseFeePerGas === undefined
  const before = isFirstLondon ? parent.gasLimit * LONDON_ELASTICITY : parent.gasLimit
  const step = header.gasLimit > before ? header.gasLimit - before : before - header.gasLimit
  return step < before / GAS_LIMIT_BOUND_DIVISOR
}

/** Whether exactly the fields stand that the fork's headers have, later forks' left out. */
export function hasFieldsOf(header: Header, fork: Fork): boolean {
  const cancunFields = [header.blobGasUsed, header.excessBlobGas, header.parentBeaconBlockRoot]
  return (
    (header.baseFeePerGas !== undefined) === atLeast(fork, 'london') &&
    (header.withdrawalsRoot !== undefined) === atLeast(fork, 'shanghai') &&
    cancunFields.every((field) => (field !== undefined) === atLeast(fork, 'cancun')) &&
    (header.requestsHash !== undefined) === atLeast(fork, 'prague')
  )
}

function isExtraDataSized(header: Header, config: ChainConfig, consensus: Consensus): boolean {
  const bytes = header.extraData.length
  if (consensus !== 'clique') return bytes <= MAX_EXTRA_DATA_BYTES
  const signerBytes = bytes - CLIQUE_VANITY_BYTES - CLIQUE_SEAL_BYTES
  if (!isCliqueEpoch(header.number, config)) return signerBytes === 0
  return signerBytes > 0 && signerBytes % ADDRESS_BYTES === 0
}

function isDifficultyOf(difficulty: bigint, consensus: Consensus): boolean {
  if (consensus === 'merged') return difficulty === 0n
  if (consensus === 'mined') return difficulty > 0n
  return difficulty === IN_TURN_DIFFICULTY || difficulty === OUT_OF_TURN_DIFFICULTY
}
