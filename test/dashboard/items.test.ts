import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Items, type PeerCopy } from '../../src/dashboard/model/items.ts'

const BOUNDS = { maxItems: 3, giveUpMs: 10_000 }
const FOUR = new Set([0, 1, 2, 3])

/** A first copy that peer 1 accepted 5 ms after it came from peer 0. */
function copy(fields: Partial<PeerCopy>): PeerCopy {
  return {
    kind: 'tx',
    hash: '0xaa',
    peer: 1,
    from: 0,
    receivedMs: 110,
    judgedMs: 115,
    action: 'accept',
    ...fields,
  }
}

const ENTRY = copy({ peer: 0, from: undefined, receivedMs: 100, judgedMs: 101 })

function withCopies(...copies: readonly PeerCopy[]): Items {
  const items = new Items(BOUNDS)
  for (const one of copies) items.add(one, FOUR)
  return items
}

describe('items of the dashboard', () => {
  test('are finished when every live peer has accepted, timed from entry to verdict', () => {
    const items = withCopies(ENTRY, copy({}), copy({ peer: 2, judgedMs: 130 }))
    expect(items.settle(200, FOUR)).toEqual([])
    items.add(copy({ peer: 3, from: 2, judgedMs: 150 }), FOUR)
    expect(items.settle(200, FOUR)).toEqual([
      { hash: '0xaa', kind: 'tx', enteredMs: 100, halfMs: 30, allMs: 50, isUnsure: false },
    ])
    expect(items.newest(5, 1_000)).toMatchObject([
      { origin: 0, atMs: 1_100, reached: 4, live: 4, halfMs: 30, allMs: 50, isDone: true },
    ])
  })

  test('are told by pairs of item and peer, those that entered too early or too late left out', () => {
    const items = withCopies(
      ENTRY,
      copy({}),
      copy({ peer: 2, judgedMs: 130 }),
      { ...ENTRY, hash: '0xbb', receivedMs: 500 },
      { ...ENTRY, hash: '0xcc', kind: 'block' },
    )
    expect(items.pairFigures('tx', 50, 400)).toEqual({ p50: 15, p99: 30, coverage: 2 / 3 })
    expect(items.pairFigures('tx', 101, 400)).toEqual({ p50: null, p99: null, coverage: null })
    expect(items.pairFigures('block', 0, 400)).toEqual({ p50: null, p99: null, coverage: 0 })
  })

  test('do not wait for a peer that died on the way', () => {
    const items = withCopies(ENTRY, copy({}), copy({ peer: 2 }))
    expect(items.settle(200, new Set([0, 1, 2]))).toMatchObject([{ allMs: 15 }])
  })

  test('are given up after the time allowed, and count as incomplete', () => {
    const items = withCopies(ENTRY, copy({}))
    expect(items.settle(10_099, FOUR)).toEqual([])
    expect(items.settle(10_100, FOUR)).toMatchObject([
      { enteredMs: 100, halfMs: null, allMs: null, isUnsure: false },
    ])
    expect(items.settle(20_000, FOUR)).toEqual([])
  })

  test('go on counting copies that come after they were given up, and are measured again', () => {
    const items = withCopies(ENTRY, copy({}), copy({ peer: 2 }))
    expect(items.settle(10_100, FOUR)).toMatchObject([{ allMs: null }])
    items.add(copy({ peer: 3, receivedMs: 12_000, judgedMs: 12_100 }), FOUR)
    expect(items.settle(12_500, FOUR)).toMatchObject([{ hash: '0xaa', allMs: 12_000 }])
    expect(items.newest(1, 0)).toMatchObject([{ reached: 4, live: 4, allMs: 12_000 }])
    expect(items.settle(30_000, FOUR)).toEqual([])
  })

  test('are unsure where sightings of a peer that seems to lack them were skipped', () => {
    const items = withCopies(ENTRY, copy({}), copy({ peer: 2 }))
    items.skipped(1, 5_000)
    expect(items.settle(10_100, FOUR)).toMatchObject([{ allMs: null, isUnsure: false }])
    const doubtful = withCopies(ENTRY, copy({}), copy({ peer: 2 }))
    doubtful.skipped(3, 5_000)
    expect(doubtful.settle(10_100, FOUR)).toMatchObject([{ allMs: null, isUnsure: true }])
    expect(doubtful.newest(1, 0)).toMatchObject([{ reached: 3, isUnsure: true }])
  })

  test('are corrected by what the peers answer when they are asked', () => {
    const items = withCopies(ENTRY, copy({}), copy({ peer: 2 }))
    items.skipped(3, 5_000)
    items.settle(10_100, FOUR)
    items.correct([copy({ peer: 3, judgedMs: 300 }), copy({ hash: '0xbb' })])
    expect(items.settle(10_500, FOUR)).toMatchObject([{ allMs: 200, isUnsure: false }])
    expect(items.newest(5, 0)).toMatchObject([{ reached: 4, isUnsure: false }])
    expect(items.size).toBe(1)
  })

  test('that leave for newer ones before they are finished are answered as unsure', () => {
    const items = withCopies(ENTRY)
    for (const hash of ['0xb', '0xc', '0xd']) items.add({ ...ENTRY, hash }, FOUR)
    expect(items.settle(200, FOUR)).toMatchObject([{ hash: '0xaa', allMs: null, isUnsure: true }])
  })

  test('are shown once their entry is known, in whatever order the peers were read', () => {
    const items = withCopies(copy({}))
    expect(items.newest(5, 0)).toEqual([])
    items.add(ENTRY, FOUR)
    expect(items.newest(5, 0)).toMatchObject([{ origin: 0, reached: 2 }])
  })

  test('take no part in figures when nobody saw them enter', () => {
    const items = withCopies(copy({}))
    expect(items.settle(20_000, FOUR)).toEqual([])
    expect(items.settle(40_000, FOUR)).toEqual([])
  })

  test('count duplicates and leave out what was refused or held', () => {
    const items = withCopies(
      ENTRY,
      copy({ action: 'duplicate' }),
      copy({ action: 'hold' }),
      copy({ action: 'reject', hash: '0xbb' }),
    )
    expect(items.newest(5, 0)).toMatchObject([{ duplicates: 1, reached: 1 }])
    expect(items.size).toBe(1)
  })

  test('give a wave its first copies in order of arrival, after entry', () => {
    const items = withCopies(ENTRY, copy({ peer: 2, receivedMs: 120 }), copy({}))
    expect(items.wave('0xaa', 0)?.arrivals).toEqual([
      { peer: 0, from: null, receivedMs: 0, judgedMs: 1 },
      { peer: 1, from: 0, receivedMs: 10, judgedMs: 15 },
      { peer: 2, from: 0, receivedMs: 20, judgedMs: 15 },
    ])
    expect(items.wave('0xbb', 0)).toBeUndefined()
  })

  test('are told again only when they changed', () => {
    const items = withCopies(ENTRY)
    expect(items.takeChanged(0)).toHaveLength(1)
    expect(items.takeChanged(0)).toEqual([])
    items.add(copy({}), FOUR)
    expect(items.takeChanged(0)).toMatchObject([{ reached: 2 }])
  })

  test('stay within their bound and their invariants, whatever comes in whatever order', () => {
    const copies = fc.array(
      fc.record({
        kind: fc.constantFrom('tx' as const, 'block' as const),
        hash: fc.constantFrom('0xa', '0xb', '0xc', '0xd', '0xe'),
        peer: fc.nat(5),
        from: fc.option(fc.nat(5), { nil: undefined }),
        receivedMs: fc.nat(50_000),
        judgedMs: fc.nat(50_000),
        action: fc.constantFrom('accept', 'duplicate', 'ignore', 'hold'),
      }),
    )
    fc.assert(
      fc.property(copies, (all) => {
        const items = new Items(BOUNDS)
        for (const [at, one] of all.entries()) {
          items.add(one, FOUR)
          if (at % 3 === 0) items.settle(at * 1_000, FOUR)
          items.assertInvariants()
          expect(items.size).toBeLessThanOrEqual(BOUNDS.maxItems)
        }
      }),
    )
  })
})
