/** Why bytes or fields are not a transaction that any node could accept, as stable words. */
export const TX_DEFECT_REASONS = [
  'empty',
  'unknown-type',
  'rlp-truncated',
  'rlp-trailing-bytes',
  'rlp-non-canonical-size',
  'rlp-single-byte-prefixed',
  'list-expected',
  'string-expected',
  'wrong-field-count',
  'leading-zero',
  'integer-too-large',
  'wrong-length',
  'recipient-missing',
  'bad-signature-v',
  'bad-y-parity',
  'blob-network-form',
  'type-not-active',
  'replay-protection-not-active',
  'unprotected',
  'wrong-chain-id',
  'signature-out-of-range',
  'signature-high-s',
  'nonce-too-high',
  'tip-above-fee-cap',
  'fee-overflow',
  'gas-above-cap',
  'initcode-too-large',
  'blob-none',
  'blob-too-many',
  'blob-version',
  'authorization-none',
  'gas-below-intrinsic',
  'gas-below-floor',
  'bad-signature',
] as const

/** The stable word for why a transaction is refused. */
export type TxDefectReason = (typeof TX_DEFECT_REASONS)[number]

/** A refusal: the stable word for programs, the sentence for people. */
export interface TxDefect {
  readonly reason: TxDefectReason
  readonly message: string
}
