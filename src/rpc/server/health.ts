/**
 * Whether a node is ready for callers: what GET /health answers, at the RPC port and at that of the
 * metrics.
 */
import type { RpcContext } from '../context.ts'
import type { JsonObject } from './json.ts'

/** Whether the node is ready, and what the page says of it. */
export interface Health {
  readonly isReady: boolean
  readonly body: JsonObject
}

/** Not ready while the node catches up, and while it has no peer where it was told of some. */
export function healthOf({
  chain,
  network,
  syncStatus,
  expectsPeers,
}: Pick<RpcContext, 'chain' | 'network' | 'syncStatus' | 'expectsPeers'>): Health {
  const syncing = syncStatus() !== undefined
  const peers = network.peers().length
  const isAlone = peers === 0 && expectsPeers
  return {
    isReady: !syncing && !isAlone,
    body: {
      status: syncing ? 'syncing' : isAlone ? 'no-peers' : 'ok',
      head: Number(chain.head.header.number),
      peers,
      syncing,
    },
  }
}

/** The status code of an answer: 503 tells a balancer to send nobody here. */
export function healthStatus({ isReady }: Health): number {
  return isReady ? 200 : 503
}
