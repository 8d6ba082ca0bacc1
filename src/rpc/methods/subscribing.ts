import { RPC_CODES, RpcError } from '../errors.ts'
import { defineMethod, type RpcCall, type RpcMethod } from '../method.ts'
import { required, textKind } from '../params.ts'
import type { Subscriptions } from '../subscriptions.ts'

/**
 * The subscriptions of the caller's connection; throws an RpcError where the transport has none.
 */
export function subscriptionsOf({ subscriptions }: RpcCall): Subscriptions {
  if (subscriptions !== undefined) return subscriptions
  throw new RpcError(
    RPC_CODES.methodNotFound,
    'notifications not supported: subscribe over WebSocket, at the same address',
  )
}

/** The method of this name that ends a subscription, whatever it feeds on. */
export function unsubscribeMethod(name: 'eth_unsubscribe' | 'gossip_unsubscribe'): RpcMethod {
  return defineMethod({
    name,
    params: [required('subscription', textKind)],
    result: 'true',
    summary: 'Ends a subscription of this connection.',
    handler: (call, id) => {
      if (subscriptionsOf(call).remove(id)) return true
      throw new RpcError(RPC_CODES.server, 'subscription not found')
    },
  })
}
