/**
 * Blocks on disk beneath the newest ones in memory.
 *
 * Everything is written as it happens, in the order in which it happens (database.ts), and answered
 * from memory as long as it is there; older blocks are read when somebody asks for them, and the
 * last read ones are kept. The hot path of a node never reads: what it asks for is among the
 * newest.
 *
 * While a chain is restored, its blocks above the base are not there until they are put again;
 * putting them writes nothing, since they are on disk. {@link DiskBlockStore.restored} then brings
 * the index in line with the chain.
 */
import type { Block } from '../../block/block.ts'
import { asHash, type Hash } from '../../crypto/keccak.ts'
import { assert } from '../../lib/assert.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import { bytesToBigint, hexToBytes } from '../../lib/bytes.ts'
import { Emitter } from '../../lib/emitter.ts'
import {
  MemoryBlockStore,
  type BlockStore,
  type BlockStoreBounds,
  type DamagedBlock,
  type StoredBlock,
  type TxLocation,
} from './blockStore.ts'
import type { Database, RecordWrite } from './database.ts'
import { storeLimits } from '../limits.ts'
import {
  blockKey,
  decodeLocation,
  decodeStoredBlock,
  encodeStoredBlock,
  END_OF_NUMBERS,
  hashKey,
  locationKey,
  locationRecords,
  numberKey,
  openRecord,
  sealRecord,
} from './storedRecords.ts'

/** Where blocks are kept, and from which one on. */
export interface DiskBlockStoreOptions {
  readonly database: Database
  readonly genesis: StoredBlock
  /** The block on which restoring begins. */
  readonly base: StoredBlock
  /** Of what is kept in memory. */
  readonly bounds: BlockStoreBounds
}

/** Blocks on disk, the recent ones in memory as well. */
export class DiskBlockStore implements BlockStore {
  readonly damaged = new Emitter<DamagedBlock>()
  readonly #database: Database
  readonly #memory: MemoryBlockStore
  readonly #cache = new BoundedMap<Hash, StoredBlock>(storeLimits.maxCachedBlocks)
  readonly #base: bigint
  #newest: bigint
  #isRestoring = true

  constructor({ database, genesis, base, bounds }: DiskBlockStoreOptions) {
    this.#database = database
    this.#memory = new MemoryBlockStore(genesis, bounds, base)
    this.#base = base.block.header.number
    this.#newest = this.#base
  }

  get(hash: Hash): StoredBlock | undefined {
    return this.#memory.get(hash) ?? this.#older(hash)
  }

  has(hash: Hash, number: bigint): boolean {
    if (this.#memory.has(hash)) return true
    return number < this.#memory.oldest && this.#older(hash) !== undefined
  }

  put(stored: StoredBlock): void {
    this.#memory.put(stored)
    if (!this.#isRestoring) this.#write(stored)
  }

  mend(stored: StoredBlock): void {
    this.#cache.set(stored.block.hash, stored)
    this.#write(stored)
  }

  isCanonical(hash: Hash, number: bigint): boolean {
    return this.#memory.isCanonical(hash, number) || this.#hashOnDisk(number) === hash
  }

  delete(hash: Hash): void {
    const stored = this.#memory.get(hash)
    this.#memory.delete(hash)
    if (stored !== undefined) this.#database.write(removal(stored.block))
  }

  reorganise(dropped: readonly Block[], added: readonly Block[]): void {
    this.#memory.reorganise(dropped, added)
    this.#newest = added.at(-1)?.header.number ?? this.#newest
    if (!this.#isRestoring) this.#database.write(placing(dropped, added))
  }

  canonical(number: bigint): StoredBlock | undefined {
    if (number < 0n || number > this.#newest) return undefined
    const kept = this.#memory.canonical(number)
    if (kept !== undefined || this.#isRestoring) return kept
    const hash = this.#hashOnDisk(number)
    return hash && this.get(hash)
  }

  location(txHash: Hash): TxLocation | undefined {
    return this.recentLocation(txHash) ?? this.#locationOnDisk(txHash)
  }

  recentLocation(txHash: Hash): TxLocation | undefined {
    return this.#memory.location(txHash)
  }

  /**
   * The chain stands: what is on disk follows it, and from now on what happens to it is written.
   */
  async restored(): Promise<void> {
    for (let number = this.#base + 1n; number <= this.#newest; number++) {
      const block = this.#memory.canonical(number)?.block
      if (block !== undefined && this.#hashOnDisk(number) !== block.hash)
        this.#database.write(place(block))
    }
    const above = this.#database.range(numberKey(this.#newest + 1n), END_OF_NUMBERS)
    for await (const [key] of above) this.#database.write([[key, undefined]])
    this.#isRestoring = false
  }

  assertInvariants(): void {
    this.#memory.assertInvariants()
    assert(this.canonical(this.#newest) !== undefined, 'the newest canonical block is there')
    this.#cache.assertInvariants()
  }

  #write(stored: StoredBlock): void {
    const { hash, header } = stored.block
    const key = blockKey(header.number, hash)
    this.#database.write([
      [key, sealRecord(key, encodeStoredBlock(stored))],
      [hashKey(hash), numberKey(header.number)],
    ])
  }

  #older(hash: Hash): StoredBlock | undefined {
    const cached = this.#cache.get(hash)
    if (cached !== undefined) return cached
    const number = this.#database.get(hashKey(hash))
    if (number === undefined) return undefined
    const stored = this.#read(bytesToBigint(number.subarray(1)), hash)
    if (stored !== undefined && stored.block.raw.length <= storeLimits.maxCachedBlockBytes)
      this.#cache.set(hash, stored)
    return stored
  }

  #read(number: bigint, hash: Hash): StoredBlock | undefined {
    if (this.#isRestoring && number > this.#base) return undefined
    const key = blockKey(number, hash)
    const record = this.#database.get(key)
    if (record === undefined) return undefined
    const payload = openRecord(key, record)
    const stored = payload && decodeStoredBlock(payload)
    if (stored !== undefined) return stored
    this.#database.noteDamage(`block ${number}, ${hash}`)
    this.damaged.emit({ hash, number })
    return undefined
  }

  #hashOnDisk(number: bigint): Hash | undefined {
    const key = numberKey(number)
    const record = this.#database.get(key)
    const payload = record && openRecord(key, record)
    return payload && asHash(payload)
  }

  /** What the record says is believed only if the block it leads to has the transaction. */
  #locationOnDisk(txHash: Hash): TxLocation | undefined {
    const record = this.#database.get(locationKey(txHash))
    if (record === undefined) return undefined
    const { number, index } = decodeLocation(record)
    const block = this.canonical(number)?.block
    return block?.transactions[index]?.hash === txHash ? { block, index } : undefined
  }
}

/** What a record of a block is found by. */
export interface BlockName {
  readonly hash: Hash
  readonly header: { readonly number: bigint }
}

/** What deletes the records of a block that is no longer kept. */
export function removal({ hash, header }: BlockName): RecordWrite[] {
  return [
    [blockKey(header.number, hash), undefined],
    [hashKey(hash), undefined],
  ]
}

function* placing(dropped: readonly Block[], added: readonly Block[]): Iterable<RecordWrite> {
  for (const block of dropped) yield* withoutPlace(block)
  for (const block of added) yield* place(block)
}

function* place({ hash, header, transactions }: Block): Iterable<RecordWrite> {
  const { number } = header
  const key = numberKey(number)
  yield [key, sealRecord(key, hexToBytes(hash))]
  yield* locationRecords(number, transactions)
}

function withoutPlace({ header, transactions }: Block): RecordWrite[] {
  return [
    [numberKey(header.number), undefined],
    ...transactions.map((tx): RecordWrite => [locationKey(tx.hash), undefined]),
  ]
}
