/** Judging a transaction by consensus alone: by its bytes, the fork and the chain id. */
import type { Address } from '../crypto/address.ts'
import type { TxDefect } from './defect.ts'
import type { Fork } from './fork.ts'
import { firstBrokenTxRule } from './rules.ts'
import { recoverSender } from './signature.ts'
import type { Tx } from './tx.ts'

/** The rules by which transactions are judged. */
export interface InspectContext {
  readonly chainId: bigint
  readonly fork: Fork
}

const BAD_SIGNATURE: TxDefect = {
  reason: 'bad-signature',
  message: 'no key can have made this signature',
}

/**
 * Who sent a transaction that consensus takes, or why it does not. Legacy without chain id is
 * taken.
 */
export function consensusSender(tx: Tx, { chainId, fork }: InspectContext): Address | TxDefect {
  const defect = firstBrokenTxRule(tx, { fork, chainId, allowUnprotected: true })
  return defect ?? recoverSender(tx) ?? BAD_SIGNATURE
}
