import { describe, expect, test } from 'vitest'
import { firstBrokenTxRule } from '../../src/tx/rules.ts'
import { signTx, unsignedTx } from '../../src/tx/signTx.ts'
import type { TxType } from '../../src/tx/tx.ts'
import { signedTransfer, testAccount, TEST_CHAIN_ID, transferFields } from '../builders/tx.ts'

const TYPES: readonly TxType[] = [0, 1, 2, 3, 4]
const { privateKey } = testAccount()

describe('a signed transaction', () => {
  test.each(TYPES)('of type %i keeps every rule of the latest fork', (type) => {
    const context = { fork: 'osaka', chainId: TEST_CHAIN_ID, allowUnprotected: false } as const
    expect(firstBrokenTxRule(signedTransfer({ type }), context)).toBeUndefined()
  })

  test.each(TYPES)('of type %i is the same each time it is signed (RFC 6979)', (type) => {
    expect(signedTransfer({ type }).hash).toBe(signedTransfer({ type }).hash)
  })

  test('may be taken as the fields of the next', () => {
    const first = signedTransfer({ nonce: 1n })
    expect(signTx({ ...first, nonce: 2n }, privateKey).hash).toBe(
      signedTransfer({ nonce: 2n }).hash,
    )
  })
})

describe('refuses to sign', () => {
  test.each([
    ['a nonce over 64 bits', { nonce: 2n ** 64n }, /nonce/],
    ['a value over 256 bits', { value: 2n ** 256n }, /value/],
    ['a negative value', { value: -1n }, /negative/],
    ['a blob transaction without recipient', { type: 3, to: undefined }, /recipient/],
    ['a typed transaction without chain id', { chainId: undefined }, /needs a chain id/],
  ] as const)('%s', (_name, fields, message) => {
    expect(() => signTx(transferFields(fields), privateKey)).toThrow(message)
    expect(() => signTx(transferFields(fields), privateKey)).toThrow(RangeError)
  })
})

test('an unsigned transaction without fields is a creation that pays nothing', () => {
  expect(unsignedTx({ type: 0 })).toMatchObject({ nonce: 0n, gasLimit: 21_000n, to: undefined })
})

test('an unsigned transaction of type 0 or 1 has one gas price', () => {
  expect(unsignedTx({ type: 1, maxFeePerGas: 7n }).maxPriorityFeePerGas).toBe(7n)
  expect(unsignedTx({ type: 2, maxFeePerGas: 7n }).maxPriorityFeePerGas).toBe(0n)
})
