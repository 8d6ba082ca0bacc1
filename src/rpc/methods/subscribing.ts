import { RPC_CODES, RpcError } from '../errors.ts'
import type { RpcCall } from '../method.ts'
import type { Subscriptions } from '../subscriptions.ts'

/** The subscriptions of the caller's connection; throws an RpcError where the transport has none. */
export function subscriptionsOf({ subscriptions }: RpcCall): Subscriptions {
  if (subscriptions !== undefined) return subscriptions
  throw new RpcError(
    RPC_CODES.methodNotFound,
    'notifications not supported: subscribe over WebSocket, at the same address',
  )
}
