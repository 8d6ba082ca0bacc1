import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PeerId } from '../../src/gossip/network.ts'
import type { Answers } from '../../src/search/answers.ts'
import {
  MAX_LIVE_QUERIES,
  MAX_ORIGIN_ITEMS,
  MAX_QUERY_BYTES,
  MAX_QUERY_ENVELOPE_BYTES,
  MAX_TALLIED,
} from '../../src/search/limits.ts'
import {
  decodeSearchMessage,
  encodeSearchMessage,
  type SearchMessage,
} from '../../src/search/searchMessages.ts'
import { PROTOCOL_LIMITS } from '../../src/sync/limits.ts'
import { ProtocolViolation } from '../../src/sync/protocol.ts'

const FULL: Answers = {
  best: { peer: 'p'.repeat(64) as PeerId, value: Math.PI, errorMs: 0.5 },
  tally: {
    ids: Array.from({ length: MAX_TALLIED }, (_, at) => 2 ** 47 + at),
    has: Array.from({ length: MAX_TALLIED }, (_, at) => at % 3 === 0),
  },
  sightings: new Map(
    Array.from({ length: MAX_ORIGIN_ITEMS }, (_, at) => [
      2 ** 47 + at,
      { by: 2 ** 47, atMs: -at, errorMs: at / 3 },
    ]),
  ),
}

function message(answers: Answers, count = 1): SearchMessage {
  const told = { envelope: new Uint8Array(MAX_QUERY_ENVELOPE_BYTES).fill(9), round: 40, answers }
  return { clock: new Uint8Array(8).fill(1), told: Array.from({ length: count }, () => told) }
}

describe('a message of a search', () => {
  test('is read as it was written', () => {
    expect(decodeSearchMessage(encodeSearchMessage(message(FULL)))).toEqual(message(FULL))
  })

  test('stays within the bound of the protocol when it is the largest, and so does each query', () => {
    const one = encodeSearchMessage(message(FULL)).length
    expect(one).toBeLessThan(MAX_QUERY_BYTES)
    const largest = encodeSearchMessage(message(FULL, MAX_LIVE_QUERIES)).length
    expect(largest).toBeLessThan(PROTOCOL_LIMITS.search.maxRequestBytes)
  })

  test.each([
    ['a value that is no number', { best: { peer: 'a' as PeerId, value: NaN, errorMs: 0 } }],
    ['a negative error', { best: { peer: 'a' as PeerId, value: 1, errorMs: -1 } }],
    ['ids that do not ascend', { tally: { ids: [5, 5], has: [true, false] } }],
    [
      'too many ids',
      { tally: { ids: Array.from({ length: 65 }, (_, at) => at), has: Array(65).fill(true) } },
    ],
    ['a bit too few', { tally: { ids: [1, 2], has: [] } }],
    [
      'ranks that do not ascend',
      {
        sightings: new Map([
          [9, sighting()],
          [3, sighting()],
        ]),
      },
    ],
    ['a time without end', { sightings: new Map([[9, { ...sighting(), atMs: Infinity }]]) }],
  ])('is refused with %s', (_, change) => {
    const bytes = encodeSearchMessage(message({ ...FULL, ...change }))
    expect(() => decodeSearchMessage(bytes)).toThrow(ProtocolViolation)
  })

  test('with more queries than may live is refused', () => {
    const bytes = encodeSearchMessage(message(FULL, MAX_LIVE_QUERIES + 1))
    expect(() => decodeSearchMessage(bytes)).toThrow(ProtocolViolation)
  })

  test('that is damaged is read as another one or refused, and nothing else happens', () => {
    const bytes = encodeSearchMessage(message(FULL))
    const at = fc.integer({ min: 0, max: bytes.length - 1 })
    fc.assert(
      fc.property(at, fc.integer({ min: 0, max: 255 }), (place, byte) => {
        expect(['read', 'refused']).toContain(outcomeOf(bytes.with(place, byte)))
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (any) => {
        expect(() => decodeSearchMessage(any)).toThrow(ProtocolViolation)
      }),
    )
  })
})

/** Anything but a refusal of a message is a fault, and is thrown. */
function outcomeOf(bytes: Uint8Array): 'read' | 'refused' {
  try {
    decodeSearchMessage(bytes)
    return 'read'
  } catch (error) {
    if (error instanceof ProtocolViolation) return 'refused'
    throw error
  }
}

function sighting() {
  return { by: 1, atMs: 2, errorMs: 0 }
}
