/** The `votes` protocol against whatever a peer may send in each of its fields. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { equalBytes, hexToBytes } from '../../src/lib/bytes.ts'
import { decodeRlp, encodeRlp, type RlpItem } from '../../src/lib/rlp.ts'
import {
  decodeVotesRequest,
  encodeVotesRequest,
  type VotesRequest,
} from '../../src/sync/finality/voteExchange.ts'
import { MAX_SUMMARISED_HEIGHTS } from '../../src/sync/limits.ts'
import { integer, ProtocolViolation } from '../../src/sync/protocol.ts'
import { anyRlp } from '../builders/anyRlp.ts'

const aNumber = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const aSummary = fc.stringMatching(/^[0-9a-f]{8}$/)
const aRequest: fc.Arbitrary<VotesRequest> = fc.record({
  lowest: aNumber,
  highest: aNumber,
  summaries: fc.array(fc.record({ height: aNumber, summary: aSummary }), { maxLength: 20 }),
  culprits: aSummary,
})

const anItem = anyRlp({ maxItems: 4 })

const FIELDS = ['lowest', 'highest', 'summaries', 'culprits'] as const

function itemsOf(request: VotesRequest): RlpItem[] {
  const items = decodeRlp(encodeVotesRequest(request))
  if (!Array.isArray(items)) throw new Error('a request is a list')
  return items
}

/**
 * Whether the bytes are refused as a violation, or are the one form of a request; other errors are
 * thrown on.
 */
function isJudged(bytes: Uint8Array): boolean {
  try {
    return equalBytes(encodeVotesRequest(decodeVotesRequest(bytes)), bytes)
  } catch (error) {
    if (error instanceof ProtocolViolation) return true
    throw error
  }
}

describe('a request for votes', () => {
  test('comes out of its bytes as it went in', () => {
    fc.assert(
      fc.property(aRequest, (request) => {
        expect(decodeVotesRequest(encodeVotesRequest(request))).toEqual(request)
      }),
    )
  })

  test.each(FIELDS)(
    'with anything else for %s is a violation, or a request in its one form',
    (field) => {
      fc.assert(
        fc.property(aRequest, anItem, (request, item) => {
          const bytes = encodeRlp(itemsOf(request).with(FIELDS.indexOf(field), item))
          expect(isJudged(bytes)).toBe(true)
        }),
        { numRuns: 500 },
      )
    },
  )

  test('of arbitrary or changed bytes is a violation, never another error', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), isJudged))
    const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) })
    fc.assert(
      fc.property(
        aRequest,
        fc.array(change, { minLength: 1, maxLength: 4 }),
        (request, changes) => {
          const bytes = Uint8Array.from(encodeVotesRequest(request))
          for (const { at, to } of changes) bytes[at % bytes.length] = to
          expect(isJudged(bytes)).toBe(true)
        },
      ),
      { numRuns: 500 },
    )
  })

  const plain = itemsOf({ lowest: 1n, highest: 9n, summaries: [], culprits: '00000000' })
  const pair = [integer(4), hexToBytes('0x01020304')]

  test.each<[string, readonly RlpItem[]]>([
    ['too few fields', plain.slice(0, 3)],
    ['too many fields', [...plain, integer(1)]],
    ['a list for a number', plain.with(0, [])],
    ['a number with a leading zero', plain.with(1, hexToBytes('0x0001'))],
    ['a number of nine bytes', plain.with(1, new Uint8Array(9).fill(1))],
    ['bytes for the heights', plain.with(2, hexToBytes('0x01'))],
    ['a height without a summary', plain.with(2, [[integer(4)]])],
    ['a height with two summaries', plain.with(2, [[...pair, hexToBytes('0x01020304')]])],
    ['a summary of three bytes', plain.with(2, [[integer(4), hexToBytes('0x010203')]])],
    [
      'more heights than are summarised',
      plain.with(
        2,
        Array.from({ length: MAX_SUMMARISED_HEIGHTS + 1 }, () => pair),
      ),
    ],
    ['culprits of three bytes', plain.with(3, hexToBytes('0x010203'))],
    ['culprits of five bytes', plain.with(3, hexToBytes('0x0102030405'))],
    ['a list for the culprits', plain.with(3, [])],
    ['no culprits', plain.with(3, new Uint8Array(0))],
  ])('with %s is a violation', (_what, items) => {
    expect(() => decodeVotesRequest(encodeRlp(items))).toThrow(ProtocolViolation)
  })
})
