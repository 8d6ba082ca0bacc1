import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Suspicion, suspicionTimes } from '../../src/membership/suspicion.ts'

const ENVELOPE = new Uint8Array(0)

describe('a suspicion', () => {
  test.each([
    [8, 4_000, 24_000, 3],
    [1_000, 6_000, 36_000, 3],
    [10_000, 8_000, 48_000, 3],
    [4, 4_000, 24_000, 0],
  ])('among %i members lasts from %i to %i ms and takes %i confirmations', (n, min, max, k) => {
    expect(suspicionTimes(n, 1_000)).toEqual({ minMs: min, maxMs: max, confirmations: k })
  })

  test('shortens with each confirmation, by the logarithm of Lifeguard, to its least', () => {
    const suspicion = new Suspicion(1, suspicionTimes(8, 1_000), 100)
    const deadlines = ['a', 'b', 'c', 'd'].map((group) => {
      suspicion.add(group, ENVELOPE)
      return Math.round(suspicion.deadlineMs - 100)
    })
    expect(deadlines).toEqual([24_000, 14_000, 8_150, 4_000])
    expect(suspicion.add('e', ENVELOPE)).toBe(false)
    expect(suspicion.evidence).toHaveLength(4)
  })

  test('counts a group of accusers once', () => {
    const suspicion = new Suspicion(1, suspicionTimes(8, 1_000), 0)
    expect([suspicion.add('a', ENVELOPE), suspicion.add('a', ENVELOPE)]).toEqual([true, false])
    expect(suspicion.deadlineMs).toBe(24_000)
  })

  test('lasts longer by the time that the node was paused', () => {
    const suspicion = new Suspicion(1, suspicionTimes(8, 1_000), 0)
    suspicion.extend(5_000)
    expect(suspicion.deadlineMs).toBe(29_000)
  })

  test('never ends before its least or after its greatest time, whoever confirms', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.array(fc.string(), { minLength: 1, maxLength: 20 }),
        (members, groups) => {
          const times = suspicionTimes(members, 1_000)
          const suspicion = new Suspicion(1, times, 0)
          let before = Infinity
          for (const group of groups) {
            suspicion.add(group, ENVELOPE)
            expect(suspicion.deadlineMs).toBeLessThanOrEqual(before)
            before = suspicion.deadlineMs
          }
          expect(before).toBeGreaterThanOrEqual(times.minMs - 1e-6)
          expect(before).toBeLessThanOrEqual(times.maxMs)
          expect(suspicion.evidence.length).toBeLessThanOrEqual(times.confirmations + 1)
        },
      ),
    )
  })
})
