import { expect, test } from 'vitest'
import { defaultPoolLimits, POOL_LIMITS } from '../../src/mempool/limits.ts'
import { PoolFixture } from '../builders/pool.ts'

test('a pool made without limits has those of the list', () => {
  const listed = Object.fromEntries(
    Object.entries(POOL_LIMITS).map(([name, { value }]) => [name, value]),
  )
  expect(defaultPoolLimits).toEqual(listed)
  expect(new PoolFixture().pool.limits).toEqual(listed)
})

test('the parts fit each other', () => {
  const limits = defaultPoolLimits
  expect(limits.maxTxBytes % limits.slotBytes).toBe(0)
  expect(limits.forwardedGap).toBeLessThan(limits.keptGap)
  expect(limits.keptGap).toBeLessThanOrEqual(limits.senderQueuedSlots)
  expect(limits.senderPendingSlots).toBeLessThan(limits.pendingSlots)
})

test('a limit that is set replaces the default of its own name alone', () => {
  const { limits } = new PoolFixture({ limits: { minTipWei: 7 } }).pool
  expect(limits).toEqual({ ...defaultPoolLimits, minTipWei: 7 })
})
