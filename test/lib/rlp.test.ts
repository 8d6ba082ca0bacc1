import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { RLP } from 'micro-eth-signer/core/rlp.js'
import { describe, expect, test } from 'vitest'
import { bigintToBytes, bytesToHex, concatBytes, hexToBytes } from '../../src/lib/bytes.ts'
import {
  decodeRlp,
  encodeRlp,
  firstRlpItemLength,
  MAX_RLP_DEPTH,
  type RlpDefect,
  type RlpItem,
} from '../../src/lib/rlp.ts'
import { anyRlp } from '../builders/anyRlp.ts'

type Text = string | number | readonly Text[]

/** The item a vector's `in` stands for. */
function toItem(text: Text): RlpItem {
  if (typeof text === 'number') return bigintToBytes(BigInt(text))
  if (typeof text !== 'string') return text.map(toItem)
  return text.startsWith('#')
    ? bigintToBytes(BigInt(text.slice(1)))
    : new TextEncoder().encode(text)
}

const vectors = JSON.parse(
  readFileSync(new URL('../vectors/rlp/rlptest.json', import.meta.url), 'utf8'),
) as Record<string, { in: Text; out: string }>

const named = Object.entries(vectors).map(([name, vector]) => ({ name, ...vector }))

describe('public vectors', () => {
  test.each(named)('encode $name to the given bytes', ({ in: text, out }) => {
    expect(bytesToHex(encodeRlp(toItem(text)))).toBe(out)
  })

  test.each(named)('decode $name to the given item', ({ in: text, out }) => {
    expect(decodeRlp(hexToBytes(out))).toEqual(toItem(text))
  })
})

const anyItem = anyRlp({ maxDepth: 6, maxBytes: 70, maxItems: 12 })

describe('properties', () => {
  test('any item comes back from its encoding, which starts with its own length', () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        const encoded = encodeRlp(item)
        expect(decodeRlp(encoded)).toEqual(item)
        expect(firstRlpItemLength(encoded)).toBe(encoded.length)
      }),
      { numRuns: 300 },
    )
  })

  test('any bytes are refused, or are the one encoding of what they decode to', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (data) => {
        const decoded = decodeRlp(data)
        expect(typeof decoded === 'string' ? data : encodeRlp(decoded)).toEqual(data)
      }),
      { numRuns: 2000 },
    )
  })

  test('any bytes, and any damaged encoding, get the answer of an independent strict decoder', () => {
    const damaged = fc
      .tuple(anyItem, fc.nat(), fc.nat(255), fc.constantFrom('set', 'cut', 'append'))
      .map(([item, at, byte, how]) => damage(encodeRlp(item), at, byte, how))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 40 }), damaged), (data) => {
        expect(ourAnswer(data)).toEqual(theirAnswer(data))
      }),
      { numRuns: 3000 },
    )
  })
})

function damage(encoded: Uint8Array, at: number, byte: number, how: string): Uint8Array {
  if (how === 'append') return concatBytes(encoded, Uint8Array.of(byte))
  if (how === 'cut') return encoded.subarray(0, at % encoded.length)
  const changed = encoded.slice()
  changed[at % encoded.length] = byte
  return changed
}

function ourAnswer(data: Uint8Array): unknown {
  const decoded = decodeRlp(data)
  return typeof decoded === 'string' ? 'refused' : decoded
}

function theirAnswer(data: Uint8Array): unknown {
  try {
    return RLP.decode(data)
  } catch {
    return 'refused'
  }
}

const bytes = (length: number): string => 'aa'.repeat(length)

describe('refuses', () => {
  test.each<[string, string, RlpDefect]>([
    ['nothing at all', '0x', 'rlp-empty'],
    ['a byte under 0x80 with a prefix: 00', '0x8100', 'rlp-single-byte-prefixed'],
    ['a byte under 0x80 with a prefix: 01', '0x8101', 'rlp-single-byte-prefixed'],
    ['a byte under 0x80 with a prefix: 7f', '0x817f', 'rlp-single-byte-prefixed'],
    ['a prefixed single byte inside a list', '0xc28105', 'rlp-single-byte-prefixed'],
    ['a short string without its bytes', '0x81', 'rlp-truncated'],
    ['a short string that lacks a byte', '0x83aaaa', 'rlp-truncated'],
    ['a string of 55 bytes that lacks one', `0xb7${bytes(54)}`, 'rlp-truncated'],
    ['a long string without its length', '0xb8', 'rlp-truncated'],
    ['a long string with half its length', '0xb904', 'rlp-truncated'],
    ['a long string that lacks a byte', `0xb838${bytes(55)}`, 'rlp-truncated'],
    ['a long form for 0 bytes', '0xb800', 'rlp-non-canonical-size'],
    ['a long form for 1 byte', '0xb801aa', 'rlp-non-canonical-size'],
    ['a long form for 55 bytes', `0xb837${bytes(55)}`, 'rlp-non-canonical-size'],
    ['a length with a leading zero', `0xb90038${bytes(56)}`, 'rlp-non-canonical-size'],
    ['a length of zeros', '0xba000000', 'rlp-non-canonical-size'],
    ['a length with a zero before two bytes', `0xba000100${bytes(256)}`, 'rlp-non-canonical-size'],
    ['a string of 2^32 + 2 bytes, which overflows 32 bits', '0xbc0100000002aaaa', 'rlp-truncated'],
    ['a string of 2^59 bytes', '0xbf0800000000000000', 'rlp-truncated'],
    ['a string of 2^64 - 1 bytes', '0xbfffffffffffffffff', 'rlp-truncated'],
    ['a short list without its items', '0xc1', 'rlp-truncated'],
    ['a short list that lacks a byte', '0xc3aabb', 'rlp-truncated'],
    ['a long list without its length', '0xf8', 'rlp-truncated'],
    ['a long list with half its length', '0xf904', 'rlp-truncated'],
    ['a long list that lacks a byte', `0xf838${'01'.repeat(55)}`, 'rlp-truncated'],
    ['a long form for an empty list', '0xf800', 'rlp-non-canonical-size'],
    ['a long form for a list of 55 bytes', `0xf837${'01'.repeat(55)}`, 'rlp-non-canonical-size'],
    ['a list length with a leading zero', `0xf90038${'01'.repeat(56)}`, 'rlp-non-canonical-size'],
    ['a list of 2^64 - 1 bytes', '0xffffffffffffffffff', 'rlp-truncated'],
    ['a list of 2^32 + 2 bytes', '0xfc01000000020101', 'rlp-truncated'],
    ['an item that runs out of its list', '0xc281aabb', 'rlp-trailing-bytes'],
    ['an item longer than its list', '0xc283aabbcc', 'rlp-truncated'],
    ['an inner list longer than its list', '0xc2c30101', 'rlp-truncated'],
    ['a length that lies outside its list', `0xc1b838${bytes(56)}`, 'rlp-truncated'],
    ['a list length that lies outside its list', `0xc1f838${'01'.repeat(56)}`, 'rlp-truncated'],
    ['a byte after an empty string', '0x8000', 'rlp-trailing-bytes'],
    ['a byte after a single byte', '0x0000', 'rlp-trailing-bytes'],
    ['a byte after an empty list', '0xc000', 'rlp-trailing-bytes'],
    ['a second item', '0xc0c0', 'rlp-trailing-bytes'],
  ])('%s', (_name, hex, fault) => {
    expect(decodeRlp(hexToBytes(hex))).toBe(fault)
  })

  test('10,000 lists in one another without a stack overflow, right lengths or wrong', () => {
    let nested: Uint8Array = Uint8Array.of(0xc0)
    for (let depth = 1; depth < 10_000; depth++)
      nested = concatBytes(listPrefix(nested.length), nested)
    expect(decodeRlp(nested)).toBe('rlp-too-deep')
    expect(decodeRlp(new Uint8Array(10_000).fill(0xc1))).not.toBeInstanceOf(Array)
    expect(decodeRlp(new Uint8Array(128 * 1024).fill(0xf8))).not.toBeInstanceOf(Array)
  })

  test(`one list more than ${MAX_RLP_DEPTH} in one another, and takes ${MAX_RLP_DEPTH}`, () => {
    const nested = (depth: number): RlpItem => (depth === 1 ? [] : [nested(depth - 1)])
    expect(decodeRlp(encodeRlp(nested(MAX_RLP_DEPTH)))).toEqual(nested(MAX_RLP_DEPTH))
    expect(decodeRlp(encodeRlp(nested(MAX_RLP_DEPTH + 1)))).toBe('rlp-too-deep')
  })
})

/** The prefix of a list of `length` bytes. */
function listPrefix(length: number): Uint8Array {
  if (length <= 55) return Uint8Array.of(0xc0 + length)
  const digits = bigintToBytes(BigInt(length))
  return concatBytes(Uint8Array.of(0xf7 + digits.length), digits)
}

describe('takes', () => {
  test.each([0, 1, 2, 54, 55, 56, 57, 255, 256, 257, 65_535, 65_536])(
    'a string of %d bytes in its one form',
    (length) => {
      const data = new Uint8Array(length).fill(0xaa)
      expect(decodeRlp(encodeRlp(data))).toEqual(data)
      expect(encodeRlp(data)).toEqual(RLP.encode(data))
    },
  )

  test.each([0, 1, 55, 56, 255, 256, 65_536])('a list of %d bytes in its one form', (length) => {
    const list = Array.from({ length }, () => Uint8Array.of(1))
    expect(decodeRlp(encodeRlp(list))).toEqual(list)
    expect(encodeRlp(list)).toEqual(RLP.encode(list))
  })

  test('byte strings as views, without copies', () => {
    const data = hexToBytes('0xc483aabbcc')
    const decoded = decodeRlp(data)
    expect(decoded).toEqual([hexToBytes('0xaabbcc')])
    data[2] = 0x11
    expect(decoded).toEqual([hexToBytes('0x11bbcc')])
  })
})

describe('the length of the first item', () => {
  test('counts its prefix and leaves what follows alone', () => {
    expect(firstRlpItemLength(hexToBytes('0x05ffff'))).toBe(1)
    expect(firstRlpItemLength(hexToBytes('0x83aabbcc00'))).toBe(4)
    expect(firstRlpItemLength(hexToBytes('0xc3010203c0'))).toBe(4)
    expect(firstRlpItemLength(hexToBytes('0xf90100'))).toBe(259)
  })

  test('is a fault where the prefix is wrong or incomplete', () => {
    expect(firstRlpItemLength(new Uint8Array(0))).toBe('rlp-empty')
    expect(firstRlpItemLength(hexToBytes('0xf901'))).toBe('rlp-truncated')
    expect(firstRlpItemLength(hexToBytes('0xf837'))).toBe('rlp-non-canonical-size')
  })
})
