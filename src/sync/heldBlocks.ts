/**
 * Blocks that came before their parent.
 *
 * - A block is held until its parent is in the chain (ready), its parent proves bad or its time is over (gone).
 * - Bounded in number, in bytes and per peer; what does not fit is gone at once. No peer pushes out another's blocks.
 * - A missing parent is asked for once at a time, first at the peer that sent the child, then at others at random,
 *   a bounded number of times.
 * - A parent that is itself without a parent is held in turn, so a short gap closes from the tip downward. A long one
 *   is left to catch-up, whose imports release what is held here.
 */
import type { Block } from '../block/block.ts'
import type { Hash } from '../crypto/keccak.ts'
import type { BlockHold, HoldReason } from '../gossip/hold.ts'
import type { Network, PeerId } from '../gossip/network.ts'
import { assert, messageOf } from '../lib/assert.ts'
import type { Cancel, Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import { shuffled, type Random } from '../lib/random.ts'
import type { Source } from '../trace/trace.ts'
import { fetchBlock } from './blockRequests.ts'
import {
  HELD_BLOCK_LIFE_MS,
  MAX_HELD_BLOCKS,
  MAX_HELD_BLOCKS_PER_PEER,
  MAX_HELD_BYTES,
  MAX_PARENT_ATTEMPTS,
} from './limits.ts'
import { ProtocolViolation, type Requests } from './protocol.ts'

export interface HeldBlockParts {
  readonly network: Network
  readonly requests: Requests
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Whether the chain has a block. */
  readonly has: (hash: Hash) => boolean
  /** Puts a fetched block before the judge; resolves when it has its verdict. */
  readonly take: (block: Block, from: PeerId) => Promise<void>
  /** The gap below a held block is too long to close block by block. */
  readonly onLongGap: (block: Block) => boolean
}

interface Held {
  readonly block: Block
  readonly from: Source
  readonly answer: (outcome: 'ready' | 'gone') => void
  readonly cancelExpiry: Cancel
}

export class HeldBlocks implements BlockHold {
  readonly #parts: HeldBlockParts
  readonly #byParent = new Map<Hash, Set<Held>>()
  readonly #countOf = new Map<Source, number>()
  readonly #asking = new Set<Hash>()
  #count = 0
  #bytes = 0

  constructor(parts: HeldBlockParts) {
    this.#parts = parts
  }

  get count(): number {
    return this.#count
  }

  keep(block: Block, _reason: HoldReason, from: Source): Promise<'ready' | 'gone'> {
    const parent = block.header.parentHash
    if (this.#parts.has(parent)) return Promise.resolve('ready')
    if (!this.#fits(block, from)) return Promise.resolve('gone')
    const waiting = new Promise<'ready' | 'gone'>((answer) => this.#add(block, from, answer))
    if (!this.#parts.onLongGap(block)) void this.#askFor(parent, from)
    return waiting
  }

  /** A block is in the chain, or proved bad: its children are judged again, or given up. */
  settle(hash: Hash, outcome: 'ready' | 'gone'): void {
    for (const held of this.#byParent.get(hash) ?? []) this.#release(held, outcome)
  }

  /** Gives everything up. */
  stop(): void {
    for (const children of this.#byParent.values()) {
      for (const held of children) this.#release(held, 'gone')
    }
  }

  /** Recounts what is held; throws where a counter is wrong. */
  assertInvariants(): void {
    const all = [...this.#byParent.values()].flatMap((children) => [...children])
    const bytes = all.reduce((sum, { block }) => sum + block.raw.length, 0)
    const perSource = [...this.#countOf.values()]
    assert(
      all.length === this.#count && this.#count <= MAX_HELD_BLOCKS,
      'held blocks are counted and bounded',
    )
    assert(bytes === this.#bytes && bytes <= MAX_HELD_BYTES, 'their bytes are counted and bounded')
    assert(
      perSource.every((count) => count > 0 && count <= MAX_HELD_BLOCKS_PER_PEER),
      'no peer is over its quota',
    )
    assert(
      perSource.reduce((sum, count) => sum + count, 0) === this.#count,
      'every held block has one sender',
    )
  }

  #fits(block: Block, from: Source): boolean {
    return (
      this.#count < MAX_HELD_BLOCKS &&
      this.#bytes + block.raw.length <= MAX_HELD_BYTES &&
      (this.#countOf.get(from) ?? 0) < MAX_HELD_BLOCKS_PER_PEER
    )
  }

  #add(block: Block, from: Source, answer: Held['answer']): void {
    const cancelExpiry = this.#parts.clock.after(HELD_BLOCK_LIFE_MS, () =>
      this.#release(held, 'gone'),
    )
    const held: Held = { block, from, answer, cancelExpiry }
    const siblings = this.#byParent.get(block.header.parentHash) ?? new Set()
    this.#byParent.set(block.header.parentHash, siblings.add(held))
    this.#countOf.set(from, (this.#countOf.get(from) ?? 0) + 1)
    this.#count += 1
    this.#bytes += block.raw.length
  }

  #release(held: Held, outcome: 'ready' | 'gone'): void {
    const { block, from } = held
    const siblings = this.#byParent.get(block.header.parentHash)
    if (siblings?.delete(held) !== true) return
    if (siblings.size === 0) this.#byParent.delete(block.header.parentHash)
    const left = (this.#countOf.get(from) ?? 0) - 1
    if (left > 0) this.#countOf.set(from, left)
    else this.#countOf.delete(from)
    this.#count -= 1
    this.#bytes -= block.raw.length
    held.cancelExpiry()
    held.answer(outcome)
  }

  async #askFor(hash: Hash, from: Source): Promise<void> {
    if (this.#asking.has(hash)) return
    this.#asking.add(hash)
    try {
      for (const peer of this.#order(from).slice(0, MAX_PARENT_ATTEMPTS)) {
        if (!this.#byParent.has(hash) || (await this.#askPeer(peer, hash))) return
      }
      this.#parts.log.debug('no peer has the parent of a held block', { parent: hash })
    } finally {
      this.#asking.delete(hash)
    }
  }

  /** The sender first: it has judged the parent or lies. */
  #order(from: Source): PeerId[] {
    const { network, random } = this.#parts
    const peers = network.peers().map(({ id }) => id)
    const sender = peers.filter((id) => id === from)
    return [
      ...sender,
      ...shuffled(
        random,
        peers.filter((id) => id !== from),
      ),
    ]
  }

  /** True if the peer had it. A peer that answers with something else loses its connection. */
  async #askPeer(peer: PeerId, hash: Hash): Promise<boolean> {
    const { requests, network, log, take } = this.#parts
    try {
      const block = await fetchBlock(requests, peer, hash)
      if (block === undefined) return false
      await take(block, peer)
      return true
    } catch (error) {
      log.debug('a parent did not come', { peer, parent: hash, reason: messageOf(error) })
      if (error instanceof ProtocolViolation) await network.disconnect(peer, error.message)
      return false
    }
  }
}
