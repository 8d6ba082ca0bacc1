import { Bloom, encodeReceipt as oracleEncodeReceipt } from '@ethereumjs/vm'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyBloom, logsBloom, unionOfBlooms, type Log } from '../../src/block/bloom.ts'
import { orderedTrieRoot } from '../../src/block/orderedTrie.ts'
import { encodeReceipt, makeReceipt, receiptsRoot, type Receipt } from '../../src/block/receipt.ts'
import { EMPTY_TRIE_ROOT } from '../../src/block/trie.ts'
import { asAddress } from '../../src/crypto/address.ts'
import { asHash } from '../../src/crypto/keccak.ts'
import { bytesToHex, hexToBytes } from '../../src/lib/bytes.ts'

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })

const log: fc.Arbitrary<Log> = fc.record({
  address: bytesOf(20).map(asAddress),
  topics: fc.array(bytesOf(32).map(asHash), { maxLength: 4 }),
  data: fc.uint8Array({ maxLength: 70 }),
})

const outcome = fc.oneof(
  fc.record({ status: fc.constantFrom<0 | 1>(0, 1) }),
  fc.record({ postState: bytesOf(32).map(asHash) }),
)

const receipt: fc.Arbitrary<Receipt> = fc
  .tuple(
    fc.record({
      type: fc.constantFrom<Receipt['type']>(0, 1, 2, 3, 4),
      cumulativeGasUsed: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
      logs: fc.array(log, { maxLength: 4 }),
    }),
    outcome,
  )
  .map(([fields, result]) => makeReceipt({ ...fields, ...result }))

function oracleBloom(logs: readonly Log[]): Uint8Array {
  const bloom = new Bloom()
  for (const { address, topics } of logs)
    for (const entry of [address, ...topics]) bloom.add(hexToBytes(entry))
  return bloom.bitvector
}

function oracleEncoding({ type, status, postState, ...rest }: Receipt): Uint8Array {
  const shared = {
    cumulativeBlockGasUsed: rest.cumulativeGasUsed,
    bitvector: rest.logsBloom,
    logs: rest.logs.map(({ address, topics, data }): [Uint8Array, Uint8Array[], Uint8Array] => [
      hexToBytes(address),
      topics.map(hexToBytes),
      data,
    ]),
  }
  return postState === undefined
    ? oracleEncodeReceipt({ ...shared, status: status ?? 0 }, type)
    : oracleEncodeReceipt({ ...shared, stateRoot: hexToBytes(postState) }, type)
}

test('encodes as an independent implementation does, for every type and both outcomes', () => {
  fc.assert(
    fc.property(receipt, (any) => {
      expect(bytesToHex(encodeReceipt(any))).toBe(bytesToHex(oracleEncoding(any)))
    }),
  )
})

test('the bloom has the bits that an independent implementation sets', () => {
  fc.assert(
    fc.property(fc.array(log, { maxLength: 5 }), (logs) => {
      expect(bytesToHex(logsBloom(logs))).toBe(bytesToHex(oracleBloom(logs)))
    }),
  )
})

test('the bloom of a block is that of all its logs', () => {
  fc.assert(
    fc.property(fc.array(receipt, { maxLength: 4 }), (receipts) => {
      const together = receipts.flatMap((one) => one.logs)
      expect(unionOfBlooms(receipts.map((one) => one.logsBloom))).toEqual(logsBloom(together))
    }),
  )
})

test('without logs there is no bit', () => {
  expect(logsBloom([])).toEqual(new Uint8Array(256))
  expect(unionOfBlooms([])).toEqual(emptyBloom())
})

test('the receipts root commits to the encoded receipts in their order', () => {
  fc.assert(
    fc.property(fc.array(receipt, { maxLength: 5 }), (receipts) => {
      expect(receiptsRoot(receipts)).toBe(orderedTrieRoot(receipts.map(encodeReceipt)))
    }),
  )
  expect(receiptsRoot([])).toBe(EMPTY_TRIE_ROOT)
})

test('one plain transfer has the receipts root that public networks show', () => {
  const transfer = makeReceipt({ type: 0, status: 1, cumulativeGasUsed: 21_000n, logs: [] })
  expect(receiptsRoot([transfer])).toBe(
    '0x056b23fbba480696b65fe5a59b8f2148a1299103c4f57df839233af2cf4ca2d2',
  )
})
