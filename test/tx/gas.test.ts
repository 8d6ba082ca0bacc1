import { describe, expect, test } from 'vitest'
import { asAddress } from '../../src/crypto/address.ts'
import { asHash } from '../../src/crypto/keccak.ts'
import type { UnsignedTx } from '../../src/tx/encodeTx.ts'
import { FORKS, type Fork } from '../../src/tx/fork.ts'
import { floorGas, intrinsicGas } from '../../src/tx/gas.ts'
import { anAuthorization, signedTransfer } from '../builders/tx.ts'

/** 3 zero bytes and 2 others. */
const DATA = Uint8Array.of(0, 1, 0, 255, 0)
const CREATION: Partial<UnsignedTx> = { to: undefined, data: DATA }

function byFork(fields: Partial<UnsignedTx>, gas = intrinsicGas): Record<Fork, bigint> {
  const tx = signedTransfer(fields)
  return Object.fromEntries(FORKS.map((fork) => [fork, gas(tx, fork)])) as Record<Fork, bigint>
}

describe('intrinsic gas', () => {
  test('of a transfer is 21,000 on every fork', () => {
    expect(new Set(Object.values(byFork({})))).toEqual(new Set([21_000n]))
  })

  test('of data is 4 for a zero byte and 68 for another, 16 from Istanbul on', () => {
    const gas = byFork({ data: DATA })
    expect(gas.frontier).toBe(21_000n + 3n * 4n + 2n * 68n)
    expect(gas.constantinoplefix).toBe(gas.frontier)
    expect(gas.istanbul).toBe(21_000n + 3n * 4n + 2n * 16n)
    expect(gas.osaka).toBe(gas.istanbul)
  })

  test('of a creation is that of a call in Frontier, 32,000 more from Homestead on', () => {
    const gas = byFork(CREATION)
    expect(gas.frontier).toBe(byFork({ data: DATA }).frontier)
    expect(gas.homestead).toBe(gas.frontier + 32_000n)
  })

  test('of initcode is 2 for each 32 bytes begun, from Shanghai on', () => {
    const words = (length: number): bigint => {
      const gas = byFork({ to: undefined, data: new Uint8Array(length) })
      return gas.shanghai - gas.paris
    }
    expect([0, 1, 32, 33, 64].map(words)).toEqual([0n, 2n, 2n, 4n, 4n])
    expect(byFork({ data: DATA }).shanghai).toBe(byFork({ data: DATA }).paris)
  })

  test('of an access list is 2,400 for an address and 1,900 for a key, repeated or not', () => {
    const address = asAddress(new Uint8Array(20))
    const key = asHash(new Uint8Array(32))
    const accessList = [
      { address, storageKeys: [key, key] },
      { address, storageKeys: [] },
    ]
    expect(byFork({ type: 1, accessList }).berlin).toBe(21_000n + 2n * 2_400n + 2n * 1_900n)
  })

  test('of an authorization is 25,000', () => {
    const authorizationList = [anAuthorization, anAuthorization]
    expect(byFork({ type: 4, authorizationList }).prague).toBe(71_000n)
  })
})

describe('the floor', () => {
  test('is 10 for a token from Prague on, a zero byte being one and another four', () => {
    const floor = byFork({ data: DATA }, floorGas)
    expect(floor.cancun).toBe(0n)
    expect(floor.prague).toBe(21_000n + 10n * (3n + 2n * 4n))
    expect(floor.osaka).toBe(floor.prague)
  })
})
