import { ZERO_ADDRESS } from '../crypto/address.ts'
import { recoverSender } from '../tx/signature.ts'
import type { RpcContext } from './context.ts'
import type { SenderOf } from './encodeTx.ts'

/**
 * Who signed a transaction of the chain or the pool: what the node knows already, else recovered here. A
 * transaction nobody can have signed is in neither; geth, too, answers the zero address for it.
 */
export function senderLookup({ senders, mempool }: RpcContext): SenderOf {
  return (tx) =>
    senders.known(tx.hash) ?? mempool.get(tx.hash)?.sender ?? recoverSender(tx) ?? ZERO_ADDRESS
}
