import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Hash } from '../../src/crypto/keccak.ts'
import type { Hex } from '../../src/lib/bytes.ts'
import { decodeRlp, encodeRlp, type RlpItem } from '../../src/lib/rlp.ts'
import { integer, ProtocolViolation } from '../../src/sync/protocol.ts'
import {
  clockSample,
  decodeStatus,
  encodeStatus,
  incompatibility,
  STATUS_VERSION,
  type StatusMessage,
} from '../../src/sync/status/status.ts'
import { PROTOCOL_LIMITS } from '../../src/sync/limits.ts'
import { testGenesis } from '../builders/chain.ts'
import { statusOf } from '../builders/syncNode.ts'

const aHash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as Hash)
const aChecksum = fc
  .uint8Array({ minLength: 4, maxLength: 4 })
  .map((bytes): Hex => `0x${Buffer.from(bytes).toString('hex')}`)
const aTimeUs = fc.integer({ min: 0, max: 2 ** 52 })
const aStatus = fc.record({
  version: fc.constant(STATUS_VERSION),
  genesis: aHash,
  chainId: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  genesisRules: aChecksum,
  forkId: fc.record({ hash: aChecksum, next: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
  head: aHash,
  headNumber: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  totalDifficulty: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
  client: fc.stringMatching(/^[ -~]{0,96}$/),
  receivedUs: aTimeUs,
  sentUs: aTimeUs,
  refusal: fc.stringMatching(/^[ -~]{0,224}$/),
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
    ['a chain id of nine bytes', replace(2, new Uint8Array(9).fill(1))],
    ['rules of three bytes', replace(3, new Uint8Array(3))],
    ['bytes for a fork id', replace(4, new Uint8Array(4))],
    ['a fork id without the next fork', replace(4, [new Uint8Array(4)])],
    ['a fork hash of five bytes', replace(4, [new Uint8Array(5), integer(0)])],
    ['a list for a hash', replace(5, [])],
    ['a number with a leading zero', replace(6, new Uint8Array([0, 1]))],
    ['a number of nine bytes', replace(6, new Uint8Array(9).fill(1))],
    ['a difficulty of 33 bytes', replace(7, new Uint8Array(33).fill(1))],
    ['a client of 97 bytes', replace(8, new Uint8Array(97).fill(65))],
    ['a time of eight bytes', replace(10, new Uint8Array(8).fill(1))],
    ['a refusal of 225 bytes', replace(11, new Uint8Array(225).fill(65))],
  ])('with %s is refused', (_, change) => {
    const fields = decodeRlp(encodeStatus(statusOf())) as readonly RlpItem[]
    expect(() => decodeStatus(encodeRlp(change(fields)))).toThrow(ProtocolViolation)
  })

  test('of another version is refused by its version, whatever its other fields are', () => {
    const bytes = encodeRlp([integer(1), integer(7)])
    expect(() => decodeStatus(bytes)).toThrow('speaks status version 1, not 2')
  })

  test('at its longest is within the bounds of its protocol', () => {
    const longest = statusOf({
      chainId: 2n ** 64n - 1n,
      forkId: { hash: '0xffffffff', next: 2n ** 64n - 1n },
      headNumber: 2n ** 64n - 1n,
      totalDifficulty: 2n ** 256n - 1n,
      client: 'c'.repeat(500),
      receivedUs: 2 ** 53 - 1,
      sentUs: 2 ** 53 - 1,
      refusal: 'r'.repeat(500),
    })
    const bytes = encodeStatus(longest)
    expect(bytes.length).toBeLessThanOrEqual(PROTOCOL_LIMITS.status.maxFrameBytes)
    expect(decodeStatus(bytes)).toEqual({
      ...longest,
      client: 'c'.repeat(96),
      refusal: 'r'.repeat(224),
    })
  })

  test('shows nothing of a client name that a terminal would obey', () => {
    const { client } = decodeStatus(encodeStatus(statusOf({ client: 'a\u001b[2J\nb' })))
    expect(client).toBe('a?[2J?b')
  })

  const own = { genesis: testGenesis(), head: testGenesis().header }

  test.each<[string, Partial<StatusMessage>]>([
    ['other-genesis', { genesis: `0x${'ab'.repeat(32)}` as Hash }],
    ['other-chain-id', { chainId: 7n }],
    ['other-genesis-rules', { genesisRules: '0x01020304' }],
    ['other-forks', { forkId: { hash: '0x01020304', next: 0n } }],
  ])('does not fit for the reason %s, and the whole sentence reaches the peer', (name, change) => {
    expect(incompatibility(own, statusOf())).toBeUndefined()
    const reason = incompatibility(own, statusOf(change)) ?? ''
    expect(reason.startsWith(`${name}: `)).toBe(true)
    expect(decodeStatus(encodeStatus(statusOf({ refusal: reason }))).refusal).toBe(reason)
  })

  test('that does not fit shows what it has and what we have', () => {
    const genesis = `0x${'ab'.repeat(32)}` as Hash
    expect(incompatibility(own, statusOf({ genesis }))).toBe(
      `other-genesis: its genesis is ${genesis}, ours is ${own.genesis.hash}`,
    )
    expect(incompatibility(own, statusOf({ chainId: 7n }))).toBe(
      'other-chain-id: its chain id is 7, ours is 1337',
    )
    const { hash } = statusOf().forkId
    const forkId = { hash: '0x01020304', next: 9n } as const
    expect(incompatibility(own, statusOf({ forkId }))).toBe(
      `other-forks: it has rules that are unknown here (its fork id is 0x01020304, next at 9, ours ${hash})`,
    )
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
