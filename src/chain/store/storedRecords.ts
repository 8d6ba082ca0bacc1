/**
 * What the chain keeps on disk, record by record.
 *
 *     'm'                          format version, genesis hash, ledger, the rules of the chain
 *     'b' number hash              a block with what its execution left behind, canonical or not
 *     'h' hash (16 bytes)          the number of a block: the way to its 'b'
 *     'n' number                   the hash of the canonical block
 *     't' hash (12 bytes)          number and index of a transaction
 *     's' number part              the accounts after a block, in parts; see stateSnapshots.ts
 *
 * Numbers have 8 bytes, the highest first, so that the order of keys is the order of blocks. A
 * record begins with the CRC-32 of its key and of what follows: one that was damaged, or stands at
 * another's place, is found out when it is read. The short values of 'h' and 't' carry none: each
 * is checked against the block that it leads to.
 */
import { crc32 } from 'node:zlib'
import { decodeBlock } from '../../block/block.ts'
import type { Log } from '../../block/bloom.ts'
import { logsBloom } from '../../block/bloom.ts'
import { isBlockDefect } from '../../block/defect.ts'
import type { Receipt } from '../../block/receipt.ts'
import { asAddress, type Address } from '../../crypto/address.ts'
import { asHash, type Hash } from '../../crypto/keccak.ts'
import { bigintToBytes, bytesToBigint, EMPTY_BYTES, hexToBytes } from '../../lib/bytes.ts'
import { decodeRlp, encodeRlp, type RlpItem } from '../../lib/rlp.ts'
import type { StoredBlock } from './blockStore.ts'

/** The key of the record that says the format of the database. */
export const FORMAT_KEY = Uint8Array.of(0x6d)

const BLOCK = 0x62
const HASH = 0x68
const NUMBER = 0x6e
const LOCATION = 0x74
const SNAPSHOT = 0x73

const HASH_KEY_BYTES = 16
const LOCATION_KEY_BYTES = 12
const LOCATION_BYTES = 8
const CHECKSUM_BYTES = 4
const ADDRESS_BYTES = 20
/** In place of a status: the receipt has a state root (before Byzantium). */
const HAS_POST_STATE = 2

/** The key of a block. */
export function blockKey(number: bigint, hash: Hash): Uint8Array {
  return key(BLOCK, number, hash, 32)
}

/** Every key of a block's record of this number or above is at least this one. */
export function firstBlockKey(number: bigint): Uint8Array {
  return key(BLOCK, number)
}

/** Above every key of a block. */
export const END_OF_BLOCKS = Uint8Array.of(BLOCK + 1)

/** The key under which the number of a block is found by its hash. */
export function hashKey(hash: Hash): Uint8Array {
  return key(HASH, undefined, hash, HASH_KEY_BYTES)
}

/** The key of the canonical block of a number. */
export function numberKey(number: bigint): Uint8Array {
  return key(NUMBER, number)
}

/** Above every key of a canonical number. */
export const END_OF_NUMBERS = Uint8Array.of(NUMBER + 1)

/** The key under which the place of a transaction is found by its hash. */
export function locationKey(txHash: Hash): Uint8Array {
  return key(LOCATION, undefined, txHash, LOCATION_KEY_BYTES)
}

/** The last part of a snapshot says what belongs to it. */
export const SNAPSHOT_END = 0xffff_ffff

/** The key of one part of a snapshot. */
export function snapshotKey(number: bigint, part: number): Uint8Array {
  const bytes = Buffer.alloc(13)
  bytes[0] = SNAPSHOT
  bytes.writeBigUInt64BE(number, 1)
  bytes.writeUInt32BE(part, 9)
  return bytes
}

/** Below every key of a snapshot. */
export const FIRST_SNAPSHOT_KEY = Uint8Array.of(SNAPSHOT)
/** Above every key of a snapshot. */
export const END_OF_SNAPSHOTS = Uint8Array.of(SNAPSHOT + 1)

/** The number in a key of a block, a canonical number or a snapshot. */
export function numberOfKey(bytes: Uint8Array): bigint {
  return bytesToBigint(bytes.subarray(1, 9))
}

/** The hash in a key of a block. */
export function hashOfBlockKey(bytes: Uint8Array): Hash {
  return asHash(bytes.subarray(9))
}

/** A record of `payload` under a key. */
export function sealRecord(recordKey: Uint8Array, payload: Uint8Array): Uint8Array {
  const record = Buffer.allocUnsafe(CHECKSUM_BYTES + payload.length)
  record.writeUInt32BE(crc32(payload, crc32(recordKey)), 0)
  record.set(payload, CHECKSUM_BYTES)
  return record
}

/** What was sealed under this key; `undefined` where the record is not as it was written. */
export function openRecord(recordKey: Uint8Array, record: Uint8Array): Uint8Array | undefined {
  if (record.length < CHECKSUM_BYTES) return undefined
  const payload = record.subarray(CHECKSUM_BYTES)
  const checksum = bytesToBigint(record.subarray(0, CHECKSUM_BYTES))
  return BigInt(crc32(payload, crc32(recordKey))) === checksum ? payload : undefined
}

/**
 * The records of where the transactions of a block are: number and index, 8 bytes. They are the
 * most numerous by far, so the keys of a block are made at once, and all values have the same
 * memory: each is there until the next is asked for.
 */
export function* locationRecords(
  number: bigint,
  transactions: readonly { readonly hash: Hash }[],
): Iterable<readonly [key: Uint8Array, value: Uint8Array]> {
  const keys = Buffer.from(transactions.map(({ hash }) => hexLocationKey(hash)).join(''), 'hex')
  const value = Buffer.allocUnsafe(LOCATION_BYTES)
  value.writeUIntBE(Number(number), 0, 6)
  for (const index of transactions.keys()) {
    const at = index * (1 + LOCATION_KEY_BYTES)
    value.writeUInt16BE(index, 6)
    yield [keys.subarray(at, at + 1 + LOCATION_KEY_BYTES), value]
  }
}

function hexLocationKey(hash: Hash): string {
  return LOCATION.toString(16) + hash.slice(2, 2 + 2 * LOCATION_KEY_BYTES)
}

/** Reads the place of a transaction: the number of its block, and its index there. */
export function decodeLocation(bytes: Uint8Array): { number: bigint; index: number } {
  return {
    number: bytesToBigint(bytes.subarray(0, 6)),
    index: Number(bytesToBigint(bytes.subarray(6, 8))),
  }
}

/** The bytes of a block as the store keeps it, with receipts and senders where they are known. */
export function encodeStoredBlock({ block, receipts, totalDifficulty, senders }: StoredBlock) {
  return encodeRlp([
    block.raw,
    bigintToBytes(totalDifficulty),
    packAddresses(senders ?? []),
    receipts === undefined ? EMPTY_BYTES : receiptsItem(receipts),
  ])
}

/** `undefined` where the bytes are no block as it is kept. */
export function decodeStoredBlock(bytes: Uint8Array): StoredBlock | undefined {
  const item = decodeRlp(bytes)
  if (!isList(item)) return undefined
  const [raw, difficulty, senders, receipts] = item
  if (!isBytes(raw) || !isBytes(difficulty) || !isBytes(senders) || receipts === undefined)
    return undefined
  const block = decodeBlock(raw)
  if (isBlockDefect(block)) return undefined
  return {
    block,
    receipts: isBytes(receipts)
      ? undefined
      : block.transactions.map(({ type }, index) => ({ type, ...receiptAt(receipts, index) })),
    totalDifficulty: bytesToBigint(difficulty),
    senders: unpackAddresses(senders),
  }
}

function key(prefix: number, number: bigint | undefined, hash?: Hash, hashBytes = 0): Uint8Array {
  const at = number === undefined ? 1 : 9
  const bytes = Buffer.allocUnsafe(at + hashBytes)
  bytes[0] = prefix
  if (number !== undefined) bytes.writeBigUInt64BE(number, 1)
  if (hash !== undefined) bytes.write(hash.slice(2, 2 + 2 * hashBytes), at, 'hex')
  return bytes
}

function packAddresses(addresses: readonly Address[]): Uint8Array {
  return Buffer.from(addresses.map((address) => address.slice(2)).join(''), 'hex')
}

function unpackAddresses(packed: Uint8Array): Address[] {
  return Array.from({ length: packed.length / ADDRESS_BYTES }, (_, index) =>
    asAddress(packed.subarray(index * ADDRESS_BYTES, (index + 1) * ADDRESS_BYTES)),
  )
}

/**
 * Receipts side by side rather than one after another: what all have alike takes a byte or none.
 */
function receiptsItem(receipts: readonly Receipt[]): RlpItem {
  const statuses = Buffer.allocUnsafe(receipts.length)
  const gas = new DataView(new ArrayBuffer(receipts.length * 8))
  const postStates: Uint8Array[] = []
  let hasLogs = false
  for (const [index, receipt] of receipts.entries()) {
    const { status, postState, cumulativeGasUsed, logs } = receipt
    statuses[index] = postState === undefined ? (status ?? 0) : HAS_POST_STATE
    gas.setBigUint64(index * 8, cumulativeGasUsed)
    if (postState !== undefined) postStates.push(hexToBytes(postState))
    hasLogs ||= logs.length > 0
  }
  const logs = hasLogs ? receipts.map((receipt) => receipt.logs.map(logItem)) : []
  return [statuses, new Uint8Array(gas.buffer), postStates, logs]
}

function receiptAt(item: readonly RlpItem[], index: number): Omit<Receipt, 'type'> {
  const [statuses, gas, postStates, allLogs] = item
  const status = isBytes(statuses) ? (statuses[index] ?? 0) : 0
  const logs = isList(allLogs) && isList(allLogs[index]) ? allLogs[index].map(logOf) : []
  const postState = isList(postStates) ? postStates[index] : undefined
  const cumulativeGasUsed = isBytes(gas)
    ? bytesToBigint(gas.subarray(index * 8, index * 8 + 8))
    : 0n
  const common = { cumulativeGasUsed, logsBloom: logsBloom(logs), logs }
  return status === HAS_POST_STATE && isBytes(postState)
    ? { ...common, postState: asHash(postState) }
    : { ...common, status: status === 1 ? 1 : 0 }
}

function logItem({ address, topics, data }: Log): RlpItem {
  return [hexToBytes(address), topics.map(hexToBytes), data]
}

function logOf(item: RlpItem): Log {
  const [address, topics, data] = isList(item) ? item : []
  return {
    address: asAddress(isBytes(address) ? address : EMPTY_BYTES),
    topics: isList(topics) ? topics.filter(isBytes).map(asHash) : [],
    data: isBytes(data) ? data : EMPTY_BYTES,
  }
}

function isBytes(item: RlpItem | undefined): item is Uint8Array {
  return item instanceof Uint8Array
}

function isList(item: RlpItem | string | undefined): item is readonly RlpItem[] {
  return Array.isArray(item)
}
