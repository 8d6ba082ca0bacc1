import type { Hash } from '../../crypto/keccak.ts'
import type { Network, PeerId } from '../../gossip/network.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import type { Random } from '../../lib/random.ts'
import type { Mempool } from '../../mempool/mempool.ts'
import type { PoolComparisons } from './poolComparisons.ts'
import type { Requests } from '../protocol.ts'

/** What both sides of reconciliation need of the node. */
export interface ReconcileParts {
  readonly network: Pick<Network, 'self' | 'onPeer'>
  readonly requests: Requests
  readonly mempool: Pick<Mempool, 'entries'>
  readonly clock: Clock
  /** Unpredictable where peers are strangers: the keys of sessions come from it. */
  readonly random: Random
  readonly log: Logger
  /** Whether the pool or the chain has a transaction. */
  readonly isKnown: (hash: Hash) => boolean
  /** Whether transactions can be judged: not while the node catches up with the chain. */
  readonly isReady: () => boolean
  /** Fetches transactions from the peer and judges them in this order; resolves when that is over. Never rejects. */
  readonly fetch: (peer: PeerId, hashes: readonly Hash[]) => Promise<void>
}

/** Those parts with what reconciliation itself remembers. */
export interface SessionParts extends ReconcileParts {
  readonly comparisons: PoolComparisons
  /** Whether it would be fetched: neither known nor refused a moment ago. */
  readonly isWanted: (hash: Hash) => boolean
  /** Whether a session with the peer is under way that this node leads and that goes before one led there. */
  readonly isLeading: (peer: PeerId) => boolean
}
