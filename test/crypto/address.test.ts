import { getAddress } from 'viem'
import { describe, expect, test } from 'vitest'
import {
  addressOfPublicKey,
  asAddress,
  checksumAddress,
  parseAddress,
  ZERO_ADDRESS,
} from '../../src/crypto/address.ts'
import { secp256k1 } from '../../src/crypto/secp256k1.ts'
import { bytesToHex, hexToBytes } from '../../src/lib/bytes.ts'

const FIRST = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'
const key = hexToBytes('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')
const publicKey = secp256k1.publicKey(key)

test('of a public key is the last 20 bytes of its hash, with the 04 prefix or without', () => {
  expect(addressOfPublicKey(publicKey)).toBe(FIRST)
  expect(addressOfPublicKey(publicKey.subarray(1))).toBe(FIRST)
})

test('of the generator, which is the public key of key 1, is the well-known one', () => {
  const one = new Uint8Array(32)
  one[31] = 1
  expect(addressOfPublicKey(secp256k1.publicKey(one))).toBe(
    '0x7e5f4552091a69125d5dfcb7b8c2659029395bdf',
  )
})

test.each([0, 33, 63, 66])('of %d bytes of public key is an error', (length) => {
  expect(() => addressOfPublicKey(new Uint8Array(length))).toThrow(RangeError)
})

describe('as text', () => {
  test('names 20 bytes and nothing else', () => {
    expect(asAddress(hexToBytes(FIRST))).toBe(FIRST)
    expect(bytesToHex(new Uint8Array(20))).toBe(ZERO_ADDRESS)
    for (const length of [0, 19, 21, 32])
      expect(() => asAddress(new Uint8Array(length))).toThrow(RangeError)
  })

  test('is read from the EIP-55 mixed-case form and kept in lower case', () => {
    const mixed = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
    expect(getAddress(FIRST)).toBe(mixed)
    expect(parseAddress(mixed)).toBe(FIRST)
  })

  test.each([
    '',
    '0x',
    FIRST.slice(2),
    `${FIRST}0`,
    `${FIRST.slice(0, -1)}g`,
    `${FIRST} `,
    7,
    null,
  ])('is not read from %j', (value) => {
    expect(parseAddress(value)).toBeUndefined()
  })
})

test.each([
  '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
  '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
  '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
])('%s has the case of EIP-55', (address) => {
  const parsed = parseAddress(address)
  expect(parsed && checksumAddress(parsed)).toBe(address)
})
