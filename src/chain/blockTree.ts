/**
 * The blocks near the head and how they descend from each other.
 *
 * - The root is a canonical block; every other block's parent is in the tree, one number below.
 * - The head is the best block of the tree by the fork choice, whose order is total: the same
 *   blocks give the same head in whatever order they come. Where there is an anchor, a justified
 *   block, only blocks that descend from it count (Casper FFG, section 3: the fork choice starts at
 *   the highest justified checkpoint).
 * - The canonical chain is the path from the root to the head. Blocks off it are side blocks.
 * - The root follows the head at a distance of at most `maxDepth`. What does not descend from the
 *   new root is dropped: no reorganisation reaches below the root.
 */
import type { Header } from '../block/header.ts'
import type { Hash } from '../crypto/keccak.ts'
import { assert } from '../lib/assert.ts'
import type { ForkChoice, HeadCandidate } from './rules/forkChoice.ts'
import type { State } from './state.ts'

/** A block that can still be built on. */
export interface TreeBlock extends HeadCandidate {
  readonly header: Header
  /** After the block; `undefined` on a chain that keeps no states. */
  readonly state: State | undefined
}

/**
 * What adding a block did to the canonical chain, oldest first, and which blocks the tree let go.
 */
export interface TreeChange {
  readonly added: readonly TreeBlock[]
  readonly dropped: readonly TreeBlock[]
  /** Side blocks that can no longer become canonical. */
  readonly pruned: readonly TreeBlock[]
}

const NO_CHANGE: TreeChange = { added: [], dropped: [], pruned: [] }

/** The recent blocks of all branches, and which of them is the head. */
export class BlockTree {
  readonly #forkChoice: ForkChoice
  readonly #maxDepth: bigint
  readonly #blocks = new Map<Hash, TreeBlock>()
  readonly #children = new Map<Hash, TreeBlock[]>()
  #root: TreeBlock
  #head: TreeBlock
  /** By number, from root to head. */
  readonly #canonical = new Map<bigint, TreeBlock>()
  /** What the head must descend from; nothing where that is below the root. */
  #anchor: TreeBlock | undefined
  /** The anchor and what descends from it. */
  readonly #anchored = new Set<Hash>()

  constructor(root: TreeBlock, forkChoice: ForkChoice, maxDepth: number) {
    this.#forkChoice = forkChoice
    this.#maxDepth = BigInt(maxDepth)
    this.#root = root
    this.#head = root
    this.#blocks.set(root.hash, root)
    this.#canonical.set(root.number, root)
  }

  get root(): TreeBlock {
    return this.#root
  }

  get head(): TreeBlock {
    return this.#head
  }

  get sideBlockCount(): number {
    return this.#blocks.size - this.#canonical.size
  }

  get(hash: Hash): TreeBlock | undefined {
    return this.#blocks.get(hash)
  }

  /** Whether a block whose parent is in the tree is to be the head. */
  isBetterThanHead(candidate: TreeBlock): boolean {
    return this.#mayBeHead(candidate) && this.#forkChoice(candidate, this.#head) > 0
  }

  /** From now on the head descends from this block of the tree. */
  anchor(hash: Hash): TreeChange {
    const anchor = this.#blocks.get(hash)
    assert(anchor !== undefined, `the anchor ${hash} is in the tree`)
    this.#anchor = anchor
    this.#anchored.clear()
    let best = anchor
    for (const block of this.#descendantsOf(anchor)) {
      this.#anchored.add(block.hash)
      if (this.#forkChoice(block, best) > 0) best = block
    }
    return best === this.#head ? NO_CHANGE : this.#moveHead(best)
  }

  /**
   * Drops every branch that leaves the canonical chain below its block of this number; answers what
   * it dropped.
   */
  dropBranchesBelow(number: bigint): readonly TreeBlock[] {
    const pruned: TreeBlock[] = []
    for (let at = this.#root.number; at < number; at++) {
      const block = this.#canonical.get(at)
      const next = this.#canonical.get(at + 1n)
      if (block === undefined || next === undefined) break
      for (const child of this.#children.get(block.hash) ?? [])
        if (child !== next) this.#prune(child, pruned)
      this.#children.set(block.hash, [next])
    }
    return pruned
  }

  /** Adds a block that is not in the tree and whose parent is. */
  add(block: TreeBlock): TreeChange {
    const parent = this.#blocks.get(block.header.parentHash)
    assert(parent !== undefined, `the parent of ${block.hash} is in the tree`)
    assert(!this.#blocks.has(block.hash), `${block.hash} is added to the tree once`)
    this.#blocks.set(block.hash, block)
    this.#children.set(parent.hash, [...(this.#children.get(parent.hash) ?? []), block])
    if (this.#anchored.has(parent.hash)) this.#anchored.add(block.hash)
    return this.isBetterThanHead(block) ? this.#moveHead(block) : NO_CHANGE
  }

  /** Throws where a property of the file's header does not hold. */
  assertInvariants(): void {
    assert(this.#mayBeHead(this.#head), 'the head descends from the anchor')
    for (const block of this.#blocks.values()) {
      const isCandidate = this.#mayBeHead(block)
      assert(
        !isCandidate || this.#forkChoice(this.#head, block) >= 0,
        `the head is better than ${block.hash}`,
      )
      if (block === this.#root) continue
      const parent = this.#blocks.get(block.header.parentHash)
      assert(parent?.number === block.number - 1n, `the parent of ${block.hash} is one below it`)
      assert(this.#children.get(parent.hash)?.includes(block) === true, 'a parent knows its child')
    }
    assert(this.#head.number - this.#root.number <= this.#maxDepth, 'the root follows the head')
    this.#assertCanonical()
  }

  #mayBeHead({ hash, header }: TreeBlock): boolean {
    if (this.#anchor === undefined || hash === this.#anchor.hash) return true
    return this.#anchored.has(header.parentHash)
  }

  /** The block itself, and all that descend from it. A block that was handed out may be dropped. */
  *#descendantsOf(top: TreeBlock): Iterable<TreeBlock> {
    const waiting = [top]
    for (let block = waiting.pop(); block !== undefined; block = waiting.pop()) {
      waiting.push(...(this.#children.get(block.hash) ?? []))
      yield block
    }
  }

  #assertCanonical(): void {
    let block: TreeBlock | undefined = this.#head
    let count = 0
    for (; block !== undefined; block = this.get(block.header.parentHash)) {
      assert(this.#canonical.get(block.number) === block, `${block.hash} is canonical`)
      count++
    }
    assert(count === this.#canonical.size, 'the canonical chain has no more than its blocks')
    const children = [...this.#children.values()].flat()
    assert(children.length === this.#blocks.size - 1, 'every block but the root is a child once')
  }

  #moveHead(head: TreeBlock): TreeChange {
    const added = this.#branchOf(head)
    const fork = (added[0]?.number ?? head.number) - 1n
    const dropped: TreeBlock[] = []
    for (let number = fork + 1n; number <= this.#head.number; number++) {
      const block = this.#canonical.get(number)
      if (block !== undefined) dropped.push(block)
      this.#canonical.delete(number)
    }
    for (const block of added) this.#canonical.set(block.number, block)
    this.#head = head
    return { added, dropped, pruned: this.#moveRoot() }
  }

  /** The blocks from the canonical chain, without its block, up to `tip`; oldest first. */
  #branchOf(tip: TreeBlock): TreeBlock[] {
    const branch: TreeBlock[] = []
    let block: TreeBlock | undefined = tip
    while (block !== undefined && this.#canonical.get(block.number) !== block) {
      branch.push(block)
      block = this.get(block.header.parentHash)
    }
    return branch.reverse()
  }

  #moveRoot(): TreeBlock[] {
    const pruned: TreeBlock[] = []
    while (this.#head.number - this.#root.number > this.#maxDepth) {
      const old = this.#root
      const next = this.#canonical.get(old.number + 1n)
      assert(next !== undefined, 'the canonical chain has no gap')
      for (const child of this.#children.get(old.hash) ?? [])
        if (child !== next) this.#prune(child, pruned)
      this.#children.delete(old.hash)
      this.#blocks.delete(old.hash)
      this.#canonical.delete(old.number)
      this.#anchored.delete(old.hash)
      if (this.#anchor === old) this.#freeAnchor()
      this.#root = next
    }
    return pruned
  }

  /** Everything that is left descends from it. */
  #freeAnchor(): void {
    this.#anchor = undefined
    this.#anchored.clear()
  }

  #prune(top: TreeBlock, pruned: TreeBlock[]): void {
    for (const block of this.#descendantsOf(top)) {
      this.#children.delete(block.hash)
      this.#blocks.delete(block.hash)
      this.#anchored.delete(block.hash)
      pruned.push(block)
    }
  }
}
