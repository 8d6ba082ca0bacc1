/** What a node adds to the aggregates of the network. */
import type { NodeObservations } from '../aggregate/gauges.ts'
import type { Network } from '../gossip/network.ts'
import type { Chain } from '../chain/chain.ts'
import type { Membership } from '../membership/membership.ts'
import type { Mempool } from '../mempool/mempool.ts'

/** What is observed. */
export interface Observed {
  readonly chain: Pick<Chain, 'head'>
  readonly mempool: Pick<Mempool, 'pendingCount' | 'queuedCount'>
  readonly members: Pick<Membership, 'liveCount'>
  readonly network: Pick<Network, 'peers'>
}

/** Every gauge of this node, now. */
export function observations({ chain, mempool, members, network }: Observed): NodeObservations {
  return {
    members: [members.liveCount],
    'txpool.pending': [mempool.pendingCount],
    'txpool.queued': [mempool.queuedCount],
    'chain.head': [Number(chain.head.header.number)],
    peers: [network.peers().length],
  }
}
