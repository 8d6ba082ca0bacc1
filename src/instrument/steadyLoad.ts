/** A load at a steady rate, planned and signed. */
import type { Hex } from '../lib/bytes.ts'
import type { TxPlan } from '../scenario/planLoad.ts'
import type { PeerPort } from './port.ts'
import { feeCapWei, nextNonces, signLoad } from './signLoad.ts'
import type { PlannedTx } from './workload.ts'

/** How much load there is, and over which senders and targets it is spread. */
export interface SteadyLoad {
  readonly count: number
  /** Transactions per second over all senders. */
  readonly ratePerS: number
  /** Bytes of calldata of each transaction. */
  readonly dataBytes: number
  /** How many there are. */
  readonly senders: number
  readonly targets: number
}

/** The same for a load that is signed at once. */
export interface SignedLoadOptions extends Omit<SteadyLoad, 'senders' | 'targets'> {
  /** Private keys; each sender keeps to one target, so that its nonces arrive in order. */
  readonly privateKeys: readonly Hex[]
  readonly targets: readonly PeerPort[]
}

/** Transactions of equal size at a steady rate, the senders in turn, each at its own target. */
export function steadyLoad({ count, ratePerS, dataBytes, senders, targets }: SteadyLoad): TxPlan[] {
  return Array.from({ length: count }, (_, index) => {
    const sender = index % senders
    return { atMs: (index * 1000) / ratePerS, sender, node: sender % targets, dataBytes }
  })
}

/**
 * Signs a whole steady load. Reads each sender's next nonce, the chain id and the base fee from the
 * targets.
 */
export async function signedSteadyLoad(options: SignedLoadOptions): Promise<PlannedTx[]> {
  const { privateKeys, targets } = options
  const targetOf = (node: number): PeerPort => {
    const target = targets[node % targets.length]
    if (target === undefined)
      throw new Error('a workload needs at least one JSON-RPC URL to submit to')
    return target
  }
  const load = steadyLoad({ ...options, senders: privateKeys.length, targets: targets.length })
  return signLoad(load, {
    chainId: Number(await targetOf(0).chainId()),
    privateKeys,
    firstNonces: await nextNonces(privateKeys, targetOf),
    maxFeePerGas: await feeCapWei(targetOf(0)),
    targetOf,
  })
}
