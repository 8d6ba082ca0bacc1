import type { Block } from '../../block/block.ts'
import type { PeerId } from '../../gossip/network.ts'
import { fetchRange } from './blockRequests.ts'
import type { CatchUpParts } from './catchUpParts.ts'
import { isProtocolBreach, ProtocolViolation } from '../protocol.ts'

/** Which blocks are wanted of a peer. */
export interface RangeWish {
  readonly first: bigint
  readonly count: number
  /** Take nothing unless the first block follows one of ours. */
  readonly mustLink: boolean
  /** Whether nobody waits for it any more. */
  readonly isOver: () => boolean
}

/** What a peer gave of a range. */
export interface TakenRange {
  /** Linked to one another, sealed by signers; as many as came. None of a peer that lied. */
  readonly blocks: readonly Block[]
  /** Why there are no more of them. */
  readonly failure?: unknown
  /** The first block follows none of ours. */
  readonly isUnlinked: boolean
}

/**
 * Fetches a range and keeps what is worth it: a peer that was slow, or left, gave what it gave.
 * Never rejects.
 */
export async function takeRange(
  { requests, chain }: Pick<CatchUpParts, 'requests' | 'chain'>,
  peer: PeerId,
  { first, count, mustLink, isOver }: RangeWish,
): Promise<TakenRange> {
  const blocks: Block[] = []
  try {
    for await (const block of fetchRange(requests, peer, first, count)) {
      if (isOver()) break
      const isLinked = blocks.length > 0 || !mustLink || chain.has(block.header.parentHash)
      if (!isLinked) return { blocks, isUnlinked: true }
      assertSealed(block, chain)
      blocks.push(block)
    }
    return { blocks, isUnlinked: false }
  } catch (failure) {
    return { blocks: isProtocolBreach(failure) ? [] : blocks, failure, isUnlinked: false }
  }
}

/**
 * Before it costs memory: what only a signer can have made. A block without difficulty comes after
 * a merge.
 */
function assertSealed({ hash, header }: Block, chain: CatchUpParts['chain']): void {
  if (chain.signers.length === 0 || header.difficulty === 0n) return
  const sealer = chain.sealer(hash, header)
  if (sealer === undefined || !chain.signers.includes(sealer))
    throw new ProtocolViolation(`block ${header.number} is sealed by no signer`)
}
