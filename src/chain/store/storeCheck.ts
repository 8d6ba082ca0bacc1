/** Whether the blocks on disk are whole, and what is done with those that are not. */
import { asHash, type Hash } from '../../crypto/keccak.ts'
import type { Database, RecordWrite } from './database.ts'
import { removal } from './diskBlockStore.ts'
import { storeLimits } from '../limits.ts'
import type { ForkPlace } from '../genesis/forkId.ts'
import type { Genesis } from '../genesis/genesis.ts'
import type { Quarantine } from './quarantine.ts'
import {
  blockKey,
  decodeStoredBlock,
  END_OF_BLOCKS,
  END_OF_NUMBERS,
  END_OF_SNAPSHOTS,
  firstBlockKey,
  hashOfBlockKey,
  numberKey,
  numberOfKey,
  openRecord,
  snapshotKey,
} from './storedRecords.ts'

const CHECKED_BLOCKS = BigInt(storeLimits.checkedBlocks)
/** Records that are moved to quarantine at once. */
const QUARANTINE_BATCH = 256

const MAX_TIMESTAMP = 2n ** 64n - 1n

/**
 * The first of the newest canonical blocks that is not on disk as it was written. Throws where
 * reading fails.
 */
export async function firstDamaged(database: Database): Promise<bigint | undefined> {
  const newest = await newestCanonical(database)
  let expected = newest > CHECKED_BLOCKS ? newest - CHECKED_BLOCKS : 1n
  let isThere = false
  for await (const [key, record] of database.range(firstBlockKey(expected), END_OF_BLOCKS)) {
    const number = numberOfKey(key)
    if (number > newest) break
    if (number > expected) {
      if (!isThere || number > expected + 1n) return isThere ? expected + 1n : expected
      expected = number
      isThere = false
    }
    if (isCanonical(database, key)) isThere = openRecord(key, record) !== undefined
  }
  if (expected > newest) return undefined
  if (!isThere) return expected
  return expected < newest ? expected + 1n : undefined
}

/** Moves the blocks from `number` on to quarantine, with all that is told of them. */
export async function dropFrom(
  database: Database,
  number: bigint,
  quarantine: Quarantine,
): Promise<void> {
  let records: (readonly [Uint8Array, Uint8Array])[] = []
  const flush = async (): Promise<void> => {
    await quarantine.append('blocks.records', records)
    database.write(
      records.flatMap(([key]) =>
        removal({ hash: hashOfBlockKey(key), header: { number: numberOfKey(key) } }),
      ),
    )
    records = []
  }
  for await (const entry of database.range(firstBlockKey(number), END_OF_BLOCKS)) {
    records.push(entry)
    if (records.length === QUARANTINE_BATCH) await flush()
  }
  await flush()
  await forget(database, numberKey(number), END_OF_NUMBERS)
  await forget(database, snapshotKey(number, 0), END_OF_SNAPSHOTS)
  await database.flushed()
}

async function forget(database: Database, from: Uint8Array, end: Uint8Array): Promise<void> {
  const removals: RecordWrite[] = []
  for await (const [key] of database.range(from, end)) removals.push([key, undefined])
  database.write(removals)
}

async function newestCanonical(database: Database): Promise<bigint> {
  const key = await database.lastKey(numberKey(0n), END_OF_NUMBERS)
  return key === undefined ? 0n : numberOfKey(key)
}

/**
 * How far the canonical chain has come. Where its newest block cannot be read, as far in time as
 * can be.
 */
export async function newestPlace(
  database: Database,
  { header }: Pick<Genesis, 'header'>,
): Promise<ForkPlace> {
  const number = await newestCanonical(database)
  if (number === 0n) return header
  const indexKey = numberKey(number)
  const index = database.get(indexKey)
  const hash = index && openRecord(indexKey, index)
  const key = hash && blockKey(number, asHash(hash))
  const record = key && database.get(key)
  const payload = record && openRecord(key, record)
  const timestamp = payload && decodeStoredBlock(payload)?.block.header.timestamp
  return { number, timestamp: timestamp ?? MAX_TIMESTAMP }
}

/**
 * Whether the index names the block of this key; where it names none, every block of the number
 * counts.
 */
export function isCanonical(database: Database, key: Uint8Array): boolean {
  const indexKey = numberKey(numberOfKey(key))
  const record = database.get(indexKey)
  const hash = record && openRecord(indexKey, record)
  return hash === undefined || sameHash(hash, hashOfBlockKey(key))
}

function sameHash(bytes: Uint8Array, hash: Hash): boolean {
  return bytes.length === 32 && asHash(bytes) === hash
}
