import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { TokenBucket } from '../../src/lib/tokenBucket.ts'

const rate = { burst: 10, perSecond: 5 }

test('allows the burst at once and not one more', () => {
  const bucket = new TokenBucket(rate, 0)
  expect(bucket.take(10, 0)).toBe(true)
  expect(bucket.take(1, 0)).toBe(false)
})

test('refills at its rate, fractions kept, and not over the burst', () => {
  const bucket = new TokenBucket(rate, 0)
  bucket.take(10, 0)
  expect(bucket.take(1, 199)).toBe(false)
  expect(bucket.take(1, 200)).toBe(true)
  expect(bucket.take(10, 1_000_000)).toBe(true)
  expect(bucket.take(1, 1_000_000)).toBe(false)
})

test('takes nothing where it refuses', () => {
  const bucket = new TokenBucket(rate, 0)
  expect(bucket.take(11, 0)).toBe(false)
  expect(bucket.take(10, 0)).toBe(true)
})

test('gives nothing for time that runs backward, and nothing twice', () => {
  const bucket = new TokenBucket(rate, 1000)
  bucket.take(10, 1000)
  expect(bucket.take(1, 0)).toBe(false)
  expect(bucket.take(1, 1000)).toBe(false)
})

test('never gives more than the burst and what the time since is worth', () => {
  const step = fc.tuple(fc.integer({ min: -500, max: 2000 }), fc.nat(12))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const bucket = new TokenBucket(rate, 0)
      let [nowMs, latestMs, taken] = [0, 0, 0]
      for (const [ms, count] of steps) {
        nowMs += ms
        latestMs = Math.max(latestMs, nowMs)
        if (bucket.take(count, nowMs)) taken += count
        expect(taken).toBeLessThanOrEqual(rate.burst + (latestMs * rate.perSecond) / 1000 + 1e-6)
      }
    }),
  )
})
