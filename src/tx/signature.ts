/**
 * What a transaction's signature signs, and whose it is.
 *
 * Works on the bytes of a decoded transaction, which are canonical: the signed fields are a prefix
 * of the list, and cutting them out costs a tenth of encoding them again.
 * `test/tx/signature.test.ts` holds both equal.
 */
import { addressOfPublicKey, type Address } from '../crypto/address.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { secp256k1 } from '../crypto/secp256k1.ts'
import { bigintToBytes, EMPTY_BYTES } from '../lib/bytes.ts'
import { encodeRlp } from '../lib/rlp.ts'
import type { Tx, TxType } from './tx.ts'

/** How many fields stand before the signature's three. */
const SIGNED_FIELDS: Readonly<Record<TxType, number>> = { 0: 6, 1: 8, 2: 9, 3: 11, 4: 10 }

/**
 * Where what was signed is put together: of most transactions it is shorter, and making room for it
 * would cost more.
 */
const scratch = new Uint8Array(1024)

/** The 32 bytes that the sender signed. */
export function signingDigest(tx: Tx): Uint8Array {
  const { raw, type } = tx
  const start = payloadStart(raw, type === 0 ? 0 : 1)
  const end = signatureStart(tx)
  const tail = type === 0 && tx.chainId !== undefined ? replayProtection(tx.chainId) : EMPTY_BYTES
  const prefix = listPrefix(end - start + tail.length)
  const typeBytes = type === 0 ? 0 : 1
  const length = typeBytes + prefix.length + end - start + tail.length
  const signed = length <= scratch.length ? scratch.subarray(0, length) : new Uint8Array(length)
  signed[0] = type
  signed.set(prefix, typeBytes)
  signed.set(raw.subarray(start, end), typeBytes + prefix.length)
  signed.set(tail, length - tail.length)
  return keccak256(signed)
}

/** r and s, 32 bytes each. */
export function signatureBytes(tx: Tx): Uint8Array {
  const { raw } = tx
  const rStart = itemEnd(raw, signatureStart(tx))
  const sStart = itemEnd(raw, rStart)
  const bytes = new Uint8Array(64)
  putInteger(bytes, 32, raw.subarray(rStart, sStart))
  putInteger(bytes, 64, raw.subarray(sStart))
  return bytes
}

/**
 * Who signed `tx`; `undefined` where no key could have made the signature. Costs a curve operation
 * on the calling thread: a node asks `senders.ts` instead.
 */
export function recoverSender(tx: Tx): Address | undefined {
  const key = secp256k1.recover(signingDigest(tx), signatureBytes(tx), tx.signature.yParity)
  return key === undefined ? undefined : addressOfPublicKey(key)
}

function signatureStart(tx: Tx): number {
  let at = payloadStart(tx.raw, tx.type === 0 ? 0 : 1)
  for (let field = 0; field < SIGNED_FIELDS[tx.type]; field++) at = itemEnd(tx.raw, at)
  return at
}

/** EIP-155: the chain id and two zeros in the place of the signature. */
function replayProtection(chainId: bigint): Uint8Array {
  return encodeRlp([bigintToBytes(chainId), EMPTY_BYTES, EMPTY_BYTES]).subarray(1)
}

/** The prefix of a list whose items take `length` bytes. */
function listPrefix(length: number): Uint8Array {
  if (length <= 55) return Uint8Array.of(0xc0 + length)
  if (length < 256) return Uint8Array.of(0xf8, length)
  const lengthBytes = bigintToBytes(BigInt(length))
  return Uint8Array.of(0xf7 + lengthBytes.length, ...lengthBytes)
}

/** Where the items of the list whose prefix is at `at` begin. */
function payloadStart(raw: Uint8Array, at: number): number {
  const prefix = raw[at] ?? 0
  return prefix <= 0xf7 ? at + 1 : at + 1 + prefix - 0xf7
}

/** Where the item whose prefix is at `at` ends. */
function itemEnd(raw: Uint8Array, at: number): number {
  const prefix = raw[at] ?? 0
  if (prefix < 0x80) return at + 1
  const short = prefix < 0xc0 ? prefix - 0x80 : prefix - 0xc0
  if (short <= 55) return at + 1 + short
  let length = 0
  const start = at + 1 + short - 55
  for (let i = at + 1; i < start; i++) length = length * 256 + (raw[i] ?? 0)
  return start + length
}

/** Writes an encoded integer of at most 32 bytes so that it ends at `end`. */
function putInteger(out: Uint8Array, end: number, item: Uint8Array): void {
  const payload = (item[0] ?? 0) < 0x80 ? item : item.subarray(1)
  out.set(payload, end - payload.length)
}
