import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Hash } from '../../src/crypto/keccak.ts'
import { decodeRlp, encodeRlp, type RlpItem } from '../../src/lib/rlp.ts'
import { integer, ProtocolViolation } from '../../src/sync/protocol.ts'
import {
  clockSample,
  decodeStatus,
  encodeStatus,
  incompatibility,
} from '../../src/sync/status/status.ts'
import { statusOf } from '../builders/syncNode.ts'

const aHash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as Hash)
const aTimeUs = fc.integer({ min: 0, max: 2 ** 52 })
const aStatus = fc.record({
  version: fc.constant(1),
  genesis: aHash,
  head: aHash,
  headNumber: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  totalDifficulty: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
  client: fc.stringMatching(/^[ -~]{0,96}$/),
  receivedUs: aTimeUs,
  sentUs: aTimeUs,
})

describe('a status', () => {
  test('comes out of its bytes as it went in', () => {
    fc.assert(
      fc.property(aStatus, (status) => {
        expect(decodeStatus(encodeStatus(status))).toEqual(status)
      }),
    )
  })

  test('made of arbitrary bytes is a violation, never another error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 512 }), (bytes) => {
        expect(() => decodeStatus(bytes)).toThrow(ProtocolViolation)
      }),
    )
  })

  test.each([
    ['too few fields', (fields: readonly RlpItem[]) => fields.slice(0, -1)],
    ['too many fields', (fields: readonly RlpItem[]) => [...fields, integer(1)]],
    ['a short genesis hash', replace(1, new Uint8Array(31))],
    ['a list for a hash', replace(2, [])],
    ['a number with a leading zero', replace(3, new Uint8Array([0, 1]))],
    ['a number of nine bytes', replace(3, new Uint8Array(9).fill(1))],
    ['a difficulty of 33 bytes', replace(4, new Uint8Array(33).fill(1))],
    ['a client of 97 bytes', replace(5, new Uint8Array(97).fill(65))],
    ['a time of eight bytes', replace(7, new Uint8Array(8).fill(1))],
  ])('with %s is refused', (_, change) => {
    const fields = decodeRlp(encodeStatus(statusOf())) as readonly RlpItem[]
    expect(() => decodeStatus(encodeRlp(change(fields)))).toThrow(ProtocolViolation)
  })

  test('of another version is refused by its version, whatever its other fields are', () => {
    const bytes = encodeRlp([integer(2), integer(7)])
    expect(() => decodeStatus(bytes)).toThrow('speaks status version 2, not 1')
  })

  test('shows nothing of a client name that a terminal would obey', () => {
    const { client } = decodeStatus(encodeStatus(statusOf({ client: 'a\u001b[2J\nb' })))
    expect(client).toBe('a?[2J?b')
  })

  test('of another genesis does not fit, with both hashes in the reason', () => {
    const genesis = `0x${'ab'.repeat(32)}` as Hash
    expect(incompatibility(statusOf(), statusOf())).toBeUndefined()
    const reason = incompatibility(statusOf(), statusOf({ genesis }))
    expect(reason).toContain(genesis)
    expect(reason).toContain(statusOf().genesis)
  })
})

describe('a clock sample', () => {
  test('finds the offset to within half the round trip, however late the peer answers', () => {
    const aDelay = fc.integer({ min: 0, max: 1_000_000 })
    const anOffset = fc.integer({ min: -(10 ** 9), max: 10 ** 9 })
    fc.assert(
      fc.property(anOffset, aDelay, aDelay, aDelay, (offsetUs, thereUs, busyUs, backUs) => {
        const askedUs = 2 * 10 ** 9
        const receivedUs = askedUs + thereUs + offsetUs
        const sentUs = receivedUs + busyUs
        const heardUs = askedUs + thereUs + busyUs + backUs
        const { roundTripMs, offsetMs } = clockSample({ askedUs, receivedUs, sentUs, heardUs })
        expect(roundTripMs).toBeCloseTo((thereUs + backUs) / 1000, 6)
        expect(Math.abs(offsetMs - offsetUs / 1000)).toBeLessThanOrEqual(roundTripMs / 2 + 1e-6)
      }),
    )
  })

  test('is positive where the peer is ahead', () => {
    const sample = clockSample({ askedUs: 0, receivedUs: 5_000, sentUs: 5_000, heardUs: 0 })
    expect(sample).toEqual({ roundTripMs: 0, offsetMs: 5 })
  })

  test('of an answer before its question is a violation', () => {
    const times = { askedUs: 0, receivedUs: 9, sentUs: 8, heardUs: 10 }
    expect(() => clockSample(times)).toThrow(ProtocolViolation)
  })
})

function replace(at: number, item: RlpItem) {
  return (fields: readonly RlpItem[]) => fields.with(at, item)
}
