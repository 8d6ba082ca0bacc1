import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Tx } from '../../src/tx/tx.ts'
import {
  ETHER,
  poolSender,
  poolTx,
  PoolFixture,
  TestAccounts,
  TRANSFER_GAS,
} from '../builders/pool.ts'

/** Pending transactions of `senders` different senders, one each, paying 10 wei per gas. */
function busyPool(pendingSlots: number, limits = {}): PoolFixture {
  const fixture = new PoolFixture({ limits: { pendingSlots, ...limits } })
  for (let sender = 0; sender < pendingSlots; sender++)
    fixture.pool.add(poolTx({}, sender), poolSender(sender), 'remote')
  fixture.check()
  return fixture
}

function hashesOf(fixture: PoolFixture): string[] {
  return [...fixture.pool.executable(0n)].map((pooled) => pooled.tx.hash).sort()
}

describe('future flood (DETER-X)', () => {
  test('10,000 dear transactions behind gaps displace no pending one', () => {
    const fixture = busyPool(5_120)
    const before = hashesOf(fixture)
    for (let at = 0; at < 10_000; at++) {
      const sender = 10_000 + at
      const tx = poolTx({ nonce: 1 + (at % 64), tip: 1_000_000 + at }, sender)
      fixture.pool.add(tx, poolSender(sender), 'remote')
    }
    fixture.check()
    expect(hashesOf(fixture)).toEqual(before)
    expect(fixture.pool.queuedSlots).toBe(1_024)
  })

  test('one sender keeps no more than 64 slots behind a gap', () => {
    const fixture = new PoolFixture()
    for (let nonce = 1; nonce <= 64; nonce++) fixture.offer(1, { nonce })
    expect(fixture.pool.queuedSlots).toBe(64)
    expect(fixture.offer(1, { nonce: 65, tip: 1_000 }).outcome.status).toBe('refused')
  })
})

describe('latent overdraft (DETER-Z, MemPurge)', () => {
  test('of a chain of which each spends the whole balance, the first alone gets in', () => {
    const accounts = new TestAccounts().set(9_000, { balance: ETHER })
    const fixture = new PoolFixture({ limits: { pendingSlots: 64 }, accounts })
    for (let sender = 0; sender < 64; sender++) fixture.fill(sender, 1)
    const gas = TRANSFER_GAS * 1_000n
    const outcomes = Array.from(
      { length: 16 },
      (_, nonce) => fixture.offer(9_000, { nonce, tip: 1_000, value: ETHER - gas }).outcome,
    )
    expect(outcomes.map(({ reason }) => reason)).toEqual([
      undefined,
      ...Array.from({ length: 15 }, () => 'overdraft'),
    ])
    expect(fixture.pool.pendingCount).toBe(64)
  })

  test('queued transactions count, so closing a gap uncovers nothing unpaid', () => {
    const fixture = new PoolFixture({ accounts: new TestAccounts().set(1, { balance: ETHER }) })
    for (const nonce of [1, 2]) fixture.offer(1, { nonce, value: (ETHER * 4n) / 10n })
    expect(fixture.offer(1, { nonce: 0, value: (ETHER * 4n) / 10n }).outcome.reason).toBe(
      'overdraft',
    )
  })

  test('a replacement is held to the balance as well', () => {
    const fixture = new PoolFixture({ accounts: new TestAccounts().set(1, { balance: ETHER }) })
    for (const nonce of [0, 1]) fixture.offer(1, { nonce, value: (ETHER * 4n) / 10n })
    const dear = fixture.offer(1, { nonce: 0, tip: 20, value: (ETHER * 7n) / 10n })
    expect(dear.outcome.reason).toBe('overdraft')
    const fair = fixture.offer(1, { nonce: 0, tip: 20, value: (ETHER * 5n) / 10n })
    expect(fair.outcome.status).toBe('pending')
  })
})

describe('hammer: dear transactions, then a cheap cancel of the first', () => {
  test('takes no more than the share of others, and the cancel frees nothing', () => {
    const fixture = busyPool(64)
    const attacker = 9_000
    for (let nonce = 0; nonce < 64; nonce++) fixture.offer(attacker, { nonce, tip: 1_000 })
    expect(fixture.nonces(attacker).pending).toHaveLength(16)
    expect(fixture.pool.pendingCount).toBe(64)
    const cancel = fixture.offer(attacker, { nonce: 0, tip: 1_100 })
    expect(cancel.outcome.status).toBe('pending')
    expect(fixture.nonces(attacker).pending).toHaveLength(16)
    expect(hashesOf(fixture).filter((hash) => hash === cancel.tx.hash)).toHaveLength(1)
  })
})

describe('shielding cheap transactions with a dear one behind them', () => {
  test('fails: the run is worth its weakest', () => {
    const fixture = new PoolFixture({ limits: { pendingSlots: 3 } })
    fixture.offer(1, { nonce: 0, tip: 1 })
    const shield = fixture.offer(1, { nonce: 1, tip: 1_000 })
    fixture.offer(2, { tip: 5 })
    expect(fixture.offer(3, { tip: 6 }).outcome.status).toBe('pending')
    expect(fixture.ledger.of(shield.tx.hash)).toEqual(['pending', 'evicted'])
  })
})

describe('cutting runs', () => {
  test('an eviction takes the end of a run, so nothing is left behind a gap', () => {
    const fixture = new PoolFixture({ limits: { pendingSlots: 4 } })
    for (const [nonce, tip] of [20, 5, 30, 40].entries()) fixture.offer(1, { nonce, tip })
    fixture.offer(2, { tip: 6 })
    expect(fixture.nonces(1)).toEqual({ pending: [0, 1, 2], queued: [], parked: [] })
  })
})

describe('replacement race', () => {
  const fee = fc.integer({ min: 1, max: 40 })
  const contenders = fc.uniqueArray(fc.record({ tip: fee, over: fee }), {
    minLength: 2,
    maxLength: 6,
    selector: ({ tip, over }) => `${tip} ${over}`,
  })

  function winner(txs: readonly Tx[]): Tx | undefined {
    const fixture = new PoolFixture()
    for (const tx of txs) fixture.add(tx, 1)
    return fixture.pool.at(poolSender(1), 0n)?.tx
  }

  test('a contender that outbids each other one wins in any order of arrival', () => {
    const race = contenders.chain((specs) => {
      const others = specs.map(({ tip, over }) => poolTx({ tip, cap: tip + over }))
      const best = poolTx({ tip: 44, cap: 88 })
      return fc.tuple(
        fc.constant(best),
        fc.shuffledSubarray([...others, best], { minLength: others.length + 1 }),
      )
    })
    fc.assert(
      fc.property(race, ([best, order]) => {
        expect(winner(order)).toBe(best)
      }),
    )
  })

  test('two that do not outbid each other stay as they came', () => {
    const [one, other] = [poolTx({ tip: 100 }), poolTx({ tip: 109 })]
    expect(winner([one, other])).toBe(one)
    expect(winner([other, one])).toBe(other)
  })
})

describe('spam by one sender', () => {
  test('one sender alone may fill the pool, and gives up all but its share to others', () => {
    const fixture = new PoolFixture({ limits: { pendingSlots: 32 } })
    fixture.fill(1, 40, { tip: 1_000 })
    expect(fixture.nonces(1).pending).toHaveLength(32)
    for (let sender = 2; sender < 18; sender++)
      expect(fixture.offer(sender, { tip: 1 }).outcome.status).toBe('pending')
    expect(fixture.nonces(1).pending).toHaveLength(16)
    expect(fixture.offer(18, { tip: 1 }).outcome.reason).toBe('underpriced')
  })

  test('above its share it displaces nobody who is within theirs, whatever it pays', () => {
    const fixture = busyPool(64)
    const outcomes = Array.from(
      { length: 20 },
      (_, nonce) => fixture.offer(9_000, { nonce, tip: 1_000 }).outcome,
    )
    const places = outcomes.map(({ status }) => status)
    expect(places.filter((status) => status === 'pending')).toHaveLength(16)
    expect(outcomes[16]?.reason).toBe('pool-full')
  })

  test('10,000 of one sender and 10,000 senders with one each keep every limit', () => {
    const fixture = new PoolFixture()
    const rich = poolSender(1)
    for (let nonce = 0; nonce < 10_000; nonce++)
      fixture.pool.add(poolTx({ nonce, tip: 900 }, 1), rich, 'remote')
    for (let at = 0; at < 10_000; at++) {
      const sender = 100 + at
      fixture.pool.add(poolTx({ tip: 1 + (at % 1_000) }, sender), poolSender(sender), 'remote')
    }
    fixture.check()
    expect(fixture.pool.pendingCount).toBe(5_120)
    expect(fixture.nonces(1).pending).toHaveLength(16)
    const tips = [...fixture.pool.executable(0n)].map(({ tx }) => tx.maxPriorityFeePerGas)
    expect(tips.at(-1)).toBeGreaterThan(480n)
  })
})

describe('size', () => {
  test('128 KiB take four slots, and four slots of cheaper ones make room for it', () => {
    const fixture = busyPool(8)
    expect(fixture.offer(100, { tip: 20, bytes: 131_072 }).outcome.status).toBe('pending')
    expect([fixture.pool.pendingCount, fixture.pool.pendingSlots]).toEqual([5, 8])
  })

  test('a large one that finds room for a part of itself only displaces nobody', () => {
    const fixture = new PoolFixture({ limits: { pendingSlots: 4 } })
    for (const [sender, tip] of [10, 11, 12, 30].entries()) fixture.offer(sender, { tip })
    const before = hashesOf(fixture)
    expect(fixture.offer(9, { tip: 20, bytes: 131_072 }).outcome.reason).toBe('underpriced')
    expect(hashesOf(fixture)).toEqual(before)
    expect(fixture.ledger.kinds()).toEqual(Array.from({ length: 4 }, () => 'pending'))
  })

  test('a replacement that is longer finds free room or is refused', () => {
    const fixture = busyPool(4)
    expect(fixture.offer(0, { tip: 20, bytes: 40_000 }).outcome.reason).toBe('pool-full')
    fixture.accounts.set(3, { nonce: 1 })
    fixture.reset()
    expect(fixture.offer(0, { tip: 20, bytes: 40_000 }).outcome.status).toBe('pending')
  })
})
