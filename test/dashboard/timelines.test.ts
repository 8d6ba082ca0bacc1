import { describe, expect, test } from 'vitest'
import { acceptedCopies, mergeTimelines } from '../../src/dashboard/model/timelines.ts'
import type { Timeline } from '../../src/trace/timelines.ts'
import { hashOf } from '../builders/port.ts'

const NAMES: Readonly<Record<string, string>> = { a: 'peer 0', b: 'peer 1' }
const OPTIONS = {
  nameOf: (from: string) => NAMES[from] ?? from,
  originMs: 1_000_000,
  maxEvents: 100,
}

/** What peer 0 says of a transaction that entered there. */
const ORIGIN: Timeline = {
  kind: 'tx',
  hash: hashOf('tx'),
  counts: { duplicates: 1, forwarded: 1, fates: 1 },
  firstSeen: { from: 'rpc', receivedMs: 500, bytes: 110 },
  verdict: 'accept',
  reason: '',
  queueMs: 0.25,
  validationMs: 2,
  duplicates: [{ from: 'b', delayMs: 9 }],
  forwardedTo: [{ to: 'b', atMs: 503 }],
  fates: [{ kind: 'included', block: hashOf('block'), number: 7, atMs: 900 }],
}
const OTHER: Timeline = {
  kind: 'tx',
  hash: hashOf('tx'),
  counts: { duplicates: 0, forwarded: 0, fates: 0 },
  firstSeen: { from: 'a', receivedMs: 505, bytes: 110 },
  verdict: 'ignore',
  reason: 'known',
  queueMs: 0,
  validationMs: 1,
  duplicates: [],
  forwardedTo: [],
  fates: [],
}

describe('the merged timeline', () => {
  test('tells what happened at all peers in one order, from the first sighting on', () => {
    const merged = mergeTimelines(
      '0xaa',
      [
        { peer: 1, timeline: OTHER },
        { peer: 0, timeline: ORIGIN },
        { peer: 2, timeline: undefined },
      ],
      OPTIONS,
    )
    expect(merged).toMatchObject({ kind: 'tx', atMs: 1_000_500, knownTo: [1, 0], answered: 3 })
    expect(merged?.events.map(({ atMs, peer, text }) => [atMs, peer, text])).toEqual([
      [0, 0, 'first copy from rpc'],
      [2, 0, 'accept after 2.00 ms, 0.25 ms of it in the queue'],
      [3, 0, 'forwarded to peer 1'],
      [5, 1, 'first copy from peer 0'],
      [6, 1, 'ignore (known) after 1.00 ms, 0.00 ms of it in the queue'],
      [9, 0, 'duplicate from peer 1'],
      [400, 0, 'included in block 7'],
    ])
  })

  test('is cut at its bound, and says how much was omitted out', () => {
    const merged = mergeTimelines('0xaa', [{ peer: 0, timeline: ORIGIN }], {
      ...OPTIONS,
      maxEvents: 2,
    })
    expect(merged?.events).toHaveLength(2)
    expect(merged?.omitted).toBe(3)
  })

  test('gives the copies that peers accepted, and no others', () => {
    const timelines = [
      { peer: 1, timeline: OTHER },
      { peer: 0, timeline: ORIGIN },
      { peer: 2, timeline: { ...OTHER, verdict: 'accept' as const } },
      { peer: 3, timeline: undefined },
    ]
    const copies = acceptedCopies('0xaa', timelines, (id) => (id === 'a' ? 0 : undefined))
    expect(copies).toMatchObject([
      { hash: '0xaa', kind: 'tx', peer: 0, from: undefined, receivedMs: 500, judgedMs: 502 },
      { peer: 2, from: 0, receivedMs: 505, judgedMs: 506 },
    ])
  })

  test('is nothing when no peer knows the item', () => {
    expect(mergeTimelines('0xaa', [{ peer: 0, timeline: undefined }], OPTIONS)).toBeUndefined()
  })
})
