import { describe, expect, test } from 'vitest'
import { POOL_REFUSALS, type PoolRefusal } from '../../src/mempool/refusals.ts'
import {
  ETHER,
  poolSender,
  poolTx,
  PoolFixture,
  TestAccounts,
  TRANSFER_GAS,
} from '../builders/pool.ts'

describe('places', () => {
  test('takes the account nonce as pending and the nonces after it one by one', () => {
    const fixture = new PoolFixture({ accounts: new TestAccounts().set(1, { nonce: 7 }) })
    for (const nonce of [7, 8, 9])
      expect(fixture.offer(1, { nonce }).outcome).toEqual({ status: 'pending' })
    expect(fixture.nonces(1)).toEqual({ pending: [7, 8, 9], queued: [], parked: [] })
    expect(fixture.pool.nextNonce(poolSender(1))).toBe(10n)
  })

  test.each([
    { nonce: 1, outcome: { status: 'queued' } },
    { nonce: 16, outcome: { status: 'queued' } },
    { nonce: 17, outcome: { status: 'parked', reason: 'nonce-gap' } },
    { nonce: 64, outcome: { status: 'parked', reason: 'nonce-gap' } },
    { nonce: 65, outcome: { status: 'refused', reason: 'nonce-gap-too-far' } },
  ])('answers $outcome.status to a transaction $nonce nonces ahead', ({ nonce, outcome }) => {
    expect(new PoolFixture().offer(1, { nonce }).outcome).toEqual(outcome)
  })

  test('counts the gap from the first nonce that is not pending', () => {
    const fixture = new PoolFixture()
    fixture.fill(1, 3)
    expect(fixture.offer(1, { nonce: 19 }).outcome.status).toBe('queued')
    expect(fixture.offer(1, { nonce: 20 }).outcome.status).toBe('parked')
  })

  test('promotes what a filled gap makes executable and stops at the next gap', () => {
    const fixture = new PoolFixture()
    for (const nonce of [1, 2, 4]) fixture.offer(1, { nonce })
    fixture.offer(1, { nonce: 0 })
    expect(fixture.nonces(1)).toEqual({ pending: [0, 1, 2], queued: [4], parked: [] })
    expect(fixture.ledger.kinds()).toEqual(
      ['queued', 'queued', 'queued'].concat(['pending', 'promoted', 'promoted']),
    )
  })

  test('releases a parked transaction when its gap has shrunk to the forwarded gap', () => {
    const fixture = new PoolFixture()
    const { tx } = fixture.offer(1, { nonce: 17 })
    fixture.offer(1, { nonce: 0 })
    expect(fixture.nonces(1)).toEqual({ pending: [0], queued: [17], parked: [] })
    expect(fixture.ledger.of(tx.hash)).toEqual(['parked', 'released'])
  })

  test('tells of a promoted transaction whether it was parked', () => {
    const fixture = new PoolFixture({ limits: { forwardedGap: 1 } })
    fixture.offer(1, { nonce: 2 })
    fixture.offer(1, { nonce: 1 })
    fixture.offer(1, { nonce: 0 })
    const promoted = fixture.ledger.all.flatMap((event) =>
      event.kind === 'promoted' ? [[event.pooled.tx.nonce, event.wasParked]] : [],
    )
    expect(promoted).toEqual([
      [1n, false],
      [2n, true],
    ])
  })
})

describe('refusals', () => {
  const cases: Record<Exclude<PoolRefusal, 'nonce-gap'>, () => unknown> = {
    known: () => {
      const fixture = new PoolFixture()
      fixture.offer(1)
      return fixture.offer(1).outcome
    },
    oversized: () => new PoolFixture().offer(1, { bytes: 131_073 }).outcome,
    'fee-too-low': () => new PoolFixture().offer(1, { tip: 0, cap: 100 }).outcome,
    'nonce-too-low': () =>
      new PoolFixture({ accounts: new TestAccounts().set(1, { nonce: 3 }) }).offer(1, { nonce: 2 })
        .outcome,
    'nonce-gap-too-far': () => new PoolFixture().offer(1, { nonce: 65 }).outcome,
    'insufficient-funds': () => new PoolFixture().offer(1, { value: 1_000n * ETHER }).outcome,
    overdraft: () => {
      const fixture = new PoolFixture()
      fixture.offer(1, { value: 600n * ETHER })
      return fixture.offer(1, { nonce: 1, value: 600n * ETHER }).outcome
    },
    'replacement-underpriced': () => {
      const fixture = new PoolFixture()
      fixture.offer(1, { tip: 100 })
      return fixture.offer(1, { tip: 109 }).outcome
    },
    'sender-slots': () => {
      const fixture = new PoolFixture({ limits: { senderQueuedSlots: 2 } })
      for (const nonce of [1, 2]) fixture.offer(1, { nonce })
      return fixture.offer(1, { nonce: 3 }).outcome
    },
    underpriced: () => {
      const fixture = new PoolFixture({ limits: { pendingSlots: 1 } })
      fixture.offer(1)
      return fixture.offer(2).outcome
    },
    'pool-full': () => {
      const fixture = new PoolFixture({ limits: { pendingSlots: 2, senderPendingSlots: 1 } })
      for (const sender of [1, 2]) fixture.offer(sender)
      return fixture.offer(1, { nonce: 1, tip: 1_000 }).outcome
    },
  }

  test.each(Object.entries(cases))('refuses with %s', (reason, outcomeOf) => {
    expect(outcomeOf()).toEqual({ status: 'refused', reason })
  })

  test('every reason has a case here, and only the size is the fault of the peer', () => {
    expect([...Object.keys(cases), 'nonce-gap'].sort()).toEqual(Object.keys(POOL_REFUSALS).sort())
    const rejects = Object.entries(POOL_REFUSALS).filter(([, { action }]) => action === 'reject')
    expect(rejects.map(([reason]) => reason)).toEqual(['oversized'])
    const holds = Object.entries(POOL_REFUSALS).filter(([, { action }]) => action === 'hold')
    expect(holds.map(([reason]) => reason)).toEqual(['nonce-gap'])
  })

  test('a refused transaction leaves no trace', () => {
    const fixture = new PoolFixture()
    fixture.offer(1, { value: 2_000n * ETHER })
    expect(fixture.ledger.all).toEqual([])
    expect(fixture.pool.content()).toEqual({ pending: new Map(), queued: new Map() })
  })

  test('a balance that just covers gas at the fee cap and value is enough', () => {
    const accounts = new TestAccounts().set(1, { balance: TRANSFER_GAS * 50n + 5n })
    const fixture = new PoolFixture({ accounts })
    expect(fixture.offer(1, { tip: 1, cap: 50, value: 6n }).outcome.status).toBe('refused')
    expect(fixture.offer(1, { tip: 1, cap: 50, value: 5n }).outcome.status).toBe('pending')
  })
})

describe('precheck', () => {
  test('knows a pooled transaction, a size and a tip out of bounds before the sender is known', () => {
    const fixture = new PoolFixture()
    const { tx } = fixture.offer(1)
    expect(fixture.pool.precheck(tx)).toBe('known')
    expect(fixture.pool.precheck(poolTx({ bytes: 131_073 }))).toBe('oversized')
    expect(fixture.pool.precheck(poolTx({ tip: 0 }))).toBe('fee-too-low')
    expect(fixture.pool.precheck(poolTx({ tip: 1 }))).toBeUndefined()
  })

  test('refuses what pays no more than the cheapest of two full parts', () => {
    const fixture = new PoolFixture({ limits: { pendingSlots: 1, queuedSlots: 1 } })
    fixture.offer(1, { tip: 10 })
    expect(fixture.pool.precheck(poolTx({ tip: 9 }, 3))).toBeUndefined()
    fixture.offer(2, { nonce: 1, tip: 20 })
    expect(fixture.pool.precheck(poolTx({ tip: 10 }, 3))).toBe('underpriced')
    expect(fixture.pool.precheck(poolTx({ tip: 11 }, 3))).toBeUndefined()
  })
})

describe('precheck lets through what may still find room', () => {
  test('because behind a gap there is room left', () => {
    const fixture = new PoolFixture({ limits: { pendingSlots: 1, queuedSlots: 2 } })
    fixture.offer(1, { tip: 10 })
    fixture.offer(2, { nonce: 1, tip: 20 })
    expect(fixture.pool.precheck(poolTx({ tip: 5 }, 3))).toBeUndefined()
    expect(fixture.offer(3, { nonce: 1, tip: 5 }).outcome.status).toBe('queued')
  })

  test('because a sender above its share has to yield', () => {
    const limits = { pendingSlots: 2, queuedSlots: 1, senderPendingSlots: 1 }
    const fixture = new PoolFixture({ limits })
    fixture.fill(1, 2)
    fixture.offer(2, { nonce: 1, tip: 20 })
    expect(fixture.pool.precheck(poolTx({ tip: 5 }, 3))).toBeUndefined()
    expect(fixture.offer(3, { tip: 5 }).outcome.status).toBe('pending')
  })
})

describe('views', () => {
  test('shows content by sender in nonce order, and counts', () => {
    const fixture = new PoolFixture()
    for (const nonce of [3, 0, 30, 1]) fixture.offer(1, { nonce })
    fixture.offer(2)
    const { pending, queued } = fixture.pool.content()
    const nonces = (list: readonly { tx: { nonce: bigint } }[] | undefined): bigint[] | undefined =>
      list?.map((pooled) => pooled.tx.nonce)
    expect(nonces(pending.get(poolSender(1)))).toEqual([0n, 1n])
    expect(nonces(queued.get(poolSender(1)))).toEqual([3n, 30n])
    expect([...pending.keys()]).toEqual([poolSender(1), poolSender(2)])
    expect([fixture.pool.pendingCount, fixture.pool.queuedCount]).toEqual([3, 2])
  })

  test('lists the transactions of our own RPC, which have no other privilege', () => {
    const fixture = new PoolFixture({ limits: { pendingSlots: 2 } })
    const mine = poolTx({ tip: 1 }, 1)
    fixture.add(mine, 1, 'local')
    fixture.offer(2, { tip: 5 })
    expect([...fixture.pool.local()].map((pooled) => pooled.tx)).toEqual([mine])
    fixture.offer(3, { tip: 5 })
    expect([...fixture.pool.local()]).toEqual([])
  })

  test('finds a transaction by hash, and by sender and nonce', () => {
    const fixture = new PoolFixture()
    fixture.clock.advance(5)
    const { tx } = fixture.offer(1, { nonce: 2 })
    expect(fixture.pool.has(tx.hash)).toBe(true)
    expect(fixture.pool.get(tx.hash)).toMatchObject({ tx, addedMs: 5, place: 'queued' })
    expect(fixture.pool.at(poolSender(1), 2n)?.tx).toBe(tx)
    expect(fixture.pool.at(poolSender(1), 1n)).toBeUndefined()
  })

  test('the next nonce of a stranger is that of the account', () => {
    const fixture = new PoolFixture({ accounts: new TestAccounts().set(4, { nonce: 12 }) })
    expect(fixture.pool.nextNonce(poolSender(4))).toBe(12n)
  })

  test('an event handler sees the finished pool and may change it; every handler sees one order', () => {
    const fixture = new PoolFixture()
    const seen: string[] = []
    fixture.pool.events.on(({ kind }) => {
      fixture.pool.assertInvariants()
      if (kind === 'queued') fixture.pool.add(poolTx({ nonce: 0 }, 1), poolSender(1), 'local')
    })
    fixture.pool.events.on(({ kind }) => seen.push(kind))
    fixture.offer(1, { nonce: 1 })
    expect(seen).toEqual(['queued', 'pending', 'promoted'])
    expect(fixture.nonces(1).pending).toEqual([0, 1])
  })
})

describe('age', () => {
  test('lets a transaction go after 3 hours and no earlier', () => {
    const fixture = new PoolFixture()
    const { tx } = fixture.offer(1)
    fixture.expire(10_799_999)
    expect(fixture.pool.has(tx.hash)).toBe(true)
    fixture.expire(1)
    expect(fixture.pool.has(tx.hash)).toBe(false)
    expect(fixture.ledger.of(tx.hash)).toEqual(['pending', 'expired'])
  })

  test('demotes what stood behind an expired transaction', () => {
    const fixture = new PoolFixture()
    fixture.offer(1, { nonce: 0 })
    fixture.clock.advance(1_000)
    const { tx } = fixture.offer(1, { nonce: 1 })
    fixture.expire(10_799_000)
    expect(fixture.nonces(1)).toEqual({ pending: [], queued: [1], parked: [] })
    expect(fixture.ledger.of(tx.hash)).toEqual(['pending', 'demoted'])
    fixture.offer(1, { nonce: 0, salt: 1 })
    expect(fixture.nonces(1).pending).toEqual([0, 1])
  })
})
