import { ZERO_ADDRESS } from '../../crypto/address.ts'
import type { RpcContext } from '../context.ts'
import type { SenderOf } from './encodeTx.ts'

/**
 * Who signed a transaction of the chain or the pool: what the node knows already, else recovered
 * here once. A transaction nobody can have signed is in neither; geth, too, answers the zero
 * address for it.
 */
export function senderLookup({ senders, mempool }: RpcContext): SenderOf {
  return (tx) => mempool.get(tx.hash)?.sender ?? senders.recoverNow(tx) ?? ZERO_ADDRESS
}
