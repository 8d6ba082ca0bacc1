import { keccak_256 } from '@noble/hashes/sha3.js'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  asHash,
  EMPTY_CODE_HASH,
  keccak256,
  keccak256Hash,
  keccakPath,
  parseHash,
} from '../../src/crypto/keccak.ts'
import { cryptoPaths } from '../../src/crypto/paths.ts'
import { secp256k1 } from '../../src/crypto/secp256k1.ts'
import { bytesToHex, hexToBytes } from '../../src/lib/bytes.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

test('equals the pure implementation on any 0 to 300 bytes, as bytes and as text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
      expect(keccak256(data)).toEqual(keccak_256(data))
      expect(keccak256Hash(data)).toBe(bytesToHex(keccak_256(data)))
    }),
    { numRuns: 500 },
  )
})

test('equals the pure implementation around every block boundary and on a large payload', () => {
  for (const length of [135, 136, 137, 271, 272, 273, 131_072]) {
    const data = new Uint8Array(length).fill(0xa5)
    expect(keccak256(data)).toEqual(keccak_256(data))
  }
})

test.each([
  ['', '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'],
  ['abc', '0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45'],
  [
    'The quick brown fox jumps over the lazy dog',
    '0x4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15',
  ],
])('of %j is the published digest', (input, digest) => {
  expect(keccak256Hash(text(input))).toBe(digest)
})

test('gives digests that the next call does not overwrite', () => {
  const first = keccak256(text('first'))
  const before = bytesToHex(first)
  keccak256(text('second'))
  expect(bytesToHex(first)).toBe(before)
})

test('of no bytes is the code hash of an account without code', () => {
  expect(EMPTY_CODE_HASH).toBe(keccak256Hash(new Uint8Array(0)))
})

describe('hashes as text', () => {
  const hash = keccak256Hash(text('a hash'))

  test('come from 32 bytes and from nothing else', () => {
    expect(asHash(hexToBytes(hash))).toBe(hash)
    for (const length of [0, 31, 33])
      expect(() => asHash(new Uint8Array(length))).toThrow(RangeError)
  })

  test('are read in any case and kept in lower case', () => {
    expect(parseHash(`0x${hash.slice(2).toUpperCase()}`)).toBe(hash)
  })

  test.each(['', '0x', hash.slice(2), `${hash}0`, `${hash.slice(0, -1)}g`, ` ${hash}`, 1, null])(
    'are not read from %j',
    (value) => {
      expect(parseHash(value)).toBeUndefined()
    },
  )
})

test('names the implementations that run', () => {
  expect(cryptoPaths()).toEqual({ recover: secp256k1.path, keccak: keccakPath })
  expect(keccakPath).toBe('wasm')
})
