import { describe, expect, test } from 'vitest'
import type { PeerId } from '../../src/gossip/network.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { Claims } from '../../src/sync/catchUp/claims.ts'
import { CATCH_UP_REST_MS, MAX_UNREDEEMED_CLAIMS } from '../../src/sync/limits.ts'

const A = 'a' as PeerId
const B = 'b' as PeerId

describe('the claims of peers', () => {
  test('are believed once blocks were given, and until nothing follows one', () => {
    const claims = new Claims(new ManualClock())
    expect(claims.isBelieved(A)).toBe(false)
    claims.redeemed(A)
    expect(claims.isBelieved(A)).toBe(true)
    claims.unredeemed(A)
    expect(claims.isBelieved(A)).toBe(false)
    claims.redeemed(A)
    expect(claims.isBelieved(A)).toBe(false)
  })

  test('that nothing follows cost a rest that doubles, and the fifth in a row is once too often', () => {
    const clock = new ManualClock()
    const claims = new Claims(clock)
    const answers: boolean[] = []
    for (let times = 0; times < MAX_UNREDEEMED_CLAIMS; times++) {
      answers.push(claims.unredeemed(A))
      clock.advance(CATCH_UP_REST_MS * 2 ** times - 1)
      expect(claims.isResting(A)).toBe(true)
      clock.advance(1)
      expect(claims.isResting(A)).toBe(false)
    }
    expect(answers).toEqual([false, false, false, false, true])
  })

  test('of a peer that gives blocks again begin anew', () => {
    const claims = new Claims(new ManualClock())
    for (let times = 0; times < 10; times++) {
      for (let failures = 1; failures < MAX_UNREDEEMED_CLAIMS; failures++)
        expect(claims.unredeemed(A)).toBe(false)
      claims.redeemed(A)
    }
  })

  test('decide the order: who failed less often first, then who gave blocks', () => {
    const claims = new Claims(new ManualClock())
    expect(claims.compare(A, B)).toBe(0)
    claims.redeemed(B)
    expect(claims.compare(A, B)).toBeGreaterThan(0)
    claims.unredeemed(B)
    expect(claims.compare(A, B)).toBeLessThan(0)
    claims.unredeemed(A)
    claims.unredeemed(A)
    expect(claims.compare(A, B)).toBeGreaterThan(0)
  })
})
