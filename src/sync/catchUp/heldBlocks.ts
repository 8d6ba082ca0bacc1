/**
 * Blocks that came before their parent.
 *
 * - A block is held until its parent is in the chain (ready), its parent proves bad or its time is
 *   over (gone).
 * - Bounded in number, in bytes and per peer; what does not fit is gone at once. No peer pushes out
 *   another's blocks.
 * - The same bytes by another route share the place of the first. Another body under the same
 *   header has its own, so that a forged one does not keep the true one out.
 * - What is missing is the parent of the lowest held ancestor: that one is asked for, again with
 *   every block that comes above it.
 */
import type { Block } from '../../block/block.ts'
import type { Hash } from '../../crypto/keccak.ts'
import type { BlockHold, HoldReason } from '../../gossip/hold/hold.ts'
import { assert } from '../../lib/assert.ts'
import { equalBytes } from '../../lib/bytes.ts'
import type { Cancel, Clock } from '../../lib/clock.ts'
import type { Source } from '../../trace/trace.ts'
import {
  HELD_BLOCK_LIFE_MS,
  MAX_HELD_BLOCKS,
  MAX_HELD_BLOCKS_PER_PEER,
  MAX_HELD_BYTES,
} from '../limits.ts'

/** A block that is not there, though one above it is. */
export interface MissingBlock {
  readonly hash: Hash
  readonly number: bigint
  /** Who sent the last block above it. */
  readonly from: Source
}

/** What held blocks are released and missed by. */
export interface HeldBlockParts {
  readonly clock: Clock
  /** Whether the chain has a block. */
  readonly has: (hash: Hash) => boolean
  /** Sees to it that a missing block comes. */
  readonly want: (missing: MissingBlock) => void
}

type Answer = (outcome: 'ready' | 'gone') => void

interface Held {
  readonly block: Block
  readonly from: Source
  /** One for each route on which the block came. */
  readonly answers: Answer[]
  readonly cancelExpiry: Cancel
}

/** Blocks that wait for their parent, bounded by peer, in number, in bytes and in time. */
export class HeldBlocks implements BlockHold {
  readonly #parts: HeldBlockParts
  readonly #byParent = new Map<Hash, Set<Held>>()
  /** By their own hash: one for each body that came under it. */
  readonly #byHash = new Map<Hash, Set<Held>>()
  readonly #countOf = new Map<Source, number>()
  #count = 0
  #bytes = 0
  #isStopped = false

  constructor(parts: HeldBlockParts) {
    this.#parts = parts
  }

  get count(): number {
    return this.#count
  }

  keep(block: Block, _reason: HoldReason, from: Source): Promise<'ready' | 'gone'> {
    if (this.#isStopped) return Promise.resolve('gone')
    if (this.#parts.has(block.header.parentHash)) return Promise.resolve('ready')
    const twin = this.#twinOf(block)
    if (twin === undefined && !this.#fits(block, from)) return Promise.resolve('gone')
    const outcome = new Promise<'ready' | 'gone'>((answer) => {
      if (twin === undefined) this.#add(block, from, answer)
      else twin.answers.push(answer)
    })
    this.#parts.want(this.#missingBelow(block, from))
    return outcome
  }

  /** Whether a block waits for this one. */
  isAwaited(hash: Hash): boolean {
    return this.#byParent.has(hash)
  }

  /** A block is in the chain, or proved bad: its children are judged again, or given up. */
  settle(hash: Hash, outcome: 'ready' | 'gone'): void {
    for (const held of this.#byParent.get(hash) ?? []) this.#release(held, outcome)
  }

  /** Gives everything up; nothing is held from now on. */
  stop(): void {
    this.#isStopped = true
    for (const parent of this.#byParent.keys()) this.settle(parent, 'gone')
  }

  /** Recounts what is held; throws where a counter is wrong. */
  assertInvariants(): void {
    const all = allOf(this.#byParent)
    const bytes = all.reduce((sum, { block }) => sum + block.raw.length, 0)
    const perSource = [...this.#countOf.values()]
    assert(all.length === this.#count, 'held blocks are counted')
    assert(this.#count <= MAX_HELD_BLOCKS, 'held blocks are bounded')
    assert(bytes === this.#bytes && bytes <= MAX_HELD_BYTES, 'their bytes are counted and bounded')
    assert(
      perSource.every((count) => count > 0 && count <= MAX_HELD_BLOCKS_PER_PEER),
      'no peer is over its quota',
    )
    const sum = perSource.reduce((total, count) => total + count, 0)
    assert(sum === this.#count, 'every held block has one sender')
    assert(allOf(this.#byHash).length === this.#count, 'every held block is found by its hash')
  }

  #twinOf({ hash, raw }: Block): Held | undefined {
    return [...(this.#byHash.get(hash) ?? [])].find(({ block }) => equalBytes(block.raw, raw))
  }

  #fits(block: Block, from: Source): boolean {
    return (
      this.#count < MAX_HELD_BLOCKS &&
      this.#bytes + block.raw.length <= MAX_HELD_BYTES &&
      (this.#countOf.get(from) ?? 0) < MAX_HELD_BLOCKS_PER_PEER
    )
  }

  /** Ends: a block's hash covers that of its parent, so there is no circle. */
  #missingBelow({ header }: Block, from: Source): MissingBlock {
    let lowest = header
    for (;;) {
      const [held] = this.#byHash.get(lowest.parentHash) ?? []
      if (held === undefined) break
      lowest = held.block.header
    }
    return { hash: lowest.parentHash, number: lowest.number - 1n, from }
  }

  #add(block: Block, from: Source, answer: Answer): void {
    const cancelExpiry = this.#parts.clock.after(HELD_BLOCK_LIFE_MS, () =>
      this.#release(held, 'gone'),
    )
    const held: Held = { block, from, answers: [answer], cancelExpiry }
    addTo(this.#byParent, block.header.parentHash, held)
    addTo(this.#byHash, block.hash, held)
    this.#countOf.set(from, (this.#countOf.get(from) ?? 0) + 1)
    this.#count += 1
    this.#bytes += block.raw.length
  }

  #release(held: Held, outcome: 'ready' | 'gone'): void {
    const { block, from } = held
    if (!removeFrom(this.#byParent, block.header.parentHash, held)) return
    removeFrom(this.#byHash, block.hash, held)
    const left = (this.#countOf.get(from) ?? 0) - 1
    if (left > 0) this.#countOf.set(from, left)
    else this.#countOf.delete(from)
    this.#count -= 1
    this.#bytes -= block.raw.length
    held.cancelExpiry()
    for (const answer of held.answers) answer(outcome)
  }
}

function addTo(index: Map<Hash, Set<Held>>, hash: Hash, held: Held): void {
  index.set(hash, (index.get(hash) ?? new Set()).add(held))
}

/** False if it was not there. */
function removeFrom(index: Map<Hash, Set<Held>>, hash: Hash, held: Held): boolean {
  const all = index.get(hash)
  if (all?.delete(held) !== true) return false
  if (all.size === 0) index.delete(hash)
  return true
}

function allOf(index: ReadonlyMap<Hash, ReadonlySet<Held>>): Held[] {
  return [...index.values()].flatMap((all) => [...all])
}
