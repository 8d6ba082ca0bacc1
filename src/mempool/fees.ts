import { blobGasOf } from '../tx/gas.ts'
import type { Tx } from '../tx/tx.ts'

/**
 * What the transaction can take from its sender at most, in wei: gas at the fee cap, blobs and
 * value.
 */
export function maxCost(tx: Tx): bigint {
  const execution = tx.gasLimit * tx.maxFeePerGas + tx.value
  return execution + blobGasOf(tx) * (tx.maxFeePerBlobGas ?? 0n)
}

/**
 * What a transaction is worth to the pool: its tip at the current base fee, then its fee cap, both
 * in wei.
 */
export interface Worth {
  readonly tip: bigint
  readonly tx: Pick<Tx, 'maxFeePerGas'>
}

/** Negative if `a` is worth less than `b`, positive if more, 0 if the same. */
export function compareWorth(a: Worth, b: Worth): number {
  if (a.tip !== b.tip) return a.tip < b.tip ? -1 : 1
  if (a.tx.maxFeePerGas === b.tx.maxFeePerGas) return 0
  return a.tx.maxFeePerGas < b.tx.maxFeePerGas ? -1 : 1
}
