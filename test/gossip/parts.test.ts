import { describe, expect, test } from 'vitest'
import { asHash, keccak256, keccak256Hash, type Hash } from '../../src/crypto/keccak.ts'
import { Histogram } from '../../src/gossip/histogram.ts'
import { MAX_BLOCKS_PER_SEAL, RECENT_VERDICT_MS } from '../../src/gossip/limits.ts'
import type { VerdictReason } from '../../src/gossip/rules/reasons.ts'
import { RecentVerdicts } from '../../src/gossip/topics/recentVerdicts.ts'
import { firstBroken, type Rule } from '../../src/gossip/rules/rule.ts'
import { SealCounts } from '../../src/gossip/topics/sealCounts.ts'
import { messageId, networkId, topicNames } from '../../src/gossip/topics/topicNames.ts'
import { ITEM_KINDS } from '../../src/item/itemKinds.ts'
import { reject } from '../../src/gossip/rules/verdict.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { testChain } from '../builders/chain.ts'
import { account } from '../builders/keys.ts'

const digestOf = (byte: number): Hash => keccak256Hash(Uint8Array.of(byte))

describe('names on the wire', () => {
  const genesis = `0xd4e56740${'ab'.repeat(28)}` as Hash

  test('begin with the first four bytes of the genesis hash', () => {
    expect(networkId(genesis)).toBe('d4e56740')
    expect(topicNames(genesis)).toEqual({
      tx: '/grapevine/d4e56740/tx/1',
      block: '/grapevine/d4e56740/block/1',
      member: '/grapevine/d4e56740/member/1',
      vote: '/grapevine/d4e56740/vote/1',
    })
  })

  test('differ between two networks', () => {
    const other = testChain({ signers: 2 }).genesis.hash
    expect(topicNames(testChain().genesis.hash).tx).not.toBe(topicNames(other).tx)
  })

  test('of messages are the kind and the digest, so that one payload has two ids on two topics', () => {
    const digest = keccak256(Uint8Array.of(1))
    const id = messageId(ITEM_KINDS.tx.byte, digest)
    expect(id).toHaveLength(33)
    expect([id[0], messageId(ITEM_KINDS.block.byte, digest)[0]]).toEqual([1, 2])
    expect(asHash(id.subarray(1))).toBe(asHash(digest))
  })
})

describe('rules', () => {
  const rule = (reason: VerdictReason, holds: boolean): Rule<number, undefined> => ({
    reason,
    otherwise: 'reject',
    sentence: '',
    source: '',
    holds: () => holds,
  })

  test('are asked in order, and the first that is broken answers', () => {
    const rules = [rule('known', true), rule('too-old', false), rule('syncing', false)]
    expect(firstBroken(rules, 1, undefined)?.reason).toBe('too-old')
    expect(firstBroken([rule('known', true)], 1, undefined)).toBeUndefined()
  })
})

describe('recent verdicts', () => {
  test('are remembered by digest for their time', () => {
    const clock = new ManualClock()
    const recent = new RecentVerdicts(clock)
    const verdict = recent.remember(digestOf(1), reject('empty'))
    clock.advance(RECENT_VERDICT_MS - 1)
    expect(recent.get(digestOf(1))).toBe(verdict)
    expect(recent.get(digestOf(2))).toBeUndefined()
    clock.advance(1)
    expect(recent.get(digestOf(1))).toBeUndefined()
  })
})

describe('blocks of one signer at one height', () => {
  const { address } = account()

  test('are admitted up to the bound, each once, and apart for every height and signer', () => {
    const seals = new SealCounts()
    const admitted = [0, 0, 1, 2, 1].map((byte) => seals.admits(5n, address, digestOf(byte)))
    expect(MAX_BLOCKS_PER_SEAL).toBe(2)
    expect(admitted).toEqual([true, true, true, false, true])
    expect(seals.admits(6n, address, digestOf(2))).toBe(true)
    expect(seals.admits(5n, account(1).address, digestOf(2))).toBe(true)
  })
})

describe('a histogram', () => {
  test('counts a duration in the first bucket whose bound it does not exceed', () => {
    const histogram = new Histogram([1, 10])
    for (const ms of [0, 1, 1.5, 10, 11]) histogram.record(ms)
    expect(histogram.view()).toEqual({
      boundsMs: [1, 10],
      counts: [2, 2, 1],
      sumMs: 23.5,
      count: 5,
    })
  })
})
