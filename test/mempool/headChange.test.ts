import { describe, expect, test } from 'vitest'
import type { Tx } from '../../src/tx/tx.ts'
import { ETHER, poolSender, PoolFixture, TRANSFER_GAS } from '../builders/pool.ts'

/**
 * Sender 1 has a run in the pool, a block includes its first one, and then the chain leaves that
 * block.
 */
function firstLeavesChain(fixture: PoolFixture, count: number): Tx {
  const [first] = fixture.fill(1, count)
  if (first === undefined) throw new Error('fill answers what it adds')
  fixture.accounts.set(1, { nonce: 1 })
  fixture.reset({ included: [fixture.block(first)] })
  fixture.accounts.set(1, { nonce: 0 })
  return first
}

describe('a new head', () => {
  test('removes what it includes and names the block', () => {
    const fixture = new PoolFixture()
    const [first, second] = fixture.fill(1, 2)
    if (first === undefined || second === undefined) throw new Error('fill answers what it adds')
    const block = fixture.block(first)
    fixture.accounts.set(1, { nonce: 1 })
    fixture.reset({ included: [block] })
    expect(fixture.nonces(1).pending).toEqual([1])
    expect(fixture.ledger.all.at(-1)).toMatchObject({
      kind: 'included',
      pooled: { tx: first },
      block: { hash: block.hash, number: 1n },
    })
  })

  test('drops a nonce that another transaction used', () => {
    const fixture = new PoolFixture()
    const { tx } = fixture.offer(1)
    fixture.accounts.set(1, { nonce: 1 })
    fixture.reset({ included: [fixture.block()] })
    expect(fixture.pool.has(tx.hash)).toBe(false)
    expect(fixture.ledger.all.at(-1)).toMatchObject({ kind: 'dropped', reason: 'nonce-too-low' })
  })

  test('promotes what a nonce used elsewhere makes executable', () => {
    const fixture = new PoolFixture()
    fixture.offer(1, { nonce: 2 })
    fixture.accounts.set(1, { nonce: 2 })
    fixture.reset()
    expect(fixture.nonces(1).pending).toEqual([2])
    expect(fixture.ledger.kinds()).toEqual(['queued', 'promoted'])
  })

  test('drops the highest nonces of what a balance no longer covers', () => {
    const fixture = new PoolFixture()
    fixture.fill(1, 4, { value: ETHER })
    fixture.offer(1, { nonce: 9, value: ETHER })
    fixture.accounts.set(1, { balance: 2n * ETHER + 3n * TRANSFER_GAS * 10n })
    fixture.reset()
    expect(fixture.nonces(1)).toEqual({ pending: [0, 1], queued: [], parked: [] })
    expect(fixture.ledger.kinds().filter((kind) => kind === 'dropped')).toHaveLength(3)
  })

  test('sorts by the tips of the new base fee', () => {
    const fixture = new PoolFixture({ limits: { pendingSlots: 2 } })
    const capped = fixture.offer(1, { tip: 20, cap: 30 })
    const open = fixture.offer(2, { tip: 10, cap: 100 })
    fixture.reset({ baseFee: 25n })
    expect(fixture.offer(3, { tip: 8, cap: 100 }).outcome.status).toBe('pending')
    expect(fixture.pool.has(capped.tx.hash)).toBe(false)
    expect(fixture.pool.has(open.tx.hash)).toBe(true)
  })
})

describe('a reorganisation', () => {
  test('brings a transaction of a dropped block back once', () => {
    const fixture = new PoolFixture()
    const { tx } = fixture.offer(1)
    fixture.accounts.set(1, { nonce: 1 })
    fixture.reset({ included: [fixture.block(tx)] })
    fixture.accounts.set(1, { nonce: 0 })
    const returned = fixture.returned(1, tx, tx)
    fixture.reset({ returned })
    fixture.reset({ returned })
    expect(fixture.nonces(1).pending).toEqual([0])
    expect(fixture.ledger.of(tx.hash)).toEqual(['pending', 'included', 'returned'])
  })

  test('leaves out what the new blocks include too', () => {
    const fixture = new PoolFixture()
    const { tx } = fixture.offer(1)
    fixture.accounts.set(1, { nonce: 1 })
    fixture.reset({ included: [fixture.block(tx)] })
    fixture.reset({ included: [fixture.block(tx)], returned: fixture.returned(1, tx) })
    expect(fixture.pool.has(tx.hash)).toBe(false)
    expect(fixture.ledger.of(tx.hash)).toEqual(['pending', 'included'])
  })

  test('joins what returns to the run it came from', () => {
    const fixture = new PoolFixture()
    const first = firstLeavesChain(fixture, 3)
    fixture.ledger.clear()
    fixture.reset({ returned: fixture.returned(1, first) })
    expect(fixture.nonces(1).pending).toEqual([0, 1, 2])
    expect(fixture.ledger.kinds()).toEqual(['returned'])
  })

  test('demotes a run whose beginning does not return', () => {
    const fixture = new PoolFixture()
    firstLeavesChain(fixture, 3)
    fixture.reset()
    expect(fixture.nonces(1)).toEqual({ pending: [], queued: [1, 2], parked: [] })
  })

  test('brings a full pool within its limits again', () => {
    const fixture = new PoolFixture({ limits: { pendingSlots: 2 } })
    const first = fixture.offer(1, { tip: 9 })
    fixture.accounts.set(1, { nonce: 1 })
    fixture.reset({ included: [fixture.block(first.tx)] })
    const cheap = fixture.offer(2, { tip: 1 })
    fixture.offer(3, { tip: 5 })
    fixture.accounts.set(1, { nonce: 0 })
    fixture.reset({ returned: fixture.returned(1, first.tx) })
    expect(fixture.pool.pendingCount).toBe(2)
    expect(fixture.pool.has(cheap.tx.hash)).toBe(false)
  })

  test('keeps of a long demoted run what a sender may have behind a gap', () => {
    const fixture = new PoolFixture()
    firstLeavesChain(fixture, 100)
    fixture.reset()
    expect(fixture.nonces(1).queued).toEqual(Array.from({ length: 64 }, (_, at) => at + 1))
    expect(fixture.pool.nextNonce(poolSender(1))).toBe(0n)
  })
})
