import type { Chain } from '../chain/chain.ts'
import type { TxTopicContext } from '../gossip/topics/txTopic.ts'

/**
 * The chain as the judge of transactions asks it: whether one is included already is looked up
 * among the newest blocks alone, since the question comes with every message and none waits for the
 * disk. One that an older block has is refused by its nonce; where nothing is executed no nonce is
 * known that well, and all blocks are asked.
 */
export function recentChain(chain: Chain): TxTopicContext['chain'] {
  if (chain.ledger === 'none') return chain
  return {
    chainId: chain.chainId,
    config: chain.config,
    ledger: chain.ledger,
    get head() {
      return chain.head
    },
    get state() {
      return chain.state
    },
    location: (txHash) => chain.recentLocation(txHash),
  }
}
