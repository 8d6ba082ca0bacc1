import type { Address } from '../crypto/address.ts'
import { keccak256Hash, type Hash } from '../crypto/keccak.ts'
import { assert } from '../lib/assert.ts'
import { bigintToBytes, hexToBytes } from '../lib/bytes.ts'
import { encodeRlp, type RlpItem } from '../lib/rlp.ts'
import { blockDefect, type BlockDefect } from './defect.ts'
import { ItemReader } from './itemReader.ts'
import { MAX_EXTRA_DATA_BYTES } from './limits.ts'

/**
 * An Ethereum block header of any fork; the optional fields appear in the order of the forks that
 * added them.
 */
export interface Header {
  readonly parentHash: Hash
  readonly unclesHash: Hash
  readonly coinbase: Address
  readonly stateRoot: Hash
  readonly transactionsRoot: Hash
  readonly receiptsRoot: Hash
  /** 256 bytes. */
  readonly logsBloom: Uint8Array
  readonly difficulty: bigint
  readonly number: bigint
  readonly gasLimit: bigint
  readonly gasUsed: bigint
  /** Unix time in seconds. */
  readonly timestamp: bigint
  readonly extraData: Uint8Array
  readonly mixHash: Hash
  /** 8 bytes. */
  readonly nonce: Uint8Array
  /** London, EIP-1559; wei per gas. */
  readonly baseFeePerGas?: bigint
  /** Shanghai, EIP-4895. */
  readonly withdrawalsRoot?: Hash
  /** Cancun, EIP-4844. */
  readonly blobGasUsed?: bigint
  /** Cancun, EIP-4844. */
  readonly excessBlobGas?: bigint
  /** Cancun, EIP-4788. */
  readonly parentBeaconBlockRoot?: Hash
  /** Prague, EIP-7685. */
  readonly requestsHash?: Hash
}

/** How many fields a header has, by fork: Frontier, London, Shanghai, Cancun, Prague. */
export const HEADER_FIELD_COUNTS = [15, 16, 17, 20, 21] as const

const [, LONDON_FIELDS, SHANGHAI_FIELDS, CANCUN_FIELDS, PRAGUE_FIELDS] = HEADER_FIELD_COUNTS

/** Size of the logs bloom of a header (Yellow Paper, section 4.3). */
export const BLOOM_BYTES = 256

const UINT64_BYTES = 8
const UINT256_BYTES = 32
/**
 * Total difficulty stays far under 2^256 with this; the highest ever seen on a public chain needs 7
 * bytes.
 */
const DIFFICULTY_BYTES = 10

/**
 * The header's place in an RLP structure. Throws an Error where a later fork's field stands without
 * an earlier one's.
 */
export function headerToRlp(header: Header): readonly RlpItem[] {
  const later = laterFields(header)
  const firstAbsent = later.findIndex((field) => field === undefined)
  const present = later.filter((field) => field !== undefined)
  const fields = [...frontierFields(header), ...present]
  const contiguous = firstAbsent === -1 || firstAbsent === present.length
  assert(
    contiguous && HEADER_FIELD_COUNTS.some((known) => known === fields.length),
    `a header with the fields of no fork: ${fields.length} fields`,
  )
  return fields
}

/** RLP of all fields present. */
export function encodeHeader(header: Header): Uint8Array {
  return encodeRlp(headerToRlp(header))
}

/** The block's identity: keccak256 of the encoded header. */
export function headerHash(header: Header): Hash {
  return keccak256Hash(encodeHeader(header))
}

/**
 * The header in a decoded RLP item; its number of fields tells the fork it has the shape of. Every
 * header has exactly one encoding: integers without leading zeros, fields of their exact size. Byte
 * fields are views.
 */
export function decodeHeader(item: RlpItem): Header | BlockDefect {
  if (item instanceof Uint8Array)
    return blockDefect('header-not-a-list', 'the header is a byte string')
  if (!HEADER_FIELD_COUNTS.some((count) => count === item.length))
    return blockDefect('header-field-count', `no fork has headers of ${item.length} fields`)
  const reader = new ItemReader(item, 'header-field-malformed')
  const header = { ...readFrontierFields(reader), ...readLaterFields(reader, item.length) }
  if (reader.defect !== undefined) return reader.defect
  return extraDataDefect(header) ?? header
}

function frontierFields(header: Header): RlpItem[] {
  return [
    hexToBytes(header.parentHash),
    hexToBytes(header.unclesHash),
    hexToBytes(header.coinbase),
    hexToBytes(header.stateRoot),
    hexToBytes(header.transactionsRoot),
    hexToBytes(header.receiptsRoot),
    header.logsBloom,
    bigintToBytes(header.difficulty),
    bigintToBytes(header.number),
    bigintToBytes(header.gasLimit),
    bigintToBytes(header.gasUsed),
    bigintToBytes(header.timestamp),
    header.extraData,
    hexToBytes(header.mixHash),
    header.nonce,
  ]
}

function laterFields(header: Header): (RlpItem | undefined)[] {
  return [
    integerField(header.baseFeePerGas),
    hashField(header.withdrawalsRoot),
    integerField(header.blobGasUsed),
    integerField(header.excessBlobGas),
    hashField(header.parentBeaconBlockRoot),
    hashField(header.requestsHash),
  ]
}

function integerField(value: bigint | undefined): Uint8Array | undefined {
  return value === undefined ? undefined : bigintToBytes(value)
}

function hashField(value: Hash | undefined): Uint8Array | undefined {
  return value === undefined ? undefined : hexToBytes(value)
}

function readFrontierFields(reader: ItemReader): Header {
  return {
    parentHash: reader.hash('parentHash'),
    unclesHash: reader.hash('unclesHash'),
    coinbase: reader.address('coinbase'),
    stateRoot: reader.hash('stateRoot'),
    transactionsRoot: reader.hash('transactionsRoot'),
    receiptsRoot: reader.hash('receiptsRoot'),
    logsBloom: reader.fixedBytes('logsBloom', BLOOM_BYTES),
    difficulty: reader.integer('difficulty', DIFFICULTY_BYTES),
    number: reader.integer('number', UINT64_BYTES),
    gasLimit: reader.integer('gasLimit', UINT64_BYTES),
    gasUsed: reader.integer('gasUsed', UINT64_BYTES),
    timestamp: reader.integer('timestamp', UINT64_BYTES),
    extraData: reader.bytes('extraData'),
    mixHash: reader.hash('mixHash'),
    nonce: reader.fixedBytes('nonce', 8),
  }
}

function readLaterFields(reader: ItemReader, count: number): Partial<Header> {
  return {
    ...(count >= LONDON_FIELDS && {
      baseFeePerGas: reader.integer('baseFeePerGas', UINT256_BYTES),
    }),
    ...(count >= SHANGHAI_FIELDS && { withdrawalsRoot: reader.hash('withdrawalsRoot') }),
    ...(count >= CANCUN_FIELDS && {
      blobGasUsed: reader.integer('blobGasUsed', UINT64_BYTES),
      excessBlobGas: reader.integer('excessBlobGas', UINT64_BYTES),
      parentBeaconBlockRoot: reader.hash('parentBeaconBlockRoot'),
    }),
    ...(count >= PRAGUE_FIELDS && { requestsHash: reader.hash('requestsHash') }),
  }
}

function extraDataDefect(header: Header): BlockDefect | undefined {
  const length = header.extraData.length
  if (length <= MAX_EXTRA_DATA_BYTES) return undefined
  const message = `extra data of ${length} bytes, more than ${MAX_EXTRA_DATA_BYTES}`
  return blockDefect('header-extra-data-too-large', message)
}
