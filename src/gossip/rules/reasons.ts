/**
 * Every word with which a message is refused or held, as one type made from the lists of the rules:
 * a word that no rule has does not compile, and neither does a rule whose word is in no list.
 */
import type { BlockDefectReason } from '../../block/defect.ts'
import type { StatelessReason } from '../../chain/rules/blockCheck.ts'
import type { TransferScopeReason } from '../../chain/rules/transferRules.ts'
import type { VerifierFailure } from '../../crypto/verifier.ts'
import type { PoolRefusal } from '../../mempool/refusals.ts'
import type { TxDefectReason } from '../../tx/defect.ts'

/** The words of the rules that stand in this folder. */
export const GOSSIP_REASONS = [
  'oversized',
  'known',
  'internal-error',
  'too-old',
  'too-far-ahead',
  'too-early',
  'no-signers',
  'conflicts-with-finalized',
  'refused-parent',
  'unknown-parent',
  'third-block',
  'future-block',
  'chain-behind',
  'blob-transaction',
  'gas-above-block-limit',
  'syncing',
  'own-rule',
  'member-malformed',
  'member-other-network',
  'member-bad-signature',
  'member-stale',
  'member-sender-rate',
  'member-rate',
  'members-full',
  'accuser-unknown',
  'accused-unknown',
  'accused-self',
  'accusation-stale',
  'accusation-needless',
  'accusation-rate',
  'malformed-vote',
  'not-a-checkpoint',
  'old-vote',
  'vote-too-far-ahead',
  'too-many-votes',
  'not-a-signer',
  'enough-votes',
] as const

/** The stable word of a rule of gossip. */
export type GossipReason = (typeof GOSSIP_REASONS)[number]

/** A stable kebab-case word: what peers, callers, logs and metrics see. */
export type VerdictReason =
  | GossipReason
  | BlockDefectReason
  | StatelessReason
  | TxDefectReason
  | TransferScopeReason
  | PoolRefusal
  | VerifierFailure
