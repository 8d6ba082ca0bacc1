/**
 * Whether a Clique header is sealed by one who may (EIP-225), judged on its own ancestors and not
 * on the canonical chain. The signer set is that of the genesis. Each rule is a datum, as in
 * headerRules.ts.
 */
import {
  CLIQUE_SEAL_BYTES,
  CLIQUE_VANITY_BYTES,
  cliqueDifficulty,
  cliqueSignerLimit,
  IN_TURN_DIFFICULTY,
} from '../../block/clique.ts'
import type { Header } from '../../block/header.ts'
import type { Address } from '../../crypto/address.ts'
import type { Hash } from '../../crypto/keccak.ts'
import { concatBytes, equalBytes, hexToBytes } from '../../lib/bytes.ts'
import type { ChainConfig } from '../genesis/config.ts'
import { isCliqueEpoch } from './headerRules.ts'

/** The stable words of the rules of a Clique seal. */
export const SEAL_RULE_REASONS = [
  'bad-seal',
  'unauthorized-signer',
  'recently-signed',
  'wrong-turn',
  'wrong-epoch-signers',
] as const

/** One of {@link SEAL_RULE_REASONS}. */
export type SealRuleReason = (typeof SEAL_RULE_REASONS)[number]

/** What the rules ask of a chain; `Chain` answers it. */
export interface SealView {
  readonly config: ChainConfig
  /** Ascending: the order of turns. */
  readonly signers: readonly Address[]
  /** The header of any block that is known, canonical or not. */
  header(hash: Hash): Header | undefined
  /** The account that sealed the header of this hash, remembered where it was recovered before. */
  sealer(hash: Hash, header: Header): Address | undefined
}

/** What the rules of a seal look at besides the header. */
export interface SealRuleContext {
  readonly chain: SealView
  /** Who sealed the header; `undefined` where nobody can have. */
  readonly signer: Address | undefined
}

/** One rule that a Clique seal must keep, with its source. */
export interface SealRule {
  readonly reason: SealRuleReason
  /** Only a signer or a forger makes such a header, and whoever forwards it did not look. */
  readonly otherwise: 'reject'
  readonly source: string
  /** Completes "refused because ...". */
  readonly message: string
  holds(header: Header, context: SealRuleContext): boolean
}

/** All rules of a Clique seal (EIP-225). */
export const SEAL_RULES: readonly SealRule[] = [
  {
    reason: 'bad-seal',
    otherwise: 'reject',
    source: 'EIP-225',
    message: 'the last 65 bytes of the extra data are no signature',
    holds: (_, { signer }) => signer !== undefined,
  },
  {
    reason: 'unauthorized-signer',
    otherwise: 'reject',
    source: 'EIP-225',
    message: 'the seal is not by a signer of the set',
    holds: (_, { signer, chain }) => signer !== undefined && chain.signers.includes(signer),
  },
  {
    reason: 'recently-signed',
    otherwise: 'reject',
    source: 'EIP-225, SIGNER_LIMIT',
    message: 'the signer sealed one of the last half of a round of blocks before it',
    holds: (header, { signer, chain }) =>
      signer !== undefined && !hasRecentlySigned(chain, header.parentHash, signer),
  },
  {
    reason: 'wrong-turn',
    otherwise: 'reject',
    source: 'EIP-225',
    message: "the difficulty must be 2 in the signer's turn, else 1",
    holds: (header, { signer, chain }) =>
      signer !== undefined &&
      header.difficulty === cliqueDifficulty(header.number, signer, chain.signers),
  },
  {
    reason: 'wrong-epoch-signers',
    otherwise: 'reject',
    source: 'EIP-225, EPOCH_LENGTH',
    message: 'an epoch block must list exactly the signers of the set, ascending',
    holds: (header, { chain }) =>
      !isCliqueEpoch(header.number, chain.config) || listsSigners(header, chain.signers),
  },
]

/** A header and its hash, which names it. */
export interface NamedHeader {
  readonly hash: Hash
  readonly header: Header
}

/**
 * The reason of the first rule that `header` breaks; `undefined` if it breaks none. Its parent and
 * so many ancestors as a signer must wait for must be known; where they end, what is missing counts
 * as sealed by others.
 */
export function firstBrokenSealRule(
  { hash, header }: NamedHeader,
  chain: SealView,
): SealRuleReason | undefined {
  const context = { chain, signer: chain.sealer(hash, header) }
  return SEAL_RULES.find((rule) => !rule.holds(header, context))?.reason
}

/** Whether a signer may seal the next block, and with which difficulty. */
export type SigningTurn = 'in-turn' | 'out-of-turn' | 'recently-signed' | 'unauthorized'

/** Whether `signer` may seal the next block on `parent`, and if so whether it is its turn. */
export function signingTurn(chain: SealView, parent: NamedHeader, signer: Address): SigningTurn {
  if (!chain.signers.includes(signer)) return 'unauthorized'
  if (hasRecentlySigned(chain, parent.hash, signer)) return 'recently-signed'
  const difficulty = cliqueDifficulty(parent.header.number + 1n, signer, chain.signers)
  return difficulty === IN_TURN_DIFFICULTY ? 'in-turn' : 'out-of-turn'
}

/**
 * A signer may seal one of any `cliqueSignerLimit` consecutive blocks: looks at the others before
 * the next one.
 */
function hasRecentlySigned(chain: SealView, parentHash: Hash, signer: Address): boolean {
  let hash = parentHash
  for (let left = cliqueSignerLimit(chain.signers.length) - 1; left > 0; left--) {
    const ancestor = chain.header(hash)
    if (ancestor === undefined || ancestor.number === 0n) return false
    if (chain.sealer(hash, ancestor) === signer) return true
    hash = ancestor.parentHash
  }
  return false
}

function listsSigners(header: Header, signers: readonly Address[]): boolean {
  const listed = header.extraData.subarray(CLIQUE_VANITY_BYTES, -CLIQUE_SEAL_BYTES)
  return equalBytes(listed, concatBytes(...signers.map(hexToBytes)))
}
