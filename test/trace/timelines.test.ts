import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Hash } from '../../src/crypto/keccak.ts'
import { Timelines, type TraceLimits } from '../../src/trace/timelines.ts'
import type { Sighting } from '../../src/trace/trace.ts'

const SMALL: TraceLimits = { maxItems: 4, maxSightings: 8, maxFates: 8, maxEntries: 3 }

const hashOf = (number: number): Hash => `0x${number.toString(16).padStart(64, '0')}` as Hash
const HASH = hashOf(1)

function sighting(change: Partial<Sighting> = {}): Sighting {
  return {
    kind: 'tx',
    hash: HASH,
    from: 'peer-a',
    route: 'push',
    receivedMs: 100,
    judgedMs: 104,
    queuedMs: 3,
    action: 'accept',
    reason: '',
    bytes: 110,
    ...change,
  }
}

function duplicate(from: string, atMs: number): Sighting {
  return sighting({ from, receivedMs: atMs, judgedMs: atMs, queuedMs: 0, action: 'duplicate' })
}

describe('timeline', () => {
  test('is undefined for an item never seen', () => {
    expect(new Timelines().timeline(HASH)).toBeUndefined()
  })

  test('tells the whole story of an item', () => {
    const trace = new Timelines()
    trace.sighting(sighting())
    trace.fate('tx', HASH, { kind: 'pending' }, 104)
    trace.fate('tx', HASH, { kind: 'forwarded', to: 'peer-b' }, 105)
    trace.sighting(duplicate('peer-c', 107))
    trace.fate('tx', HASH, { kind: 'forwarded', to: 'peer-d' }, 106)
    trace.fate('tx', HASH, { kind: 'included', block: hashOf(9), number: 3n }, 2000)
    expect(trace.timeline(HASH)).toEqual({
      kind: 'tx',
      hash: HASH,
      firstSeen: { from: 'peer-a', receivedMs: 100, bytes: 110 },
      verdict: 'accept',
      reason: '',
      queueMs: 3,
      validationMs: 4,
      duplicates: [{ from: 'peer-c', delayMs: 7 }],
      forwardedTo: [
        { to: 'peer-b', atMs: 105 },
        { to: 'peer-d', atMs: 106 },
      ],
      fates: [
        { kind: 'pending', atMs: 104 },
        { kind: 'included', block: hashOf(9), number: 3, atMs: 2000 },
      ],
      counts: { duplicates: 1, forwarded: 2, fates: 2 },
    })
  })

  test('can be written as JSON', () => {
    const trace = new Timelines()
    trace.sighting(sighting())
    trace.fate('tx', HASH, { kind: 'included', block: hashOf(9), number: 3n }, 2000)
    expect(JSON.parse(JSON.stringify(trace.timeline(HASH)))).toEqual(trace.timeline(HASH))
  })

  test('takes the first copy by arrival, though a duplicate was recorded while it was being judged', () => {
    const trace = new Timelines()
    trace.sighting(duplicate('peer-b', 101))
    trace.sighting(sighting({ from: 'peer-a', receivedMs: 100 }))
    const timeline = trace.timeline(HASH)
    expect(timeline?.firstSeen?.from).toBe('peer-a')
    expect(timeline?.duplicates).toEqual([{ from: 'peer-b', delayMs: 1 }])
    expect(timeline?.verdict).toBe('accept')
  })

  test('shows a held copy that was judged again as one copy with its last verdict', () => {
    const trace = new Timelines()
    trace.sighting(sighting({ action: 'hold', reason: 'unknown-parent' }))
    trace.sighting(duplicate('peer-b', 102))
    trace.fate('tx', HASH, { kind: 'released', reason: 'unknown-parent' }, 900)
    trace.sighting(sighting({ judgedMs: 900 }))
    const timeline = trace.timeline(HASH)
    expect(timeline?.verdict).toBe('accept')
    expect(timeline?.validationMs).toBe(800)
    expect(timeline?.duplicates).toEqual([{ from: 'peer-b', delayMs: 2 }])
    expect(timeline?.counts.duplicates).toBe(1)
  })

  test('cuts long lists and tells their true length', () => {
    const trace = new Timelines(SMALL)
    trace.sighting(sighting())
    for (let i = 1; i <= 20; i++) trace.sighting(duplicate(`peer-${i}`, 100 + i))
    const timeline = trace.timeline(HASH)
    expect(timeline?.firstSeen?.from).toBe('peer-a')
    expect(timeline?.verdict).toBe('accept')
    expect(timeline?.duplicates).toHaveLength(3)
    expect(timeline?.counts.duplicates).toBe(20)
  })

  test('forgets the oldest item first', () => {
    const trace = new Timelines(SMALL)
    for (let i = 1; i <= 5; i++) trace.sighting(sighting({ hash: hashOf(i) }))
    expect(trace.size).toBe(4)
    expect(trace.timeline(hashOf(1))).toBeUndefined()
    expect(trace.timeline(hashOf(5))?.verdict).toBe('accept')
  })

  test('never mixes the rows of two items, whatever is overwritten (property)', () => {
    const event = fc.record({ item: fc.integer({ min: 1, max: 6 }), fate: fc.boolean() })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const trace = new Timelines(SMALL)
        events.forEach(({ item, fate }, at) => {
          const hash = hashOf(item)
          if (fate) trace.fate('tx', hash, { kind: 'forwarded', to: `to-${item}` }, at)
          else trace.sighting(sighting({ hash, from: `from-${item}`, receivedMs: at }))
        })
        for (let item = 1; item <= 6; item++) {
          const timeline = trace.timeline(hashOf(item))
          const froms = timeline?.duplicates.map((copy) => copy.from) ?? []
          const tos = timeline?.forwardedTo.map((one) => one.to) ?? []
          expect(froms.every((from) => from === `from-${item}`)).toBe(true)
          expect(tos.every((to) => to === `to-${item}`)).toBe(true)
        }
        expect(trace.size).toBeLessThanOrEqual(SMALL.maxItems)
      }),
    )
  })
})

describe('sightings for a collector', () => {
  test('come once each, in order, through the cursor', () => {
    const trace = new Timelines()
    for (let i = 0; i < 5; i++) trace.sighting(sighting({ receivedMs: i }))
    const first = trace.sightings(0, 3)
    const second = trace.sightings(first.cursor, 3)
    expect(first.sightings.map((one) => one.receivedMs)).toEqual([0, 1, 2])
    expect(second.sightings.map((one) => one.receivedMs)).toEqual([3, 4])
    expect(trace.sightings(second.cursor, 3)).toEqual({ cursor: 5, lost: 0, sightings: [] })
  })

  test('carry every field as it was recorded', () => {
    const trace = new Timelines()
    const one = sighting({ kind: 'block', action: 'reject', reason: 'transactions-root' })
    trace.sighting(one)
    expect(trace.sightings(0, 1).sightings).toEqual([one])
  })

  test('tell a slow collector how many it lost', () => {
    const trace = new Timelines(SMALL)
    for (let i = 0; i < 20; i++) trace.sighting(sighting({ receivedMs: i }))
    const batch = trace.sightings(5, 100)
    expect(batch.lost).toBe(7)
    expect(batch.sightings.map((one) => one.receivedMs)).toEqual([12, 13, 14, 15, 16, 17, 18, 19])
    expect(batch.cursor).toBe(20)
  })

  test('a cursor from the future or below zero is brought back into range', () => {
    const trace = new Timelines()
    trace.sighting(sighting())
    expect(trace.sightings(99, 10)).toEqual({ cursor: 1, lost: 0, sightings: [] })
    expect(trace.sightings(-5, 10).sightings).toHaveLength(1)
  })

  test('keeps records of every age right while its memory grows, and beyond', () => {
    const capacity = 1_000
    const trace = new Timelines({ ...SMALL, maxSightings: capacity })
    const total = capacity + 300
    for (let i = 0; i < total; i++)
      trace.sighting(sighting({ receivedMs: i, bytes: i * 3, kind: i % 2 === 0 ? 'tx' : 'block' }))
    const { sightings, lost } = trace.sightings(0, total)
    expect(lost).toBe(300)
    expect(sightings.map(({ receivedMs, bytes, kind }) => [receivedMs, bytes, kind])).toEqual(
      Array.from({ length: capacity }, (_, at) => {
        const i = at + 300
        return [i, i * 3, i % 2 === 0 ? 'tx' : 'block']
      }),
    )
  })

  test('takes no memory for rows that nobody wrote', () => {
    const before = process.memoryUsage().arrayBuffers
    const traces = Array.from({ length: 20 }, () => new Timelines())
    const taken = process.memoryUsage().arrayBuffers - before
    expect(traces).toHaveLength(20)
    expect(taken).toBeLessThan(1_000_000)
  })
})
