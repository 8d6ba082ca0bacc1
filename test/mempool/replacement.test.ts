import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { outbids } from '../../src/mempool/replacement.ts'
import { poolTx, PoolFixture } from '../builders/pool.ts'

describe('outbids', () => {
  test.each([
    { tip: 100, cap: 1_000, isEnough: false },
    { tip: 109, cap: 1_099, isEnough: false },
    { tip: 110, cap: 1_099, isEnough: false },
    { tip: 109, cap: 1_100, isEnough: false },
    { tip: 110, cap: 1_100, isEnough: true },
  ])('tip $tip and cap $cap over 100 and 1000: $isEnough', ({ tip, cap, isEnough }) => {
    expect(outbids(poolTx({ tip, cap }), poolTx({ tip: 100, cap: 1_000 }), 10)).toBe(isEnough)
  })

  test('wants a higher fee even where ten per cent round to nothing', () => {
    expect(outbids(poolTx({ tip: 0 }), poolTx({ tip: 0 }), 10)).toBe(false)
    expect(outbids(poolTx({ tip: 1 }), poolTx({ tip: 0 }), 10)).toBe(true)
    expect(outbids(poolTx({ tip: 10 }), poolTx({ tip: 9 }), 10)).toBe(true)
    expect(outbids(poolTx({ tip: 11 }), poolTx({ tip: 10 }), 10)).toBe(true)
    expect(outbids(poolTx({ tip: 12 }), poolTx({ tip: 11 }), 10)).toBe(false)
  })

  test('is a strict partial order', () => {
    const tx = fc
      .tuple(fc.nat(60), fc.nat(60))
      .map(([tip, over]) => poolTx({ tip, cap: tip + over }))
    fc.assert(
      fc.property(tx, tx, tx, (a, b, c) => {
        expect(outbids(a, a, 10)).toBe(false)
        expect(outbids(a, b, 10) && outbids(b, a, 10)).toBe(false)
        expect(outbids(a, b, 10) && outbids(b, c, 10) && !outbids(a, c, 10)).toBe(false)
      }),
    )
  })
})

describe('replacement in the pool', () => {
  test.each([
    { place: 'pending', nonce: 0 },
    { place: 'queued', nonce: 3 },
    { place: 'parked', nonce: 40 },
  ])('takes the place of a $place one', ({ place, nonce }) => {
    const fixture = new PoolFixture()
    const old = fixture.offer(1, { nonce, tip: 10 })
    expect(fixture.offer(1, { nonce, tip: 10, salt: 1 }).outcome.reason).toBe(
      'replacement-underpriced',
    )
    const next = fixture.offer(1, { nonce, tip: 11 })
    expect(next.outcome.status).toBe(place)
    expect(fixture.pool.has(old.tx.hash)).toBe(false)
    expect(fixture.ledger.all.at(-2)).toMatchObject({ kind: 'replaced', by: next.tx.hash })
    expect(fixture.ledger.of(next.tx.hash)).toEqual([place])
  })

  test('needs no room in a full pool', () => {
    const fixture = new PoolFixture({ limits: { pendingSlots: 2 } })
    fixture.fill(1, 2)
    expect(fixture.offer(1, { nonce: 0, tip: 11 }).outcome.status).toBe('pending')
    expect(fixture.nonces(1).pending).toEqual([0, 1])
  })

  test('lifts the worth of the whole run when it replaces the weakest', () => {
    const fixture = new PoolFixture({ limits: { pendingSlots: 3 } })
    for (const [nonce, tip] of [1, 50].entries()) fixture.offer(1, { nonce, tip })
    fixture.offer(2, { tip: 5 })
    fixture.offer(1, { nonce: 0, tip: 40 })
    fixture.offer(3, { tip: 6 })
    expect(fixture.nonces(1).pending).toEqual([0, 1])
    expect(fixture.nonces(2).pending).toEqual([])
  })
})
