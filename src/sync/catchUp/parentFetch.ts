/**
 * Fetches single blocks that are waited for: one peer after another, each once, a bounded number of
 * them.
 */
import type { Block } from '../../block/block.ts'
import type { Hash } from '../../crypto/keccak.ts'
import type { Network, PeerId } from '../../gossip/network.ts'
import type { Verdict } from '../../gossip/rules/verdict.ts'
import { messageOf } from '../../lib/assert.ts'
import type { Logger } from '../../lib/log.ts'
import { shuffled, type Random } from '../../lib/random.ts'
import type { Source } from '../../trace/trace.ts'
import { fetchBlock } from './blockRequests.ts'
import { MAX_PARENT_ATTEMPTS } from '../limits.ts'
import { ProtocolViolation, type Requests } from '../protocol.ts'

/** What missing parents are asked for and judged with. */
export interface ParentFetchParts {
  readonly network: Pick<Network, 'peers'>
  readonly requests: Requests
  readonly random: Random
  readonly log: Logger
  /** Whether anybody still waits for the block. */
  readonly isAwaited: (hash: Hash) => boolean
  /** Puts a fetched block before the judge. */
  readonly judge: (block: Block, from: PeerId) => Promise<Verdict>
}

/** Fetches the parents that held blocks wait for, and blocks that the signers voted for. */
export class ParentFetch {
  readonly #parts: ParentFetchParts
  readonly #underWay = new Set<Hash>()

  constructor(parts: ParentFetchParts) {
    this.#parts = parts
  }

  /**
   * Asks for a block, unless that is being done. Resolves when a peer had it or none did. Never
   * rejects.
   */
  async fetch(hash: Hash, from: Source): Promise<void> {
    if (this.#underWay.has(hash)) return
    this.#underWay.add(hash)
    try {
      for (const peer of this.#order(from)) {
        if (!this.#parts.isAwaited(hash) || (await this.#askPeer(peer, hash))) return
      }
      this.#parts.log.debug('no peer has a block that is waited for', { block: hash })
    } finally {
      this.#underWay.delete(hash)
    }
  }

  /** Who sent the child first: it has judged the parent, or lies. */
  #order(from: Source): PeerId[] {
    const { network, random } = this.#parts
    const peers = network.peers().map(({ id }) => id)
    const others = peers.filter((id) => id !== from)
    const order = [...peers.filter((id) => id === from), ...shuffled(random, others)]
    return order.slice(0, MAX_PARENT_ATTEMPTS)
  }

  /**
   * Whether the peer had it. A peer that answers with something else, or with what no judge
   * accepts, is dropped.
   */
  async #askPeer(peer: PeerId, hash: Hash): Promise<boolean> {
    const { requests, log, judge } = this.#parts
    try {
      const block = await fetchBlock(requests, peer, hash)
      if (block === undefined) return false
      const verdict = await judge(block, peer)
      if (verdict.action === 'reject')
        throw new ProtocolViolation(`served block ${hash}, which is rejected: ${verdict.reason}`)
      return true
    } catch (error) {
      log.debug('a requested block did not arrive', { peer, block: hash, reason: messageOf(error) })
      requests.blame(peer, error)
      return false
    }
  }
}
