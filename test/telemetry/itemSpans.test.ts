import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asHash, keccak256Hash, type Hash } from '../../src/crypto/keccak.ts'
import { hexToBytes } from '../../src/lib/bytes.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { Calendar } from '../../src/telemetry/calendar.ts'
import { ItemSpans } from '../../src/telemetry/itemSpans.ts'
import { MAX_OPEN_SPANS, MAX_SPAN_EVENTS, SPAN_SETTLE_MS } from '../../src/telemetry/limits.ts'
import { otlpBody } from '../../src/telemetry/otlp.ts'
import { isChosen, spanIdOf, traceIdOf, type Span } from '../../src/telemetry/span.ts'
import type { Sighting } from '../../src/trace/trace.ts'
import { spansOf } from '../builders/collector.ts'

const PEER = '12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2'
const OTHER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const WALL_MS = 1_700_000_000_000

function hashOf(number: number): Hash {
  return keccak256Hash(Uint8Array.of(number >> 16, number >> 8, number))
}

const TX = hashOf(1)

function sightingOf(changes: Partial<Sighting> = {}): Sighting {
  return {
    kind: 'tx',
    hash: TX,
    from: OTHER,
    route: 'push',
    receivedMs: 10.25,
    judgedMs: 11.5,
    queuedMs: 0.75,
    action: 'accept',
    reason: '',
    bytes: 120,
    ...changes,
  }
}

function recorder(share = 1) {
  const clock = new ManualClock(10, WALL_MS)
  const spans: Span[] = []
  const trace = new ItemSpans({ peerId: PEER, share, clock, onSpan: (span) => spans.push(span) })
  const settled = (): Span[] => {
    clock.advance(SPAN_SETTLE_MS + 1)
    trace.settle()
    return spans
  }
  return { clock, spans, trace, settled }
}

describe('ids', () => {
  test('are those that docs/tracing.md tells other implementations', () => {
    const hash = asHash(hexToBytes(`0x${'ab'.repeat(16)}${'cd'.repeat(16)}`))
    expect(traceIdOf(hash)).toBe('ab'.repeat(16))
    expect(spanIdOf(hash, PEER)).toBe('e6b251680519d69c')
  })

  test('of a share of the items are chosen alike for every item, and nearly as many as asked for', () => {
    const all = Array.from({ length: 4_000 }, (_, at) => hashOf(at))
    for (const share of [0.01, 0.1, 0.5, 0.9]) {
      const count = all.filter((hash) => isChosen(hash, share)).length
      expect(count / all.length).toBeGreaterThan(share - 0.03)
      expect(count / all.length).toBeLessThan(share + 0.03)
    }
    expect(all.every((hash) => isChosen(hash, 1))).toBe(true)
    const tenth = all.filter((hash) => isChosen(hash, 0.1))
    expect(tenth.every((hash) => isChosen(hash, 0.2))).toBe(true)
  })
})

describe('a span', () => {
  test('has its sender for parent, the times of the first copy, and what came later', () => {
    const { trace, settled } = recorder()
    trace.fate('tx', TX, { kind: 'pending' }, 11.25)
    trace.sighting(sightingOf())
    trace.sighting(sightingOf({ action: 'duplicate', from: 'x', receivedMs: 12, judgedMs: 12 }))
    trace.fate('tx', TX, { kind: 'forwarded', to: 'y' }, 12)
    trace.fate('tx', TX, { kind: 'included', block: hashOf(2), number: 7n }, 2_000)
    const [span] = settled()
    expect(span).toEqual({
      traceId: traceIdOf(TX),
      spanId: spanIdOf(TX, PEER),
      parentSpanId: spanIdOf(TX, OTHER),
      name: 'transaction at NHBox2',
      startMs: WALL_MS + 10.25,
      endMs: WALL_MS + 11.5,
      attributes: {
        'grapevine.hash': TX,
        'grapevine.kind': 'tx',
        'grapevine.route': 'push',
        'grapevine.from': OTHER,
        'grapevine.verdict': 'accept',
        'grapevine.size': 120,
        'grapevine.duplicates': 1,
        'grapevine.forwarded': 1,
        'grapevine.queue_us': 750,
      },
      events: [
        { name: 'pending', atMs: WALL_MS + 11.25, attributes: {} },
        {
          name: 'included',
          atMs: WALL_MS + 2_000,
          attributes: { 'grapevine.block': hashOf(2), 'grapevine.number': 7 },
        },
      ],
    })
  })

  test('of what was held ends with the verdict after that, and counts the copy once', () => {
    const { trace, settled } = recorder()
    trace.sighting(sightingOf({ action: 'hold', reason: 'no-parent' }))
    trace.sighting(sightingOf({ judgedMs: 900 }))
    const [span] = settled()
    expect(span?.endMs).toBe(WALL_MS + 900)
    expect(span?.attributes).toMatchObject({
      'grapevine.verdict': 'accept',
      'grapevine.duplicates': 0,
    })
  })

  test('of an item that was ignored and then accepted from another peer is that of the accepted copy', () => {
    const { trace, settled } = recorder()
    trace.sighting(sightingOf({ action: 'ignore', reason: 'pool-full', from: 'earlier' }))
    trace.sighting(sightingOf({ receivedMs: 50, judgedMs: 51 }))
    trace.sighting(sightingOf({ action: 'ignore', reason: 'known', receivedMs: 60 }))
    const [span] = settled()
    expect(span).toMatchObject({ parentSpanId: spanIdOf(TX, OTHER), startMs: WALL_MS + 50 })
    expect(span?.attributes['grapevine.duplicates']).toBe(2)
  })

  test.each(['rpc', 'sealer', 'journal'])('of what came from "%s" has no parent', (from) => {
    const { trace, settled } = recorder()
    trace.sighting(sightingOf({ from, route: 'local' }))
    expect(settled()[0]).not.toHaveProperty('parentSpanId')
  })

  test('is an error for what is rejected, and not for what is ignored', () => {
    const { trace, settled } = recorder()
    trace.sighting(sightingOf({ action: 'reject', reason: 'bad-signature' }))
    trace.sighting(sightingOf({ hash: hashOf(9), action: 'ignore', reason: 'pool-full' }))
    expect(settled().map(({ error }) => error)).toEqual(['bad-signature', undefined])
  })

  test('is made once for each item, however late another copy comes', () => {
    const { trace, settled } = recorder()
    trace.sighting(sightingOf())
    settled()
    trace.sighting(sightingOf({ receivedMs: 9_000, judgedMs: 9_001 }))
    trace.fate('tx', TX, { kind: 'included', block: hashOf(2), number: 7n }, 9_000)
    expect(trace.openCount).toBe(0)
    expect(settled()).toHaveLength(1)
  })

  test('is made of transactions and blocks alone, and of nothing that was never judged', () => {
    const { trace, settled } = recorder()
    trace.sighting(sightingOf({ kind: 'vote' }))
    trace.sighting(sightingOf({ kind: 'member', hash: hashOf(3) }))
    trace.sighting(sightingOf({ action: 'duplicate', hash: hashOf(4) }))
    trace.fate('tx', hashOf(5), { kind: 'expired' }, 10)
    expect(settled()).toEqual([])
    expect(trace.openCount).toBe(0)
  })

  test('has a bounded number of events, and there is a bounded number of open ones', () => {
    const { trace, spans } = recorder()
    for (let at = 0; at < MAX_OPEN_SPANS + 5; at++) trace.sighting(sightingOf({ hash: hashOf(at) }))
    expect(trace.openCount).toBe(MAX_OPEN_SPANS)
    expect(spans).toHaveLength(5)
    const last = hashOf(MAX_OPEN_SPANS)
    for (let at = 0; at < 100; at++) trace.fate('tx', last, { kind: 'demoted' }, at)
    trace.finishAll()
    expect(Math.max(...spans.map(({ events }) => events.length))).toBe(MAX_SPAN_EVENTS)
  })

  test('is written as the protocol says, whatever is in it', () => {
    const word = fc.string({ unit: 'binary', maxLength: 20 })
    fc.assert(
      fc.property(
        fc.record({
          from: word,
          reason: word,
          bytes: fc.nat(),
          action: fc.constantFrom('accept', 'ignore', 'reject', 'hold'),
          route: fc.constantFrom('push', 'iwant', 'request', 'local', 'block'),
          receivedMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
          queuedMs: fc.double({ min: 0, max: 1e4, noNaN: true }),
        }),
        (changes) => {
          const { trace, settled } = recorder()
          trace.sighting(sightingOf({ ...changes, judgedMs: changes.receivedMs + 1 }))
          const resource = { version: '1', attributes: { 'service.name': 'grapevine' } }
          const [read] = spansOf(otlpBody([{ resource, spans: settled() }]))
          const micros = BigInt(Math.round((WALL_MS + changes.receivedMs) * 1000))
          expect(read?.startTimeUnixNano).toBe(`${micros}000`)
          expect(read?.attributes['grapevine.size']).toBe(changes.bytes)
        },
      ),
    )
  })
})

describe('the calendar', () => {
  test('is exact to far less than a millisecond although it is read in whole ones', () => {
    let nowMs = 1_000.000_7
    const offsetMs = 1_700_000_000_123.437
    const clock = {
      monotonicMs: () => nowMs,
      wallMs: () => Math.floor((nowMs += 0.01) + offsetMs),
    }
    expect(new Calendar(clock).toWallMs(0) - offsetMs).toBeLessThan(0.02)
    expect(Math.abs(new Calendar(clock).toWallMs(0) - offsetMs)).toBeLessThan(0.02)
  })

  test.each([-3_600_000, 3_600_000, -2, 2])('follows when it is set by %d ms', (byMs) => {
    let wallOffsetMs = WALL_MS
    const clock = { monotonicMs: () => 5, wallMs: () => wallOffsetMs }
    const calendar = new Calendar(clock)
    wallOffsetMs += byMs
    calendar.read()
    expect(calendar.toWallMs(5)).toBe(WALL_MS + byMs)
  })
})
