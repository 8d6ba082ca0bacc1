/** Making transactions: for scripts, sealers of test networks and tests. */
import { keccak256 } from '../crypto/keccak.ts'
import { secp256k1 } from '../crypto/secp256k1.ts'
import { EMPTY_BYTES } from '../lib/bytes.ts'
import { decodeTx, isTxDefect } from './decodeTx.ts'
import { encodeTx, encodeUnsignedTx, type UnsignedTx } from './encodeTx.ts'
import { TRANSFER_GAS } from './gas.ts'
import type { Tx } from './tx.ts'

/**
 * A transaction with the fields given and harmless ones for the rest: nonce 0, the gas of a plain
 * transfer, no value, no data, no fees. For types 0 and 1 the gas price is `maxFeePerGas`.
 */
export function unsignedTx(fields: Partial<UnsignedTx> & Pick<UnsignedTx, 'type'>): UnsignedTx {
  const maxFeePerGas = fields.maxFeePerGas ?? 0n
  return {
    chainId: undefined,
    nonce: 0n,
    gasLimit: TRANSFER_GAS,
    to: undefined,
    value: 0n,
    data: EMPTY_BYTES,
    maxFeePerGas,
    maxPriorityFeePerGas: fields.type < 2 ? maxFeePerGas : 0n,
    accessList: [],
    ...fields,
  }
}

/**
 * Signs deterministically (RFC 6979, low s). Breaking a rule of `rules.ts` is allowed, so that
 * tests can; throws a RangeError for fields that have no encoding at all, such as a nonce over 64
 * bits.
 *
 * @param privateKey 32 bytes.
 */
export function signTx(fields: UnsignedTx, privateKey: Uint8Array): Tx {
  if (fields.type !== 0 && fields.chainId === undefined)
    throw new RangeError(`signTx: a transaction of type ${fields.type} needs a chain id`)
  const signature = secp256k1.sign(keccak256(encodeUnsignedTx(fields)), privateKey)
  const tx = decodeTx(encodeTx(fields, signature))
  if (isTxDefect(tx)) throw new RangeError(`signTx: ${tx.message}`)
  return tx
}
