import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isBlockDefect } from '../../src/block/defect.ts'
import {
  decodeHeader,
  encodeHeader,
  headerHash,
  HEADER_FIELD_COUNTS,
  headerToRlp,
  type Header,
} from '../../src/block/header.ts'
import { MAX_EXTRA_DATA_BYTES } from '../../src/block/limits.ts'
import { asAddress } from '../../src/crypto/address.ts'
import { asHash, parseHash, type Hash } from '../../src/crypto/keccak.ts'
import { bytesToHex, hexToBytes } from '../../src/lib/bytes.ts'
import { decodeRlp, type RlpItem } from '../../src/lib/rlp.ts'
import { genesisHeader, ZERO_HASH } from '../builders/block.ts'
import { decoded, vectorChain } from '../builders/vectorChain.ts'

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const hash = bytesOf(32).map(asHash)
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })

const frontierHeader: fc.Arbitrary<Header> = fc.record({
  parentHash: hash,
  unclesHash: hash,
  coinbase: bytesOf(20).map(asAddress),
  stateRoot: hash,
  transactionsRoot: hash,
  receiptsRoot: hash,
  logsBloom: bytesOf(256),
  difficulty: fc.bigInt({ min: 0n, max: 2n ** 80n - 1n }),
  number: uint64,
  gasLimit: uint64,
  gasUsed: uint64,
  timestamp: uint64,
  extraData: fc.uint8Array({ maxLength: 200 }),
  mixHash: hash,
  nonce: bytesOf(8),
})

const london = { baseFeePerGas: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }) }
const shanghai = { ...london, withdrawalsRoot: hash }
const cancun = {
  ...shanghai,
  blobGasUsed: uint64,
  excessBlobGas: uint64,
  parentBeaconBlockRoot: hash,
}
const prague = { ...cancun, requestsHash: hash }

const anyHeader: fc.Arbitrary<Header> = fc
  .tuple(
    frontierHeader,
    fc.oneof(
      fc.constant({}),
      fc.record(london),
      fc.record(shanghai),
      fc.record(cancun),
      fc.record(prague),
    ),
  )
  .map(([first, later]) => ({ ...first, ...later }))

/** Field number `index` replaced. */
function withField(header: Header, index: number, item: RlpItem): RlpItem {
  return headerToRlp(header).with(index, item)
}

function reasonOf(item: RlpItem): string {
  const answer = decodeHeader(item)
  return isBlockDefect(answer) ? answer.reason : 'none'
}

/** The answer recorded in a file of RPC calls. */
function recordedResult(file: string): unknown {
  const path = new URL(`../vectors/rpc/debug_getRawHeader/${file}`, import.meta.url)
  const answer = readFileSync(path, 'utf8')
    .split('\n')
    .find((line) => line.startsWith('<< '))
  return JSON.parse(answer?.slice(3) ?? '').result
}

test('a header of any fork is the same after encoding and decoding', () => {
  fc.assert(
    fc.property(anyHeader, (header) => {
      const item = decodeRlp(encodeHeader(header))
      expect(typeof item === 'string' ? item : decodeHeader(item)).toEqual(header)
    }),
  )
})

test.each([0, 3])(
  'block %i of the public chain has the raw header that other clients give',
  (n) => {
    const raw = hexToBytes(String(recordedResult(n === 0 ? 'get-genesis.io' : 'get-block-n.io')))
    const item = decodeRlp(raw)
    const header = decoded(decodeHeader(typeof item === 'string' ? [] : item))
    expect(bytesToHex(encodeHeader(header))).toBe(bytesToHex(raw))
    const [child] = vectorChain().filter((block) => block.header.number === BigInt(n) + 1n)
    expect(headerHash(header)).toBe(child?.header.parentHash)
  },
)

test("hashes Goerli's genesis header as the network does", () => {
  const header: Header = {
    ...genesisHeader(),
    stateRoot: hashOf('5d6cded585e73c4e322c30c2f782a336316f17dd85a4863b9d838d2d4b8b3008'),
    difficulty: 1n,
    gasLimit: 0xa00000n,
    timestamp: 0x5c51a607n,
    extraData: hexToBytes(
      `0x22466c6578692069732061207468696e6722202d204166726900000000000000` +
        `e0a2bd4258d2768837baa26a28fe71dc079f84c7${'00'.repeat(65)}`,
    ),
  }
  const { baseFeePerGas: _, ...frontier } = header
  expect(headerHash(frontier)).toBe(
    '0xbf7e331f7f7c1dd2e05159666b3bf8bc7a8a3a9eb1d518969eab529dd9b88c1a',
  )
})

test('the fields of every fork are taken, any other number of fields is refused', () => {
  const all = headerToRlp({
    ...genesisHeader(),
    withdrawalsRoot: ZERO_HASH,
    blobGasUsed: 0n,
    excessBlobGas: 0n,
    parentBeaconBlockRoot: ZERO_HASH,
    requestsHash: ZERO_HASH,
  })
  const taken = Array.from({ length: 24 }, (_, count) => count).filter((count) => {
    const fields = [...all, new Uint8Array(32)].slice(0, count)
    return fields.length === count && reasonOf(fields) !== 'header-field-count'
  })
  expect(taken).toEqual([...HEADER_FIELD_COUNTS])
})

test('refuses to encode a later field without an earlier one', () => {
  const { baseFeePerGas: _, ...frontier } = genesisHeader()
  expect(() => encodeHeader({ ...frontier, withdrawalsRoot: ZERO_HASH })).toThrow('no fork')
  expect(() => encodeHeader({ ...genesisHeader(), requestsHash: ZERO_HASH })).toThrow('no fork')
})

test('a byte string is no header', () => {
  expect(reasonOf(new Uint8Array(500))).toBe('header-not-a-list')
})

describe('a malformed field is refused', () => {
  const FIXED_SIZES: readonly (readonly [name: string, index: number, size: number])[] = [
    ['parentHash', 0, 32],
    ['unclesHash', 1, 32],
    ['coinbase', 2, 20],
    ['stateRoot', 3, 32],
    ['transactionsRoot', 4, 32],
    ['receiptsRoot', 5, 32],
    ['logsBloom', 6, 256],
    ['mixHash', 13, 32],
    ['nonce', 14, 8],
  ]
  const INTEGERS: readonly (readonly [name: string, index: number, maxBytes: number])[] = [
    ['difficulty', 7, 10],
    ['number', 8, 8],
    ['gasLimit', 9, 8],
    ['gasUsed', 10, 8],
    ['timestamp', 11, 8],
    ['baseFeePerGas', 15, 32],
  ]

  test.each(FIXED_SIZES)('%s a byte short, a byte long or empty', (name, index, size) => {
    for (const length of [0, size - 1, size + 1]) {
      const answer = decodeHeader(withField(genesisHeader(), index, new Uint8Array(length)))
      expect(answer).toEqual({
        reason: 'header-field-malformed',
        message: `${name} has ${length} bytes, not ${size}`,
      })
    }
    expect(reasonOf(withField(genesisHeader(), index, new Uint8Array(size)))).toBe('none')
  })

  test.each(INTEGERS)('%s with a leading zero or too many bytes', (name, index, maxBytes) => {
    const largest = new Uint8Array(maxBytes).fill(0xff)
    const tooLarge = new Uint8Array(maxBytes + 1).fill(0xff)
    for (const bytes of [Uint8Array.of(0), Uint8Array.of(0, 1), tooLarge]) {
      const answer = decodeHeader(withField(genesisHeader(), index, bytes))
      expect(answer).toMatchObject({ reason: 'header-field-malformed' })
      expect(answer).toHaveProperty('message', expect.stringContaining(name))
    }
    expect(reasonOf(withField(genesisHeader(), index, largest))).toBe('none')
  })

  test('a list in place of any field', () => {
    for (const index of headerToRlp(genesisHeader()).keys())
      expect(reasonOf(withField(genesisHeader(), index, []))).toBe('header-field-malformed')
  })

  test('extra data over the bound', () => {
    const longest = new Uint8Array(MAX_EXTRA_DATA_BYTES)
    const tooLong = new Uint8Array(MAX_EXTRA_DATA_BYTES + 1)
    expect(reasonOf(withField(genesisHeader(), 12, longest))).toBe('none')
    expect(reasonOf(withField(genesisHeader(), 12, tooLong))).toBe('header-extra-data-too-large')
  })
})

function hashOf(digits: string): Hash {
  return parseHash(`0x${digits}`) ?? ZERO_HASH
}
