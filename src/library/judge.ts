/** Transactions judged without a node: strict decoding, and the rules of consensus. */
import type { Address } from '../crypto/address.ts'
import { parseHex, type Hex } from '../lib/bytes.ts'
import { UserError } from '../lib/userError.ts'
import { consensusSender } from '../tx/consensusSender.ts'
import { decodeTx, isTxDefect } from '../tx/decodeTx.ts'
import type { TxDefect } from '../tx/defect.ts'
import type { Fork } from '../tx/fork.ts'
import type { Tx } from '../tx/tx.ts'

/** A transaction, or the stable word and the sentence for why the bytes are none. */
export type Decoded =
  | { readonly tx: Tx; readonly defect?: undefined }
  | { readonly tx?: undefined; readonly defect: TxDefect }

/** What consensus says to a transaction. */
export type Judged =
  | { readonly isValid: true; readonly tx: Tx; readonly sender: Address }
  | { readonly isValid: false; readonly reason: TxDefect['reason']; readonly message: string }

/** By which rules a transaction is judged. */
export interface JudgeOptions {
  /** Of the chain it is for; 1337, that of the devnet, unless given. */
  readonly chainId?: number | bigint
  /** `osaka`, the newest, unless given. */
  readonly fork?: Fork
}

/**
 * Decodes the EIP-2718 bytes of a signed transaction strictly: one transaction has one accepted
 * form. Never throws for bytes.
 */
export function decodeSignedTx(raw: Uint8Array | Hex): Decoded {
  const tx = decodeTx(bytesOf(raw))
  return isTxDefect(tx) ? { defect: tx } : { tx }
}

/**
 * Whether some chain could include a transaction, by its bytes, the fork and the chain id alone,
 * and who sent it. What needs accounts (nonce, balance) is for a node to judge. Throws a UserError
 * only for text that is no hex.
 */
export function judgeTx(raw: Uint8Array | Hex, options: JudgeOptions = {}): Judged {
  const { chainId = 1337, fork = 'osaka' } = options
  const tx = decodeTx(bytesOf(raw))
  if (isTxDefect(tx)) return { isValid: false, ...tx }
  const sender = consensusSender(tx, { chainId: BigInt(chainId), fork })
  return typeof sender === 'string'
    ? { isValid: true, tx, sender }
    : { isValid: false, reason: sender.reason, message: sender.message }
}

function bytesOf(raw: Uint8Array | Hex): Uint8Array {
  if (raw instanceof Uint8Array) return raw
  const bytes = parseHex(raw)
  if (bytes === undefined) throw new UserError('expected bytes, or 0x hex of whole bytes')
  return bytes
}
