import type { RlpDefect } from '../lib/rlp.ts'

/**
 * Words for what is wrong with a block beyond its RLP. Stable: logs, metrics and tests use them.
 */
export const BLOCK_DEFECT_REASONS = [
  'block-too-large',
  'block-not-a-list',
  'block-field-count',
  'header-not-a-list',
  'header-field-count',
  'header-field-malformed',
  'header-too-large',
  'header-extra-data-too-large',
  'transactions-not-a-list',
  'transactions-too-many',
  'transaction-malformed',
  'uncles-not-a-list',
  'uncles-too-many',
  'withdrawals-not-a-list',
  'withdrawals-too-many',
  'withdrawals-missing',
  'withdrawals-unexpected',
  'withdrawal-malformed',
  'transactions-root-mismatch',
  'uncles-hash-mismatch',
  'withdrawals-root-mismatch',
] as const

/** Why bytes are no block, or why a body is not the one its header commits to. */
export type BlockDefectReason = (typeof BLOCK_DEFECT_REASONS)[number] | RlpDefect

/** A refusal: the stable word for programs, the sentence for people. */
export interface BlockDefect {
  readonly reason: BlockDefectReason
  readonly message: string
}

/** Makes a refusal from its stable word and a sentence for people. */
export function blockDefect(reason: BlockDefectReason, message: string): BlockDefect {
  return { reason, message }
}

/** Tells a defect from a block, a header, or whatever else a decoder of this folder answers. */
export function isBlockDefect(value: object): value is BlockDefect {
  return 'reason' in value && 'message' in value
}
