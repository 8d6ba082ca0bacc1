import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RecentBytes } from '../../src/p2p/router/recentBytes.ts'

const wide = { maxEntries: 1_000, maxBytes: 1_000_000 }

describe('recent bytes', () => {
  test('answer the value of equal bytes only, whatever was set before', () => {
    const strings = fc.uint8Array({ maxLength: 12, max: 3 })
    fc.assert(
      fc.property(fc.array(strings, { maxLength: 40 }), strings, (set, asked) => {
        const recent = new RecentBytes<number>(wide)
        for (const [index, bytes] of set.entries()) recent.set(bytes, index)
        const last = set.findLastIndex((bytes) => Buffer.compare(bytes, asked) === 0)
        expect([undefined, last]).toContain(recent.get(asked))
        recent.set(asked, -1)
        expect(recent.get(asked)).toBe(-1)
        recent.assertInvariants()
      }),
    )
  })

  test('are bounded in number and in bytes after every step', () => {
    const strings = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 60 })
    fc.assert(
      fc.property(
        strings,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 50 }),
        (set, maxEntries, maxBytes) => {
          const recent = new RecentBytes<number>({ maxEntries, maxBytes })
          for (const bytes of set) {
            recent.set(bytes, 0)
            expect(() => recent.assertInvariants()).not.toThrow()
          }
        },
      ),
    )
  })

  test('forget the oldest first', () => {
    const recent = new RecentBytes<string>({ maxEntries: 2, maxBytes: 100 })
    for (const name of ['one', 'two', 'three']) recent.set(new TextEncoder().encode(name), name)
    const found = ['one', 'two', 'three'].map((name) => recent.get(new TextEncoder().encode(name)))
    expect(found).toEqual([undefined, 'two', 'three'])
  })

  test('do not keep a large buffer alive for a small part of it', () => {
    const recent = new RecentBytes<number>(wide)
    const large = new Uint8Array(10_000).fill(7)
    recent.set(large.subarray(0, 10), 1)
    large.fill(8)
    expect(recent.get(new Uint8Array(10).fill(7))).toBe(1)
  })

  test('do not take what is larger than all they may hold', () => {
    const recent = new RecentBytes<number>({ maxEntries: 5, maxBytes: 10 })
    recent.set(new Uint8Array(11), 1)
    expect(recent.size).toBe(0)
  })
})
