import type { Hash } from '../../crypto/keccak.ts'
import type { Network, PeerId } from '../../gossip/network.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import type { Random } from '../../lib/random.ts'
import type { ProtocolName } from '../limits.ts'
import type { SetEntry } from './reconcileSet.ts'
import type { SetComparisons } from './comparisons.ts'
import type { Requests } from '../protocol.ts'

/** What both sides of reconciliation need of the node. */
export interface ReconcileParts {
  readonly network: Pick<Network, 'self' | 'onPeer'>
  readonly requests: Requests
  /** The protocol over which sets of this sort are compared. */
  readonly protocol: Extract<ProtocolName, 'pool' | 'members'>
  /**
   * What is in the set, and what else is known, at this moment; `cameMs` is when the peer came that
   * it is compared with, on the monotonic clock.
   */
  readonly entries: (cameMs: number) => Iterable<SetEntry>
  readonly clock: Clock
  /** Unpredictable where peers are strangers: the keys of sessions come from it. */
  readonly random: Random
  readonly log: Logger
  /** Whether there is nothing to fetch: it is in the set, or was. */
  readonly isKnown: (hash: Hash) => boolean
  /** Whether what is fetched can be judged. */
  readonly isReady: () => boolean
  /** Fetches from the peer and judges in this order; resolves when that is over. Never rejects. */
  readonly fetch: (peer: PeerId, hashes: readonly Hash[]) => Promise<void>
}

/** Those parts with what reconciliation itself remembers. */
export interface SessionParts extends Omit<ReconcileParts, 'entries'> {
  /** What is in the set for a comparison with the peer. */
  readonly entriesFor: (peer: PeerId) => Iterable<SetEntry>
  readonly comparisons: SetComparisons
  /** Whether it would be fetched: neither known nor refused a moment ago. */
  readonly isWanted: (hash: Hash) => boolean
  /**
   * Whether a session with the peer is under way that this node leads and that goes before one led
   * there.
   */
  readonly isLeading: (peer: PeerId) => boolean
}
