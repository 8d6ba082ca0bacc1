import { describe, expect, test } from 'vitest'
import { poolSender, poolTx, PoolFixture } from '../builders/pool.ts'

function order(fixture: PoolFixture, baseFee: bigint): string[] {
  return [...fixture.pool.executable(baseFee)].map(
    ({ sender, tx }) => `${Number(sender)}:${tx.nonce}`,
  )
}

describe('executable', () => {
  test('goes by tip across senders and by nonce within one', () => {
    const fixture = new PoolFixture()
    for (const [nonce, tip] of [5, 50].entries()) fixture.offer(1, { nonce, tip })
    for (const [nonce, tip] of [20, 1].entries()) fixture.offer(2, { nonce, tip })
    expect(order(fixture, 0n)).toEqual(['2:0', '1:0', '1:1', '2:1'])
  })

  test('counts the tip that is left over the base fee it is asked for', () => {
    const fixture = new PoolFixture()
    fixture.offer(1, { tip: 50, cap: 100 })
    fixture.offer(2, { tip: 30, cap: 200 })
    expect(order(fixture, 0n)).toEqual(['1:0', '2:0'])
    expect(order(fixture, 90n)).toEqual(['2:0', '1:0'])
  })

  test('ends a run at the first that cannot pay the base fee', () => {
    const fixture = new PoolFixture()
    for (const [nonce, cap] of [100, 10, 100].entries()) fixture.offer(1, { nonce, tip: 1, cap })
    fixture.offer(2, { nonce: 1, tip: 99 })
    expect(order(fixture, 11n)).toEqual(['1:0'])
    expect(order(fixture, 10n)).toEqual(['1:0', '1:1', '1:2'])
  })

  test('prefers the earlier among equals', () => {
    const fixture = new PoolFixture()
    for (const sender of [3, 1, 2]) {
      fixture.offer(sender)
      fixture.clock.advance(1)
    }
    expect(order(fixture, 0n)).toEqual(['3:0', '1:0', '2:0'])
  })

  test('shows nothing of what changes while it is read', () => {
    const fixture = new PoolFixture()
    fixture.fill(1, 3)
    const seen: bigint[] = []
    for (const { tx } of fixture.pool.executable(0n)) {
      seen.push(tx.nonce)
      fixture.pool.add(poolTx({ nonce: Number(tx.nonce) + 3 }, 1), poolSender(1), 'remote')
    }
    expect(seen).toEqual([0n, 1n, 2n])
  })
})
