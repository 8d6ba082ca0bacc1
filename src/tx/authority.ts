/** Who gave an EIP-7702 authorization. */
import { addressOfPublicKey, type Address } from '../crypto/address.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { secp256k1, SECP256K1_N } from '../crypto/secp256k1.ts'
import { bigintToBytes, bigintToFixedBytes, hexToBytes } from '../lib/bytes.ts'
import { encodeRlp } from '../lib/rlp.ts'
import type { Authorization } from './tx.ts'

/**
 * EIP-7702: stands before what is signed, so that no transaction can be passed off as an
 * authorization.
 */
const MAGIC = 0x05

/**
 * The account that signed; `undefined` where no key could have, or where the EIP refuses the
 * signature.
 */
export function recoverAuthority(authorization: Authorization): Address | undefined {
  const { chainId, address, nonce, yParity, r, s } = authorization
  if ((yParity !== 0 && yParity !== 1) || s > SECP256K1_N / 2n) return undefined
  const signed = encodeRlp([bigintToBytes(chainId), hexToBytes(address), bigintToBytes(nonce)])
  const digest = keccak256(Uint8Array.of(MAGIC, ...signed))
  const signature = new Uint8Array(64)
  signature.set(bigintToFixedBytes(r, 32), 0)
  signature.set(bigintToFixedBytes(s, 32), 32)
  const key = secp256k1.recover(digest, signature, yParity)
  return key === undefined ? undefined : addressOfPublicKey(key)
}
