import { blobGasOf } from '../tx/gas.ts'
import type { Tx } from '../tx/tx.ts'

/**
 * What a producer earns per gas at `baseFee`, in wei (EIP-1559). Negative if the fee cap does not reach the base
 * fee: then the number says how far it is from being executable.
 */
export function effectiveTip(tx: Tx, baseFee: bigint): bigint {
  const overBaseFee = tx.maxFeePerGas - baseFee
  return tx.maxPriorityFeePerGas < overBaseFee ? tx.maxPriorityFeePerGas : overBaseFee
}

/** What the transaction can take from its sender at most, in wei: gas at the fee cap, blobs and value. */
export function maxCost(tx: Tx): bigint {
  const execution = tx.gasLimit * tx.maxFeePerGas + tx.value
  return execution + blobGasOf(tx) * (tx.maxFeePerBlobGas ?? 0n)
}

/** What a transaction is worth to the pool: its tip at the current base fee, then its fee cap, both in wei. */
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
