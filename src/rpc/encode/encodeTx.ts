/** Transactions as JSON, field for field and in the order of geth, which tools compare with. */
import type { Block } from '../../block/block.ts'
import type { Address } from '../../crypto/address.ts'
import type { AccessListEntry, Authorization, Tx } from '../../tx/tx.ts'
import { data, quantity } from './encode.ts'
import type { Json, JsonObject } from '../server/json.ts'

/** The sender of a transaction that is known to be validly signed. */
export type SenderOf = (tx: Tx) => Address

/** Where a transaction stands in a block. */
export interface TxPlace {
  readonly block: Pick<Block, 'hash' | 'header'>
  readonly index: number
}

/** A transaction; without a place it is pending. */
export function encodeTxJson(tx: Tx, from: Address, place?: TxPlace): JsonObject {
  return {
    ...placeFields(place),
    from,
    gas: quantity(tx.gasLimit),
    gasPrice: quantity(effectiveGasPrice(tx, place?.block.header.baseFeePerGas)),
    ...feeFields(tx),
    hash: tx.hash,
    input: data(tx.data),
    nonce: quantity(tx.nonce),
    to: tx.to ?? null,
    transactionIndex: place === undefined ? null : quantity(place.index),
    value: quantity(tx.value),
    type: quantity(tx.type),
    ...(tx.type !== 0 && { accessList: tx.accessList.map(encodeAccess) }),
    ...(tx.chainId !== undefined && { chainId: quantity(tx.chainId) }),
    ...(tx.blobVersionedHashes && { blobVersionedHashes: tx.blobVersionedHashes }),
    ...(tx.authorizationList && {
      authorizationList: tx.authorizationList.map(encodeAuthorization),
    }),
    ...signatureFields(tx),
  }
}

/**
 * Wei per gas: what it pays in a block of this base fee, what it offers at most where there is
 * none.
 */
export function effectiveGasPrice(tx: Tx, baseFee: bigint | undefined): bigint {
  if (baseFee === undefined) return tx.maxFeePerGas
  const price = baseFee + tx.maxPriorityFeePerGas
  return price < tx.maxFeePerGas ? price : tx.maxFeePerGas
}

function placeFields(place: TxPlace | undefined): JsonObject {
  if (place === undefined) return { blockHash: null, blockNumber: null, blockTimestamp: null }
  const { hash, header } = place.block
  return {
    blockHash: hash,
    blockNumber: quantity(header.number),
    blockTimestamp: quantity(header.timestamp),
  }
}

function feeFields(tx: Tx): JsonObject {
  if (tx.type < 2) return {}
  return {
    maxFeePerGas: quantity(tx.maxFeePerGas),
    maxPriorityFeePerGas: quantity(tx.maxPriorityFeePerGas),
    ...(tx.maxFeePerBlobGas !== undefined && { maxFeePerBlobGas: quantity(tx.maxFeePerBlobGas) }),
  }
}

/**
 * EIP-155 for legacy transactions; typed ones have the parity twice, as tools of two generations
 * read it.
 */
function signatureFields(tx: Tx): JsonObject {
  const { r, s, yParity } = tx.signature
  const scalars = { r: quantity(r), s: quantity(s) }
  if (tx.type !== 0) return { v: quantity(yParity), ...scalars, yParity: quantity(yParity) }
  const base = tx.chainId === undefined ? 27n : tx.chainId * 2n + 35n
  return { v: quantity(base + BigInt(yParity)), ...scalars }
}

function encodeAccess({ address, storageKeys }: AccessListEntry): Json {
  return { address, storageKeys }
}

function encodeAuthorization(authorization: Authorization): Json {
  const { chainId, address, nonce, yParity, r, s } = authorization
  return {
    chainId: quantity(chainId),
    address,
    nonce: quantity(nonce),
    yParity: quantity(yParity),
    r: quantity(r),
    s: quantity(s),
  }
}
