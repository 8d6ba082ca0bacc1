/** The bounds of the store hide no contradiction. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Address } from '../../src/crypto/address.ts'
import type { Hash } from '../../src/crypto/keccak.ts'
import { MAX_KEPT_VOTES, MAX_VOTED_HEIGHTS } from '../../src/finality/limits.ts'
import { contradiction } from '../../src/finality/slashing.ts'
import type { Vote } from '../../src/finality/vote.ts'
import { VoteStore } from '../../src/finality/voteStore.ts'
import { keccak256Hash } from '../../src/crypto/keccak.ts'

const SIGNER = `0x${'5a'.repeat(20)}` as Address
const OTHER = `0x${'6b'.repeat(20)}` as Address
const BYTES = new Uint8Array(0)

function block(number: number, branch = 0): Hash {
  return `0x${(branch * 100_000 + number).toString(16).padStart(64, '0')}` as Hash
}

function vote(source: number, target: number, branch = 0, signer = SIGNER): Vote {
  const text = `${source} ${target} ${branch} ${signer}`
  return {
    source: { number: BigInt(source), hash: block(source) },
    target: { number: BigInt(target), hash: block(target, branch) },
    signer,
    raw: BYTES,
    hash: keccak256Hash(new TextEncoder().encode(text)),
    signature: BYTES,
    yParity: 0,
  }
}

describe('a contradiction is found', () => {
  test('though a signer waits until the store has dropped the vote that the new one surrounds', () => {
    const store = new VoteStore(4)
    store.add(vote(30, 34))
    for (let target = 40; store.lowest <= 34n; target++) store.add(vote(34, target, 0, OTHER))
    expect(store.votesOf(SIGNER)).toEqual([])
    expect(store.add(vote(20, 900))).toMatchObject([{ kind: 'surround-vote', signer: SIGNER }])
  })

  test('between a vote that is too old to count and one that counts', () => {
    const store = new VoteStore(4)
    store.add(vote(10, 900))
    store.dropBelow(800n)
    expect(store.novelty(SIGNER, vote(20, 60))).toBe('old')
    expect(store.compareOld(vote(20, 60))).toMatchObject([{ kind: 'surround-vote' }])
  })

  test('between two that are too old, when they come one after the other', () => {
    const store = new VoteStore(4)
    store.dropBelow(800n)
    expect(store.compareOld(vote(0, 4, 1))).toEqual([])
    expect(store.compareOld(vote(0, 4, 2))).toMatchObject([{ kind: 'double-vote' }])
  })

  const link = fc.record({
    source: fc.nat(60),
    length: fc.integer({ min: 1, max: 60 }),
    branch: fc.nat(1),
    drops: fc.nat(4),
  })

  test('between any two votes that counted, in whatever order they come and whatever is dropped between', () => {
    fc.assert(
      fc.property(fc.array(link, { maxLength: 40 }), (links) => {
        const store = new VoteStore(4)
        const counted: Vote[] = []
        for (const { source, length, branch, drops } of links) {
          const one = vote(source, source + length, branch)
          if (drops === 0) store.dropBelow(store.lowest + 7n)
          if (store.novelty(SIGNER, one) !== 'new') continue
          const isContradicted = counted.some((other) => contradiction(other, one) !== undefined)
          expect(store.add(one).length > 0).toBe(isContradicted)
          counted.push(one)
        }
      }),
    )
  })
})

test('keeps fewer heights of many signers, so that the votes of all have a bound', () => {
  const store = new VoteStore(101)
  for (let target = 1; target <= 300; target++) store.add(vote(0, target))
  expect(store.heights()).toHaveLength(Math.floor(MAX_KEPT_VOTES / 101))
  expect(MAX_VOTED_HEIGHTS * 21).toBeLessThan(MAX_KEPT_VOTES)
})
