import type { Block } from '../../block/block.ts'
import type { Chain } from '../../chain/chain.ts'
import type { Checkpoint } from '../../chain/checkpoint.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import type { Senders } from '../../tx/senders.ts'
import type { PeerBook } from '../status/peerBook.ts'
import type { Requests } from '../protocol.ts'

/** What catch-up asks, judges and imports with. */
export interface CatchUpParts {
  readonly requests: Requests
  readonly chain: Pick<Chain, 'head' | 'has' | 'totalDifficulty' | 'signers' | 'sealer'>
  readonly book: Pick<PeerBook, 'all' | 'each' | 'get' | 'highestHead'>
  readonly senders: Pick<Senders, 'known' | 'recover'>
  readonly clock: Clock
  readonly log: Logger
  /** Blocks that are missing and that the chain is to go through, whatever its difficulty. */
  readonly wanted: () => readonly Checkpoint[]
  /** Judges a block wholly and imports it. Throws a `ProtocolViolation` for a bad one. */
  readonly importBlock: (block: Block) => Promise<void>
  /** Resolves when what was imported so far is on disk, where there is one. */
  readonly flushed: () => Promise<void>
}
