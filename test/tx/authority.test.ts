import { describe, expect, test } from 'vitest'
import { SECP256K1_N } from '../../src/crypto/secp256k1.ts'
import { recoverAuthority } from '../../src/tx/authority.ts'
import type { Authorization } from '../../src/tx/tx.ts'
import { vectorChain } from '../builders/vectorChain.ts'

/**
 * The account that gave the only authorization of the recorded chain, as execution-apis names it.
 */
const AUTHORITY = '0xeda8645ba6948855e3b3cd596bbb07596d59c603'

function recorded(): Authorization {
  const found = vectorChain()
    .flatMap(({ transactions }) => transactions)
    .find(({ type }) => type === 4)?.authorizationList?.[0]
  if (found === undefined) throw new Error('the recorded chain has an authorization')
  return found
}

describe('an authorization', () => {
  test('is of the account that signed it', () => {
    expect(recoverAuthority(recorded())).toBe(AUTHORITY)
  })

  test.each<[string, Partial<Authorization>]>([
    ['chain', { chainId: 0n }],
    ['nonce', { nonce: 1n }],
    ['address', { address: AUTHORITY as Authorization['address'] }],
  ])('with another %s is of another account, if of any', (_, change) => {
    expect(recoverAuthority({ ...recorded(), ...change })).not.toBe(AUTHORITY)
  })

  test('with the other s of the same signature is of nobody (EIP-2)', () => {
    const { s, yParity, ...rest } = recorded()
    const twin = { ...rest, s: SECP256K1_N - s, yParity: 1 - yParity }
    expect(recoverAuthority(twin)).toBeUndefined()
  })

  test.each([2, 27, 255])('with the parity %d is of nobody', (yParity) => {
    expect(recoverAuthority({ ...recorded(), yParity })).toBeUndefined()
  })

  test('whose r is no point is of nobody', () => {
    expect(recoverAuthority({ ...recorded(), r: 0n })).toBeUndefined()
    expect(recoverAuthority({ ...recorded(), r: 2n ** 256n - 1n })).toBeUndefined()
  })
})
