/** What a transaction's signature signs, and whose it is. */
import { addressOfPublicKey, type Address } from '../crypto/address.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { secp256k1 } from '../crypto/secp256k1.ts'
import { bigintToFixedBytes } from '../lib/bytes.ts'
import { encodeUnsignedTx } from './encodeTx.ts'
import type { Tx } from './tx.ts'

/** The 32 bytes that the sender signed. */
export function signingDigest(tx: Tx): Uint8Array {
  return keccak256(encodeUnsignedTx(tx))
}

/** r and s, 32 bytes each. */
export function signatureBytes(tx: Tx): Uint8Array {
  const bytes = new Uint8Array(64)
  bytes.set(bigintToFixedBytes(tx.signature.r, 32))
  bytes.set(bigintToFixedBytes(tx.signature.s, 32), 32)
  return bytes
}

/**
 * Who signed `tx`; `undefined` where no key could have made the signature. Costs a curve operation on the calling
 * thread: a node asks `senders.ts` instead.
 */
export function recoverSender(tx: Tx): Address | undefined {
  const key = secp256k1.recover(signingDigest(tx), signatureBytes(tx), tx.signature.yParity)
  return key === undefined ? undefined : addressOfPublicKey(key)
}
