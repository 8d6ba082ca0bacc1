import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBlock, makeBlock, type Block } from '../../src/block/block.ts'
import { bodyDefect } from '../../src/block/bodyRoots.ts'
import { BLOCK_DEFECT_REASONS, isBlockDefect } from '../../src/block/defect.ts'
import { encodeHeader, headerHash, headerToRlp } from '../../src/block/header.ts'
import {
  MAX_BLOCK_BYTES,
  MAX_BLOCK_TRANSACTIONS,
  MAX_BLOCK_UNCLES,
  MAX_BLOCK_WITHDRAWALS,
  MAX_EXTRA_DATA_BYTES,
  MAX_HEADER_BYTES,
} from '../../src/block/limits.ts'
import type { Hash } from '../../src/crypto/keccak.ts'
import { bytesToHex, concatBytes, EMPTY_BYTES, equalBytes } from '../../src/lib/bytes.ts'
import { encodeRlp, type RlpItem } from '../../src/lib/rlp.ts'
import { anyRlp } from '../builders/anyRlp.ts'
import { genesisHeader, sealedBlock, ZERO_HASH } from '../builders/block.ts'
import { signedTransfer } from '../builders/tx.ts'
import { decoded, vectorChain, vectorChainBytes } from '../builders/vectorChain.ts'

const chain = vectorChain()
const chainBytes = vectorChainBytes()
const header = headerToRlp(genesisHeader())
const shanghaiHeader = headerToRlp({ ...genesisHeader(), withdrawalsRoot: ZERO_HASH })
const withdrawal = [EMPTY_BYTES, EMPTY_BYTES, new Uint8Array(20), EMPTY_BYTES]
const transfer = signedTransfer()
const legacyTransfer = signedTransfer({ type: 0 })

function withWithdrawals(...withdrawals: readonly RlpItem[]): RlpItem {
  return [shanghaiHeader, [], [], withdrawals]
}

/** The word of whatever is wrong with the block, its body included. */
function faultOf(raw: Uint8Array): string {
  const block = decodeBlock(raw)
  if (isBlockDefect(block)) return block.reason
  return bodyDefect(block)?.reason ?? 'none'
}

describe('the public chain', () => {
  test('passes through all forks, with every type of transaction, uncles and withdrawals', () => {
    expect(chain.map((block) => block.header.number)).toEqual(chain.map((_, i) => BigInt(i + 1)))
    expect(chain).toHaveLength(54)
    const types = new Set(chain.flatMap((block) => block.transactions.map((tx) => tx.type)))
    expect(types).toEqual(new Set([0, 1, 2, 3, 4]))
    expect(chain.some((block) => block.uncles.length > 0)).toBe(true)
    expect(chain.some((block) => (block.withdrawals?.length ?? 0) > 0)).toBe(true)
    const fieldCounts = new Set(chain.map((block) => headerToRlp(block.header).length))
    expect([...fieldCounts]).toEqual([15, 16, 17, 20, 21])
  })

  test('links by the hashes of its headers', () => {
    for (const [index, block] of chain.entries()) {
      expect(block.hash).toBe(headerHash(block.header))
      expect(chain[index + 1]?.header.parentHash ?? block.hash).toBe(block.hash)
    }
    expect(chain.at(-1)?.hash).toBe(
      '0xd226371d0b1551adb03fb52b71f08e3e11247fe9b1af994768af8cdaa8e7dcd7',
    )
  })

  test.each(chain.map((block) => [block.header.number, block] as const))(
    'block %i has the body its header commits to, and encodes to the same bytes',
    (number, block) => {
      expect(bodyDefect(block)).toBeUndefined()
      const again = makeBlock(block.header, block.transactions, block.uncles, block.withdrawals)
      expect(bytesToHex(again.raw)).toBe(bytesToHex(chainBytes[Number(number) - 1] ?? EMPTY_BYTES))
      expect(again).toEqual(block)
    },
  )
})

test('a sealed block is the same after decoding', () => {
  const transactions = ([0, 1, 2] as const).map((type) => signedTransfer({ type, nonce: 7n }))
  const block = sealedBlock({ parent: genesisHeader(), transactions })
  expect(decodeBlock(block.raw)).toEqual(block)
  expect(bodyDefect(block)).toBeUndefined()
})

test('refuses to make a block with withdrawals that its header does not commit to', () => {
  expect(() => makeBlock(genesisHeader(), [], [], [])).toThrow('withdrawals')
  const shanghai = { ...genesisHeader(), withdrawalsRoot: ZERO_HASH }
  expect(() => makeBlock(shanghai, [])).toThrow('withdrawals')
})

describe('bytes that are no right block are refused with a word', () => {
  const uncle = headerToRlp(genesisHeader([], { extraData: EMPTY_BYTES }))
  const CASES: readonly (readonly [word: string, what: string, raw: Uint8Array])[] = [
    ['rlp-empty', 'no bytes', EMPTY_BYTES],
    ['rlp-truncated', 'a byte short', encodeRlp([header, [], []]).slice(0, -1)],
    [
      'rlp-trailing-bytes',
      'a byte long',
      concatBytes(encodeRlp([header, [], []]), EMPTY_BYTES, Uint8Array.of(0xc0)),
    ],
    [
      'rlp-non-canonical-size',
      'a long form where a short one fits',
      Uint8Array.of(0xf8, 0x03, 0xc0, 0xc0, 0xc0),
    ],
    ['block-too-large', 'a byte over the bound', new Uint8Array(MAX_BLOCK_BYTES + 1)],
    ['block-not-a-list', 'a byte string', encodeRlp(new Uint8Array(600))],
    ['block-field-count', 'two fields', encodeRlp([header, []])],
    ['block-field-count', 'five fields', encodeRlp([shanghaiHeader, [], [], [], []])],
    ['header-not-a-list', 'bytes for the header', encodeRlp([new Uint8Array(500), [], []])],
    ['header-field-count', 'an empty header', encodeRlp([[], [], []])],
    [
      'header-field-malformed',
      'a short parent hash',
      encodeRlp([header.with(0, new Uint8Array(31)), [], []]),
    ],
    [
      'header-too-large',
      'a header of empty lists',
      encodeRlp([Array.from({ length: MAX_HEADER_BYTES }, () => []), [], []]),
    ],
    [
      'header-extra-data-too-large',
      'a byte of extra data too many',
      encodeRlp([header.with(12, new Uint8Array(MAX_EXTRA_DATA_BYTES + 1)), [], []]),
    ],
    ['transactions-not-a-list', 'bytes for the transactions', encodeRlp([header, EMPTY_BYTES, []])],
    [
      'transactions-too-many',
      'one over the bound',
      encodeRlp([header, Array.from({ length: MAX_BLOCK_TRANSACTIONS + 1 }, () => []), []]),
    ],
    ['transaction-malformed', 'an empty list', encodeRlp([header, [[]], []])],
    ['transaction-malformed', 'an empty byte string', encodeRlp([header, [EMPTY_BYTES], []])],
    [
      'transaction-malformed',
      'an unknown type',
      encodeRlp([header, [Uint8Array.of(0x7e, 0xc0)], []]),
    ],
    [
      'transaction-malformed',
      'a legacy transaction as bytes',
      encodeRlp([header, [legacyTransfer.raw], []]),
    ],
    [
      'transaction-malformed',
      'a byte after the transaction',
      encodeRlp([header, [concatBytes(transfer.raw, Uint8Array.of(0))], []]),
    ],
    ['uncles-not-a-list', 'bytes for the uncles', encodeRlp([header, [], EMPTY_BYTES])],
    [
      'uncles-too-many',
      'one over the bound',
      encodeRlp([header, [], Array.from({ length: MAX_BLOCK_UNCLES + 1 }, () => uncle)]),
    ],
    ['header-field-count', 'an uncle without fields', encodeRlp([header, [], [[]]])],
    [
      'withdrawals-not-a-list',
      'bytes for the withdrawals',
      encodeRlp([shanghaiHeader, [], [], EMPTY_BYTES]),
    ],
    [
      'withdrawals-too-many',
      'one over the bound',
      encodeRlp(
        withWithdrawals(...Array.from({ length: MAX_BLOCK_WITHDRAWALS + 1 }, () => withdrawal)),
      ),
    ],
    ['withdrawals-missing', 'a root alone', encodeRlp([shanghaiHeader, [], []])],
    ['withdrawals-unexpected', 'no root for them', encodeRlp([header, [], [], []])],
    ['withdrawal-malformed', 'three fields', encodeRlp(withWithdrawals(withdrawal.slice(1)))],
    [
      'withdrawal-malformed',
      'bytes for a withdrawal',
      encodeRlp(withWithdrawals(new Uint8Array(20))),
    ],
    [
      'withdrawal-malformed',
      'a short address',
      encodeRlp(withWithdrawals(withdrawal.with(2, new Uint8Array(19)))),
    ],
    [
      'withdrawal-malformed',
      'an index with a leading zero',
      encodeRlp(withWithdrawals(withdrawal.with(0, Uint8Array.of(0)))),
    ],
    [
      'withdrawal-malformed',
      'an amount of nine bytes',
      encodeRlp(withWithdrawals(withdrawal.with(3, new Uint8Array(9).fill(1)))),
    ],
    [
      'withdrawal-malformed',
      'a list of thousands',
      encodeRlp(withWithdrawals(Array.from({ length: 9_000 }, () => []))),
    ],
    ['transactions-root-mismatch', 'a transaction more', encodeRlp([header, [transfer.raw], []])],
    ['uncles-hash-mismatch', 'an uncle more', encodeRlp([header, [], [uncle]])],
    ['withdrawals-root-mismatch', 'a withdrawal more', encodeRlp(withWithdrawals(withdrawal))],
  ]

  test.each(CASES)('%s: %s', (word, _, raw) => {
    expect(faultOf(raw)).toBe(word)
  })

  test('every word has its case', () => {
    const covered = new Set(CASES.map(([word]) => word))
    expect(BLOCK_DEFECT_REASONS.filter((word) => !covered.has(word))).toEqual([])
  })

  test('the defect of a transaction names it and what is wrong', () => {
    const raw = encodeRlp([header, [transfer.raw, Uint8Array.of(0x7e)], []])
    expect(decodeBlock(raw)).toHaveProperty(
      'message',
      expect.stringContaining('transaction 1: unknown-type'),
    )
  })
})

test('the most that fits is taken', () => {
  const uncles = Array.from({ length: MAX_BLOCK_UNCLES }, () => header)
  const withdrawals = Array.from({ length: MAX_BLOCK_WITHDRAWALS }, () => withdrawal)
  const block = decoded(decodeBlock(encodeRlp([shanghaiHeader, [], uncles, withdrawals])))
  expect(block.uncles).toHaveLength(MAX_BLOCK_UNCLES)
  expect(block.withdrawals).toHaveLength(MAX_BLOCK_WITHDRAWALS)
})

describe('whatever the bytes', () => {
  /** The encoding of the block that was decoded; bytes that were refused as they are. */
  function formOf(raw: Uint8Array): Uint8Array {
    const block = decodeBlock(raw)
    if (isBlockDefect(block)) return raw
    return makeBlock(block.header, block.transactions, block.uncles, block.withdrawals).raw
  }

  function passesFor(hash: Hash, raw: Uint8Array): boolean {
    const block = decodeBlock(raw)
    return !isBlockDefect(block) && block.hash === hash && bodyDefect(block) === undefined
  }

  test('random bytes never throw, and what is taken has no other form', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), (raw) => {
        expect(formOf(raw)).toEqual(raw)
      }),
    )
  })

  test('random structures never throw, and what is taken has no other form', () => {
    const known: readonly RlpItem[] = [header, shanghaiHeader, [], [transfer.raw]]
    const part = fc.oneof(anyRlp({ maxDepth: 6, maxItems: 6 }), fc.constantFrom(...known))
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }).map(encodeRlp), (raw) => {
        expect(formOf(raw)).toEqual(raw)
      }),
    )
  })

  test('no edit of a real block passes for that block', () => {
    const edit = fc.tuple(fc.nat(), fc.nat(2), fc.uint8Array({ maxLength: 3 }))
    fc.assert(
      fc.property(fc.constantFrom(...chain), edit, (block, [place, removed, added]) => {
        const at = place % block.raw.length
        const rest = block.raw.subarray(at + removed)
        const edited = concatBytes(block.raw.subarray(0, at), added, rest)
        expect(formOf(edited)).toEqual(edited)
        expect(passesFor(block.hash, edited)).toBe(equalBytes(edited, block.raw))
      }),
      { numRuns: 500 },
    )
  })

  test('a changed body under a real header never passes for the one the header commits to', () => {
    const rich = chain.filter((block) => block.transactions.length > 1)
    fc.assert(
      fc.property(fc.constantFrom(...rich), fc.nat(), (block, place) => {
        const dropped = place % block.transactions.length
        const transactions = block.transactions.filter((_, index) => index !== dropped)
        const mutated: Block = { ...block, transactions }
        expect(bodyDefect(mutated)?.reason).toBe('transactions-root-mismatch')
      }),
    )
  })

  test('a list of millions of empty lists is refused without decoding them', () => {
    const junk = new Uint8Array(MAX_BLOCK_BYTES - encodeHeader(genesisHeader()).length - 20).fill(
      0xc0,
    )
    const junkList = concatBytes(longListPrefix(junk.length), junk)
    const payload = concatBytes(encodeHeader(genesisHeader()), junkList, Uint8Array.of(0xc0))
    const raw = concatBytes(longListPrefix(payload.length), payload)
    expect(faultOf(raw)).toBe('transactions-too-many')
  })

  function longListPrefix(length: number): Uint8Array {
    return Uint8Array.of(0xfa, length >> 16, (length >> 8) & 0xff, length & 0xff)
  }
})
