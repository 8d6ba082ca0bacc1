/** The one byte form of a transaction: the inverse of `decodeTx.ts`. */
import { bigintToBytes, concatBytes, EMPTY_BYTES, hexToBytes } from '../lib/bytes.ts'
import { encodeRlp, type RlpItem } from '../lib/rlp.ts'
import type { AccessListEntry, Authorization, Signature, Tx } from './tx.ts'

/**
 * What a transaction says before it is signed. Types 0 and 1 have a gas price, which is what both
 * fee fields hold; only a legacy transaction may lack a chain id (it can then be replayed on every
 * chain).
 */
export type UnsignedTx = Omit<Tx, 'hash' | 'raw' | 'signature'>

/** The EIP-2718 bytes of `tx` with `signature`. */
export function encodeTx(tx: UnsignedTx, signature: Signature): Uint8Array {
  const { r, s, yParity } = signature
  const v = tx.type === 0 ? legacyV(tx.chainId, yParity) : BigInt(yParity)
  return envelope(tx.type, [...fieldsOf(tx), ...[v, r, s].map(bigintToBytes)])
}

/**
 * The bytes whose hash is signed: a legacy transaction repeats the chain id in the signature's
 * place (EIP-155).
 */
export function encodeUnsignedTx(tx: UnsignedTx): Uint8Array {
  const replayProtection =
    tx.type === 0 && tx.chainId !== undefined
      ? [bigintToBytes(tx.chainId), EMPTY_BYTES, EMPTY_BYTES]
      : []
  return envelope(tx.type, [...fieldsOf(tx), ...replayProtection])
}

function envelope(type: number, fields: readonly RlpItem[]): Uint8Array {
  const list = encodeRlp(fields)
  return type === 0 ? list : concatBytes(Uint8Array.of(type), list)
}

function legacyV(chainId: bigint | undefined, yParity: 0 | 1): bigint {
  return BigInt(yParity) + (chainId === undefined ? 27n : 35n + 2n * chainId)
}

function fieldsOf(tx: UnsignedTx): readonly RlpItem[] {
  if (tx.type === 0) return [bigintToBytes(tx.nonce), bigintToBytes(tx.maxFeePerGas), ...call(tx)]
  const head = [bigintToBytes(tx.chainId ?? 0n), bigintToBytes(tx.nonce), ...fees(tx)]
  const common = [...head, ...call(tx), tx.accessList.map(accessEntry)]
  if (tx.type === 3) return [...common, ...blobFields(tx)]
  if (tx.type === 4) return [...common, (tx.authorizationList ?? []).map(authorization)]
  return common
}

function fees(tx: UnsignedTx): readonly RlpItem[] {
  const cap = bigintToBytes(tx.maxFeePerGas)
  return tx.type === 1 ? [cap] : [bigintToBytes(tx.maxPriorityFeePerGas), cap]
}

function call(tx: UnsignedTx): readonly RlpItem[] {
  const to = tx.to === undefined ? EMPTY_BYTES : hexToBytes(tx.to)
  return [bigintToBytes(tx.gasLimit), to, bigintToBytes(tx.value), tx.data]
}

function blobFields(tx: UnsignedTx): readonly RlpItem[] {
  const hashes = (tx.blobVersionedHashes ?? []).map(hexToBytes)
  return [bigintToBytes(tx.maxFeePerBlobGas ?? 0n), hashes]
}

function accessEntry(entry: AccessListEntry): RlpItem {
  return [hexToBytes(entry.address), entry.storageKeys.map(hexToBytes)]
}

function authorization(tuple: Authorization): RlpItem {
  const { chainId, nonce, yParity, r, s } = tuple
  const signature = [BigInt(yParity), r, s].map(bigintToBytes)
  return [bigintToBytes(chainId), hexToBytes(tuple.address), bigintToBytes(nonce), ...signature]
}
