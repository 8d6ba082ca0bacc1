import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keccak256Hash } from '../../src/crypto/keccak.ts'
import { bigintToBytes, concatBytes } from '../../src/lib/bytes.ts'
import { decodeRlp, encodeRlp, type RlpItem } from '../../src/lib/rlp.ts'
import { decodeTx, isTxDefect } from '../../src/tx/decodeTx.ts'
import { encodeTx } from '../../src/tx/encodeTx.ts'
import type { TxDefectReason } from '../../src/tx/defect.ts'
import type { Tx, TxType } from '../../src/tx/tx.ts'
import { anyFields, anySignature } from '../builders/anyTx.ts'
import { signedTransfer } from '../builders/tx.ts'

const TYPES: readonly TxType[] = [0, 1, 2, 3, 4]

const CALL = ['gasLimit', 'to', 'value', 'data']
const FEE_MARKET = ['chainId', 'nonce', 'tip', 'fee', ...CALL, 'accessList']
const SIGNATURE = ['yParity', 'r', 's']

/** The fields of each type, in their order. */
const FIELDS: Readonly<Record<TxType, readonly string[]>> = {
  0: ['nonce', 'gasPrice', ...CALL, 'v', 'r', 's'],
  1: ['chainId', 'nonce', 'gasPrice', ...CALL, 'accessList', ...SIGNATURE],
  2: [...FEE_MARKET, ...SIGNATURE],
  3: [...FEE_MARKET, 'blobFee', 'hashes', ...SIGNATURE],
  4: [...FEE_MARKET, 'authorizations', ...SIGNATURE],
}

function itemsOf(tx: Tx): RlpItem[] {
  const list = decodeRlp(tx.type === 0 ? tx.raw : tx.raw.subarray(1))
  if (typeof list === 'string' || list instanceof Uint8Array) throw new Error('not a list')
  return [...list]
}

function envelope(type: number, items: readonly RlpItem[]): Uint8Array {
  const list = encodeRlp(items)
  return type === 0 ? list : concatBytes(Uint8Array.of(type), list)
}

/** The bytes of a valid transaction of `type` with one field put in another way. */
function withField(type: TxType, field: string, item: RlpItem): Uint8Array {
  const items = itemsOf(signedTransfer({ type }))
  const index = FIELDS[type].indexOf(field)
  if (index === -1) throw new Error(`type ${type} has no ${field}`)
  items[index] = item
  return envelope(type, items)
}

function reasonOf(raw: Uint8Array): TxDefectReason | 'accepted' {
  const answer = decodeTx(raw)
  return isTxDefect(answer) ? answer.reason : 'accepted'
}

const bytes = (length: number, fill = 1): Uint8Array => new Uint8Array(length).fill(fill)

describe('a valid transaction', () => {
  test.each(TYPES)('of type %i keeps its bytes and has the hash of them', (type) => {
    const { raw } = signedTransfer({ type })
    const tx = decodeTx(raw)
    if (isTxDefect(tx)) throw new Error(tx.message)
    expect(tx.type).toBe(type)
    expect(tx.raw).toBe(raw)
    expect(tx.hash).toBe(keccak256Hash(raw))
  })

  test('takes the hash it is given instead of computing one', () => {
    const { raw } = signedTransfer()
    const hash = keccak256Hash(bytes(1))
    expect(decodeTx(raw, hash)).toMatchObject({ hash })
  })

  test('is read right where it lies inside a larger buffer', () => {
    const { raw, hash } = signedTransfer({ value: 2n ** 200n })
    const inside = concatBytes(bytes(7), raw, bytes(9)).subarray(7, 7 + raw.length)
    expect(decodeTx(inside)).toMatchObject({ hash, value: 2n ** 200n })
  })

  test('comes back with every field it was encoded with', () => {
    fc.assert(
      fc.property(anyFields, anySignature, (fields, signature) => {
        const raw = encodeTx(fields, signature)
        expect(decodeTx(raw)).toEqual({ ...fields, signature, raw, hash: keccak256Hash(raw) })
      }),
      { numRuns: 500 },
    )
  })

  test.each([1, 5, 6, 7, 8, 9, 15, 16, 23, 31, 32])('reads an integer of %i bytes exactly', (n) => {
    const value = BigInt(`0x${'fe'.repeat(n)}`)
    expect(signedTransfer({ value }).value).toBe(value)
  })

  test('has one byte form: what decodes encodes to the same bytes', () => {
    const originals = TYPES.map((type) => signedTransfer({ type }).raw)
    const mutated = fc
      .tuple(fc.constantFrom(...originals), fc.nat(), fc.integer({ min: 0, max: 255 }))
      .map(([raw, at, byte]) => raw.with(at % raw.length, byte))
    fc.assert(
      fc.property(mutated, (raw) => {
        const tx = decodeTx(raw)
        if (isTxDefect(tx)) return
        expect(encodeTx(tx, tx.signature)).toEqual(raw)
        expect(decodeRlp(tx.type === 0 ? raw : raw.subarray(1))).toBeInstanceOf(Array)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('arbitrary bytes', () => {
  test('are answered, never thrown at', () => {
    const withType = fc
      .tuple(fc.integer({ min: 0, max: 4 }), fc.uint8Array({ maxLength: 200 }))
      .map(([type, rest]) => concatBytes(Uint8Array.of(type), rest))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), withType), (raw) => {
        expect(isTxDefect(decodeTx(raw))).toBe(true)
      }),
      { numRuns: 5000 },
    )
  })

  test.each(TYPES)('that begin like a transaction of type %i are refused', (type) => {
    const { raw } = signedTransfer({ type })
    for (let length = 0; length < raw.length; length++)
      expect(isTxDefect(decodeTx(raw.subarray(0, length)))).toBe(true)
  })

  test('of ten million empty lists are refused at the first one', () => {
    const list = encodeRlp(bytes(10_000_000, 0xc0)).with(0, 0xfa)
    expect(reasonOf(list)).toBe('string-expected')
  })

  test('nested a hundred thousand deep are refused without exhausting the stack', () => {
    const depth = 100_000
    const nested = new Uint8Array(depth * 4)
    for (let level = 0; level < depth; level++) {
      const inside = nested.length - 4 * (level + 1)
      nested.set([0xfa, inside >> 16, (inside >> 8) & 0xff, inside & 0xff], level * 4)
    }
    expect(reasonOf(nested)).toBe('string-expected')
  })
})

describe('the envelope', () => {
  test('of no bytes is empty', () => {
    expect(reasonOf(bytes(0))).toBe('empty')
  })

  test.each([0x00, 0x05, 0x06, 0x7f, 0x80, 0x94, 0xb7, 0xb8, 0xbf])(
    'whose first byte is %i has an unknown type',
    (first) => {
      const { raw } = signedTransfer({ type: 2 })
      expect(reasonOf(raw.with(0, first))).toBe('unknown-type')
      expect(reasonOf(Uint8Array.of(first))).toBe('unknown-type')
    },
  )

  test.each(TYPES)('of type %i may be followed by nothing', (type) => {
    const { raw } = signedTransfer({ type })
    expect(reasonOf(concatBytes(raw, bytes(1, 0)))).toBe('rlp-trailing-bytes')
  })

  test.each(TYPES)('of type %i has exactly its fields', (type) => {
    const items = itemsOf(signedTransfer({ type }))
    expect(reasonOf(envelope(type, [...items, bytes(1)]))).toBe('wrong-field-count')
    expect(reasonOf(envelope(type, items.slice(0, -1)))).toBe('wrong-field-count')
    expect(reasonOf(envelope(type, []))).toBe('wrong-field-count')
  })

  test.each([1, 2, 3, 4])('of type %i holds a list', (type) => {
    expect(reasonOf(Uint8Array.of(type))).toBe('wrong-field-count')
    expect(reasonOf(concatBytes(Uint8Array.of(type), encodeRlp(bytes(3))))).toBe('list-expected')
  })

  test('of a blob transaction with its sidecar is named', () => {
    const tx = itemsOf(signedTransfer({ type: 3 }))
    const blob = bytes(131_072)
    const sidecar = [[blob], [bytes(48)], [bytes(48)]]
    expect(reasonOf(envelope(3, [tx, ...sidecar]))).toBe('blob-network-form')
    expect(reasonOf(envelope(3, [tx, bytes(1), ...sidecar]))).toBe('blob-network-form')
  })

  test('must say its length in the shortest form', () => {
    const { raw } = signedTransfer({ type: 0, to: undefined, value: 0n })
    const [prefix, length] = [raw[0] ?? 0, raw[1] ?? 0]
    expect(prefix).toBe(0xf8)
    expect(reasonOf(concatBytes(Uint8Array.of(0xf9, 0, length), raw.subarray(2)))).toBe(
      'rlp-non-canonical-size',
    )
  })
})

describe('an integer', () => {
  const INTEGERS: readonly (readonly [TxType, string, number])[] = [
    [0, 'nonce', 8],
    [0, 'gasPrice', 32],
    [0, 'gasLimit', 8],
    [0, 'value', 32],
    [0, 'v', 32],
    [0, 'r', 32],
    [0, 's', 32],
    [1, 'chainId', 32],
    [1, 'nonce', 8],
    [1, 'gasPrice', 32],
    [1, 'gasLimit', 8],
    [1, 'value', 32],
    [1, 'yParity', 32],
    [2, 'tip', 32],
    [2, 'fee', 32],
    [2, 'gasLimit', 8],
    [2, 'r', 32],
    [2, 's', 32],
    [3, 'blobFee', 32],
    [4, 'nonce', 8],
  ]

  test.each(INTEGERS)('of type %i, %s, has no leading zero and at most %i bytes', (...given) => {
    const [type, field, maxBytes] = given
    expect(reasonOf(withField(type, field, Uint8Array.of(0)))).toBe('leading-zero')
    expect(reasonOf(withField(type, field, Uint8Array.of(0, 200)))).toBe('leading-zero')
    expect(reasonOf(withField(type, field, bytes(maxBytes + 1)))).toBe('integer-too-large')
    expect(reasonOf(withField(type, field, bytes(maxBytes)))).not.toBe('integer-too-large')
    expect(reasonOf(withField(type, field, []))).toBe('string-expected')
  })

  test('of one byte below 0x80 stands without prefix', () => {
    const { raw } = signedTransfer({ type: 2, nonce: 3n })
    const at = raw.indexOf(3, 3)
    const list = concatBytes(raw.subarray(0, at), Uint8Array.of(0x81, 3), raw.subarray(at + 1))
    expect(reasonOf(list.with(2, (list[2] ?? 0) + 1))).toBe('rlp-single-byte-prefixed')
  })
})

describe('a string', () => {
  test.each(TYPES)('of type %i where a list stands is refused', (type) => {
    expect(reasonOf(withField(type, 'data', [bytes(1)]))).toBe('string-expected')
    expect(reasonOf(withField(type, 'to', [bytes(20)]))).toBe('string-expected')
  })

  test.each(TYPES)('to of type %i has 20 bytes', (type) => {
    for (const length of [1, 19, 21, 32])
      expect(reasonOf(withField(type, 'to', bytes(length)))).toBe('wrong-length')
    expect(reasonOf(withField(type, 'to', bytes(0)))).toBe(
      type === 3 || type === 4 ? 'recipient-missing' : 'accepted',
    )
  })
})

describe('the signature', () => {
  test.each([0n, 1n, 26n, 29n, 34n])('of a legacy transaction has no v of %i', (v) => {
    expect(reasonOf(withField(0, 'v', bigintToBytes(v)))).toBe('bad-signature-v')
  })

  test.each([
    [27n, undefined, 0],
    [28n, undefined, 1],
    [35n, 0n, 0],
    [36n, 0n, 1],
    [37n, 1n, 0],
    [38n, 1n, 1],
    [2n ** 64n + 27n, 2n ** 63n - 4n, 0],
  ] as const)('of a legacy transaction with v %i is for chain %s', (v, chainId, yParity) => {
    const tx = decodeTx(withField(0, 'v', bigintToBytes(v)))
    if (isTxDefect(tx)) throw new Error(tx.message)
    expect(tx.chainId).toBe(chainId)
    expect(tx.signature.yParity).toBe(yParity)
  })

  test.each([1, 2, 3, 4] as const)('of type %i has a y parity of 0 or 1', (type) => {
    for (const yParity of [2n, 27n, 28n, 256n])
      expect(reasonOf(withField(type, 'yParity', bigintToBytes(yParity)))).toBe('bad-y-parity')
  })
})

describe('an access list', () => {
  const address = bytes(20)
  const key = bytes(32)
  const CASES: readonly (readonly [string, RlpItem, TxDefectReason | 'accepted'])[] = [
    ['with no entries', [], 'accepted'],
    ['with an entry without keys', [[address, []]], 'accepted'],
    [
      'with an entry twice',
      [
        [address, [key, key]],
        [address, [key]],
      ],
      'accepted',
    ],
    ['that is a string', address, 'list-expected'],
    ['whose entry is a string', [address], 'list-expected'],
    ['whose entry is empty', [[]], 'wrong-field-count'],
    ['whose entry has no keys', [[address]], 'wrong-field-count'],
    ['whose entry has a third item', [[address, [key], key]], 'wrong-field-count'],
    ['whose address has 19 bytes', [[bytes(19), []]], 'wrong-length'],
    ['whose address has 21 bytes', [[bytes(21), []]], 'wrong-length'],
    ['whose address is empty', [[bytes(0), []]], 'wrong-length'],
    ['whose address is a list', [[[], []]], 'string-expected'],
    ['whose keys are a string', [[address, key]], 'list-expected'],
    ['whose key has 31 bytes', [[address, [bytes(31)]]], 'wrong-length'],
    ['whose key has 33 bytes', [[address, [bytes(33)]]], 'wrong-length'],
    ['whose key is one byte', [[address, [bytes(1)]]], 'wrong-length'],
    ['whose key is empty', [[address, [bytes(0)]]], 'wrong-length'],
    ['whose key is a list', [[address, [[]]]], 'string-expected'],
  ]

  test.each(CASES)('%s', (_name, list, expected) => {
    for (const type of [1, 2, 3, 4] as const)
      expect(reasonOf(withField(type, 'accessList', list))).toBe(expected)
  })
})

describe('the versioned hashes of blobs', () => {
  test.each([
    ['an empty list, which a rule refuses', [], 'accepted'],
    ['a string', bytes(32), 'list-expected'],
    ['31 bytes', [bytes(31)], 'wrong-length'],
    ['33 bytes', [bytes(33)], 'wrong-length'],
    ['a list', [[bytes(32)]], 'string-expected'],
  ] as const)('as %s', (_name, hashes, expected) => {
    expect(reasonOf(withField(3, 'hashes', hashes))).toBe(expected)
  })
})

describe('an authorization', () => {
  const [c, n, y] = [bytes(2), bytes(1, 7), bytes(1, 1)]
  const valid: readonly RlpItem[] = [c, bytes(20), n, y, bytes(32), bytes(32)]
  const withItem = (index: number, item: RlpItem): RlpItem => [valid.with(index, item)]
  const zeroAndOne = Uint8Array.of(0, 1)

  const CASES: readonly (readonly [string, RlpItem, TxDefectReason | 'accepted'])[] = [
    ['is taken as it should be', [valid], 'accepted'],
    ['may stand twice', [valid, valid], 'accepted'],
    [
      'may have a y parity of 255, which authorises nothing',
      withItem(3, bytes(1, 255)),
      'accepted',
    ],
    ['may have the largest nonce', withItem(2, bytes(8, 255)), 'accepted'],
    ['may have any r and s', [[c, bytes(20), n, y, bytes(32, 255), bytes(32, 255)]], 'accepted'],
    ['may be for every chain', withItem(0, bytes(0)), 'accepted'],
    ['is not a string', [bytes(20)], 'list-expected'],
    ['does not stand alone', valid, 'list-expected'],
    ['has no chain id over 256 bits', withItem(0, bytes(33)), 'integer-too-large'],
    ['has no chain id with a leading zero', withItem(0, zeroAndOne), 'leading-zero'],
    ['has no address of 19 bytes', withItem(1, bytes(19)), 'wrong-length'],
    ['has no address of 21 bytes', withItem(1, bytes(21)), 'wrong-length'],
    ['has an address', withItem(1, bytes(0)), 'wrong-length'],
    ['has no nonce over 64 bits', withItem(2, bytes(9)), 'integer-too-large'],
    ['has no nonce with a leading zero', withItem(2, Uint8Array.of(0)), 'leading-zero'],
    ['has no list for a nonce', withItem(2, [bytes(0)]), 'string-expected'],
    ['has no y parity of 256', withItem(3, Uint8Array.of(1, 0)), 'integer-too-large'],
    ['has no r over 256 bits', withItem(4, bytes(33)), 'integer-too-large'],
    ['has no s over 256 bits', withItem(5, bytes(33)), 'integer-too-large'],
    ['has no seventh item', [[...valid, bytes(0)]], 'wrong-field-count'],
  ]

  test.each(CASES)('%s', (_name, list, expected) => {
    expect(reasonOf(withField(4, 'authorizations', list))).toBe(expected)
  })

  test('has all of its six items', () => {
    for (const index of valid.keys())
      expect(reasonOf(withField(4, 'authorizations', [valid.toSpliced(index, 1)]))).not.toBe(
        'accepted',
      )
  })
})
