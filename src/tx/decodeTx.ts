/**
 * Strict decoding of EIP-2718 transactions: one signed transaction has one byte form, and
 * everything else is refused with a word that says why. What is wrong whatever the fork is refused
 * here; what depends on the fork or the chain is in `rules.ts`.
 */
import type { Address } from '../crypto/address.ts'
import { keccak256Hash, type Hash } from '../crypto/keccak.ts'
import type { TxDefect } from './defect.ts'
import { FieldReader } from './fieldReader.ts'
import type { AccessListEntry, Authorization, Signature, Tx } from './tx.ts'

const NO_ACCESS: readonly AccessListEntry[] = Object.freeze([])
const WORD = 32
const GAS_OR_NONCE = 8

/** What the readers make; the hash is filled in only when every field was right. */
type Draft = { -readonly [Key in keyof Tx]: Tx[Key] }

const UNHASHED = '0x' as Hash

/**
 * The transaction that `raw` is, or why it is none. Never throws. The answer keeps `raw` and views
 * into it; a caller who reuses the memory hands in a copy.
 *
 * @param hash keccak256 of `raw` where the caller has it already.
 */
export function decodeTx(raw: Uint8Array, hash?: Hash): Tx | TxDefect {
  const first = raw[0]
  if (first === undefined) return { reason: 'empty', message: 'there are no bytes' }
  const read = first >= 0xc0 ? readLegacy : READERS[first]
  if (read === undefined) return unknownType(first)
  const reader = new FieldReader(raw, first >= 0xc0 ? 0 : 1)
  const outerEnd = reader.enter('transaction')
  const tx = read(reader, raw)
  reader.leave('transaction', outerEnd)
  reader.finish()
  if (reader.defect !== undefined) return reader.defect
  tx.hash = hash ?? keccak256Hash(raw)
  return tx
}

/** Tells a refusal from the transaction that was asked for. */
export function isTxDefect(answer: object): answer is TxDefect {
  return 'reason' in answer && 'message' in answer
}

const READERS: Readonly<Record<number, (reader: FieldReader, raw: Uint8Array) => Draft>> = {
  1: readAccessListTx,
  2: readFeeMarketTx,
  3: readBlobTx,
  4: readSetCodeTx,
}

function unknownType(first: number): TxDefect {
  const byte = `0x${first.toString(16).padStart(2, '0')}`
  const message =
    first < 0x80
      ? `no transaction type ${byte} is known; types 0x01 to 0x04 are, and legacy transactions start at 0xc0`
      : `an RLP string (first byte ${byte}) is not a transaction`
  return { reason: 'unknown-type', message }
}

function readLegacy(reader: FieldReader, raw: Uint8Array): Draft {
  const nonce = reader.uint('nonce', GAS_OR_NONCE)
  const gasPrice = reader.uint('gasPrice', WORD)
  const gasLimit = reader.uint('gasLimit', GAS_OR_NONCE)
  const to = reader.optionalHex('to', 20) as Address | undefined
  const value = reader.uint('value', WORD)
  const data = reader.bytes('data')
  const v = readLegacyV(reader)
  return {
    type: 0,
    hash: UNHASHED,
    raw,
    chainId: v.chainId,
    nonce,
    gasLimit,
    to,
    value,
    data,
    maxFeePerGas: gasPrice,
    maxPriorityFeePerGas: gasPrice,
    accessList: NO_ACCESS,
    signature: readSignature(reader, v.yParity),
  }
}

/** v is 27 or 28, or by EIP-155 35 + 2 * chain id, plus the parity of y. */
function readLegacyV(reader: FieldReader): { chainId: bigint | undefined; yParity: 0 | 1 } {
  const v = reader.uint('v', WORD)
  if (v === 27n || v === 28n) return { chainId: undefined, yParity: v === 27n ? 0 : 1 }
  if (v >= 35n) return { chainId: (v - 35n) >> 1n, yParity: (v & 1n) === 1n ? 0 : 1 }
  reader.fail('bad-signature-v', `v is ${v}: it must be 27, 28 or from 35 on (EIP-155)`)
  return { chainId: undefined, yParity: 0 }
}

function readAccessListTx(reader: FieldReader, raw: Uint8Array): Draft {
  const chainId = reader.uint('chainId', WORD)
  const nonce = reader.uint('nonce', GAS_OR_NONCE)
  const gasPrice = reader.uint('gasPrice', WORD)
  return {
    type: 1,
    hash: UNHASHED,
    raw,
    chainId,
    nonce,
    gasLimit: reader.uint('gasLimit', GAS_OR_NONCE),
    to: reader.optionalHex('to', 20) as Address | undefined,
    value: reader.uint('value', WORD),
    data: reader.bytes('data'),
    maxFeePerGas: gasPrice,
    maxPriorityFeePerGas: gasPrice,
    accessList: readAccessList(reader),
    signature: readSignature(reader, readYParity(reader)),
  }
}

function readFeeMarketTx(reader: FieldReader, raw: Uint8Array): Draft {
  const chainId = reader.uint('chainId', WORD)
  const nonce = reader.uint('nonce', GAS_OR_NONCE)
  const maxPriorityFeePerGas = reader.uint('maxPriorityFeePerGas', WORD)
  const maxFeePerGas = reader.uint('maxFeePerGas', WORD)
  return {
    type: 2,
    hash: UNHASHED,
    raw,
    chainId,
    nonce,
    gasLimit: reader.uint('gasLimit', GAS_OR_NONCE),
    to: reader.optionalHex('to', 20) as Address | undefined,
    value: reader.uint('value', WORD),
    data: reader.bytes('data'),
    maxFeePerGas,
    maxPriorityFeePerGas,
    accessList: readAccessList(reader),
    signature: readSignature(reader, readYParity(reader)),
  }
}

function readBlobTx(reader: FieldReader, raw: Uint8Array): Draft {
  if (reader.nextIsList)
    reader.fail(
      'blob-network-form',
      'this is a blob transaction with its sidecar; the canonical form without blobs is wanted',
    )
  const chainId = reader.uint('chainId', WORD)
  const nonce = reader.uint('nonce', GAS_OR_NONCE)
  const maxPriorityFeePerGas = reader.uint('maxPriorityFeePerGas', WORD)
  const maxFeePerGas = reader.uint('maxFeePerGas', WORD)
  return {
    type: 3,
    hash: UNHASHED,
    raw,
    chainId,
    nonce,
    gasLimit: reader.uint('gasLimit', GAS_OR_NONCE),
    to: readRecipient(reader),
    value: reader.uint('value', WORD),
    data: reader.bytes('data'),
    maxFeePerGas,
    maxPriorityFeePerGas,
    accessList: readAccessList(reader),
    maxFeePerBlobGas: reader.uint('maxFeePerBlobGas', WORD),
    blobVersionedHashes: readHashes(reader, 'blobVersionedHashes'),
    signature: readSignature(reader, readYParity(reader)),
  }
}

function readSetCodeTx(reader: FieldReader, raw: Uint8Array): Draft {
  const chainId = reader.uint('chainId', WORD)
  const nonce = reader.uint('nonce', GAS_OR_NONCE)
  const maxPriorityFeePerGas = reader.uint('maxPriorityFeePerGas', WORD)
  const maxFeePerGas = reader.uint('maxFeePerGas', WORD)
  return {
    type: 4,
    hash: UNHASHED,
    raw,
    chainId,
    nonce,
    gasLimit: reader.uint('gasLimit', GAS_OR_NONCE),
    to: readRecipient(reader),
    value: reader.uint('value', WORD),
    data: reader.bytes('data'),
    maxFeePerGas,
    maxPriorityFeePerGas,
    accessList: readAccessList(reader),
    authorizationList: readAuthorizations(reader),
    signature: readSignature(reader, readYParity(reader)),
  }
}

/** EIP-4844 and EIP-7702 transactions cannot create contracts. */
function readRecipient(reader: FieldReader): Address | undefined {
  const to = reader.optionalHex('to', 20) as Address | undefined
  if (to === undefined)
    reader.fail('recipient-missing', 'a transaction of this type must have a recipient')
  return to
}

function readAccessList(reader: FieldReader): readonly AccessListEntry[] {
  const outerEnd = reader.enter('accessList')
  if (reader.atEnd) {
    reader.leave('accessList', outerEnd)
    return NO_ACCESS
  }
  const entries: AccessListEntry[] = []
  while (!reader.atEnd) {
    const listEnd = reader.enter('access list entry')
    const address = reader.hex('access list address', 20) as Address
    entries.push({ address, storageKeys: readHashes(reader, 'access list storage keys') })
    reader.leave('access list entry', listEnd)
  }
  reader.leave('accessList', outerEnd)
  return entries
}

function readHashes(reader: FieldReader, field: string): readonly Hash[] {
  const outerEnd = reader.enter(field)
  const hashes: Hash[] = []
  while (!reader.atEnd) hashes.push(reader.hex(field, 32) as Hash)
  reader.leave(field, outerEnd)
  return hashes
}

/**
 * EIP-7702 bounds each number by its size only; a tuple that authorises nothing is skipped at
 * execution.
 */
function readAuthorizations(reader: FieldReader): readonly Authorization[] {
  const outerEnd = reader.enter('authorizationList')
  const authorizations: Authorization[] = []
  while (!reader.atEnd) {
    const listEnd = reader.enter('authorization')
    authorizations.push({
      chainId: reader.uint('authorization chainId', WORD),
      address: reader.hex('authorization address', 20) as Address,
      nonce: reader.uint('authorization nonce', GAS_OR_NONCE),
      yParity: Number(reader.uint('authorization yParity', 1)),
      r: reader.uint('authorization r', WORD),
      s: reader.uint('authorization s', WORD),
    })
    reader.leave('authorization', listEnd)
  }
  reader.leave('authorizationList', outerEnd)
  return authorizations
}

function readYParity(reader: FieldReader): 0 | 1 {
  const yParity = reader.uint('yParity', WORD)
  if (yParity > 1n) reader.fail('bad-y-parity', `yParity is ${yParity}: it must be 0 or 1`)
  return yParity === 1n ? 1 : 0
}

function readSignature(reader: FieldReader, yParity: 0 | 1): Signature {
  return { r: reader.uint('r', WORD), s: reader.uint('s', WORD), yParity }
}
