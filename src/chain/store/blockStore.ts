import type { Block } from '../../block/block.ts'
import type { Receipt } from '../../block/receipt.ts'
import type { Address } from '../../crypto/address.ts'
import type { Hash } from '../../crypto/keccak.ts'
import { assert } from '../../lib/assert.ts'
import { Emitter } from '../../lib/emitter.ts'

/** A block with what its execution left behind. */
export interface StoredBlock {
  readonly block: Block
  /** `undefined` on a chain that executes nothing. */
  readonly receipts: readonly Receipt[] | undefined
  readonly totalDifficulty: bigint
  /**
   * Who signed each transaction, where they were given: kept, so that nobody has to recover them
   * again.
   */
  readonly senders?: readonly Address[]
}

/** Where a transaction stands in the canonical chain. */
export interface TxLocation {
  readonly block: Block
  readonly index: number
}

/** A block that was kept and cannot be read any more. */
export interface DamagedBlock {
  readonly hash: Hash
  readonly number: bigint
}

/**
 * Keeps blocks for a chain, in memory or elsewhere. Old canonical blocks may be gone; the genesis
 * never is.
 */
export interface BlockStore {
  /** Tells of each damaged block when somebody asks for it. */
  readonly damaged: Emitter<DamagedBlock>
  get(hash: Hash): StoredBlock | undefined
  /**
   * Whether a block of this hash and number is kept. For a new one it is the cheaper question: no
   * disk is read.
   */
  has(hash: Hash, number: bigint): boolean
  /** Keeps a block that is not canonical yet. */
  put(stored: StoredBlock): void
  /** Forgets a block that will never be canonical. */
  delete(hash: Hash): void
  /** Makes blocks leave the canonical chain and others join it, both oldest first. */
  reorganise(dropped: readonly Block[], added: readonly Block[]): void
  canonical(number: bigint): StoredBlock | undefined
  location(txHash: Hash): TxLocation | undefined
  /** The same among the blocks in memory. */
  recentLocation(txHash: Hash): TxLocation | undefined
  /** Keeps a canonical block again that was damaged. */
  mend(stored: StoredBlock): void
  /** Whether the block of this number is the canonical one by its hash, be it readable or not. */
  isCanonical(hash: Hash, number: bigint): boolean
  assertInvariants(): void
}

/** How much a store keeps. */
export interface BlockStoreBounds {
  readonly maxBlocks: number
  readonly maxBytes: number
  /** The newest canonical blocks that stay whatever their size. */
  readonly minBlocks: number
}

/**
 * Keeps blocks in memory: the genesis, side blocks until they are deleted, the newest canonical
 * ones within bounds.
 */
export class MemoryBlockStore implements BlockStore {
  /** Memory does not decay. */
  readonly damaged = new Emitter<DamagedBlock>()
  readonly #bounds: BlockStoreBounds
  readonly #genesis: StoredBlock
  readonly #base: StoredBlock
  readonly #blocks = new Map<Hash, StoredBlock>()
  readonly #hashes = new Map<bigint, Hash>()
  readonly #locations = new Map<Hash, { readonly block: Hash; readonly index: number }>()
  /** Numbers and bytes of the canonical blocks above the genesis. */
  #oldest = 1n
  #newest = 0n
  #bytes = 0

  /**
   * @param base the canonical block on which the first one joins; it stays, as the genesis does.
   */
  constructor(genesis: StoredBlock, bounds: BlockStoreBounds, base = genesis) {
    assert(bounds.minBlocks <= bounds.maxBlocks, 'the blocks that must stay fit in the store')
    this.#bounds = bounds
    this.#genesis = genesis
    this.#base = base
    for (const stored of [genesis, base]) {
      this.#blocks.set(stored.block.hash, stored)
      this.#hashes.set(stored.block.header.number, stored.block.hash)
    }
    this.#newest = base.block.header.number
    this.#oldest = this.#newest + 1n
  }

  get(hash: Hash): StoredBlock | undefined {
    return this.#blocks.get(hash)
  }

  has(hash: Hash): boolean {
    return this.#blocks.has(hash)
  }

  /** Every block from this number on that is kept at all is kept here. */
  get oldest(): bigint {
    return this.#oldest
  }

  put(stored: StoredBlock): void {
    this.#blocks.set(stored.block.hash, stored)
  }

  delete(hash: Hash): void {
    this.#blocks.delete(hash)
  }

  reorganise(dropped: readonly Block[], added: readonly Block[]): void {
    for (const block of dropped.toReversed()) this.#leave(block)
    for (const block of added) this.#join(block)
    this.#trim()
  }

  canonical(number: bigint): StoredBlock | undefined {
    const hash = this.#hashes.get(number)
    return hash === undefined ? undefined : this.#blocks.get(hash)
  }

  location(txHash: Hash): TxLocation | undefined {
    const at = this.#locations.get(txHash)
    const block = at && this.#blocks.get(at.block)?.block
    return block === undefined || at === undefined ? undefined : { block, index: at.index }
  }

  recentLocation(txHash: Hash): TxLocation | undefined {
    return this.location(txHash)
  }

  mend(): void {
    assert(false, 'nothing in memory was damaged')
  }

  isCanonical(hash: Hash, number: bigint): boolean {
    return this.#hashes.get(number) === hash
  }

  assertInvariants(): void {
    let bytes = 0
    let transactions = 0
    for (let number = this.#oldest; number <= this.#newest; number++) {
      const block = this.canonical(number)?.block
      assert(block?.header.number === number, `canonical block ${number} is in the store`)
      bytes += block.raw.length
      transactions += block.transactions.length
      for (const [index, { hash }] of block.transactions.entries())
        assert(this.location(hash)?.index === index, `transaction ${hash} is found`)
    }
    assert(bytes === this.#bytes, 'the bytes of the canonical blocks are counted')
    assert(transactions === this.#locations.size, 'every location is that of a canonical block')
    const fixed = this.#base === this.#genesis ? 1 : 2
    assert(this.#hashes.size === this.#count + fixed, 'every canonical number is of a block kept')
    assert(this.canonical(0n) === this.#genesis, 'the genesis is kept')
    assert(!this.#isOverfull(), 'the store is within its bounds')
  }

  get #count(): number {
    return Number(this.#newest - this.#oldest + 1n)
  }

  #join(block: Block): void {
    const { number } = block.header
    assert(number === this.#newest + 1n, `block ${number} joins on top of ${this.#newest}`)
    this.#hashes.set(number, block.hash)
    for (const [index, tx] of block.transactions.entries())
      this.#locations.set(tx.hash, { block: block.hash, index })
    this.#newest = number
    this.#bytes += block.raw.length
  }

  #leave(block: Block): void {
    const { number } = block.header
    assert(number === this.#newest, `block ${number} leaves from the top, ${this.#newest}`)
    this.#hashes.delete(number)
    for (const tx of block.transactions) this.#locations.delete(tx.hash)
    this.#newest = number - 1n
    this.#bytes -= block.raw.length
  }

  #trim(): void {
    while (this.#isOverfull()) {
      const oldest = this.canonical(this.#oldest)?.block
      assert(oldest !== undefined, `canonical block ${this.#oldest} is in the store`)
      this.#hashes.delete(this.#oldest)
      for (const tx of oldest.transactions) this.#locations.delete(tx.hash)
      this.#blocks.delete(oldest.hash)
      this.#bytes -= oldest.raw.length
      this.#oldest += 1n
    }
  }

  #isOverfull(): boolean {
    const { minBlocks, maxBlocks, maxBytes } = this.#bounds
    if (this.#count > maxBlocks) return true
    return this.#count > minBlocks && this.#bytes > maxBytes
  }
}
