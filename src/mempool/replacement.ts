import type { Tx } from '../tx/tx.ts'

/**
 * Whether `challenger` may take the place of `incumbent` at the same sender and nonce: both fees
 * strictly higher, and by at least `bumpPercent` (the rule of geth and reth; the products avoid a
 * rounding in the sender's favour).
 *
 * The relation is a strict partial order. A contender that outbids each other contender therefore
 * wins in whatever order they arrive, on every node. Two that do not outbid each other stay as they
 * arrived first; nodes may then differ until a block includes one of them. No rule without a second
 * round of messages does better: preferring, say, the lower hash would make every replacement free.
 */
export function outbids(challenger: Tx, incumbent: Tx, bumpPercent: number): boolean {
  return (
    isBumped(challenger.maxFeePerGas, incumbent.maxFeePerGas, bumpPercent) &&
    isBumped(challenger.maxPriorityFeePerGas, incumbent.maxPriorityFeePerGas, bumpPercent)
  )
}

function isBumped(fee: bigint, incumbentFee: bigint, bumpPercent: number): boolean {
  return fee > incumbentFee && fee * 100n >= incumbentFee * BigInt(100 + bumpPercent)
}
