import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_VOTE_BYTES, MAX_VOTED_HEIGHTS } from '../../src/finality/limits.ts'
import { isBeyondFaulty, isQuorum, quorumOf } from '../../src/finality/quorum.ts'
import { contradiction, EvidenceBook, type Evidence } from '../../src/finality/slashing.ts'
import { decodeVote, signerOf, signVote, type VoteLink } from '../../src/finality/vote.ts'
import { VoteStore } from '../../src/finality/voteStore.ts'
import { equalBytes } from '../../src/lib/bytes.ts'
import { testChain } from '../builders/chain.ts'
import { account } from '../builders/keys.ts'
import { domainOf, noBlock, signerAt, voteOf } from '../builders/votes.ts'

const chain = testChain({ signers: 4 })
const domain = domainOf(chain)

function linkOf(source: number, target: number, branch = 0): VoteLink {
  return {
    source: { number: BigInt(source), hash: noBlock(source) },
    target: { number: BigInt(target), hash: noBlock(1_000 * branch + target) },
  }
}

describe('a vote', () => {
  const vote = voteOf(chain, 0, linkOf(4, 8))

  test('decodes to what was signed, and names its signer', () => {
    const decoded = decodeVote(vote.raw)
    expect(decoded).toMatchObject({ source: vote.source, target: vote.target, hash: vote.hash })
    expect(decoded && signerOf(domain, decoded)).toBe(signerAt(chain, 0).address)
  })

  test('is of somebody else on another network, chain id or interval', () => {
    const others = [
      { ...domain, genesisHash: noBlock() },
      { ...domain, chainId: 1n },
      { ...domain, interval: 8 },
    ]
    for (const other of others) expect(signerOf(other, vote)).not.toBe(signerAt(chain, 0).address)
  })

  test('fits its bound at the highest numbers', () => {
    const highest = { number: 2n ** 64n - 1n, hash: noBlock() }
    const { raw } = signVote(domain, { source: highest, target: highest }, account().privateKey)
    expect(raw.length).toBeLessThanOrEqual(MAX_VOTE_BYTES)
    expect(decodeVote(raw)?.target).toEqual(highest)
  })

  test('has one form: no other bytes decode to it, and nothing throws', () => {
    const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = Uint8Array.from(vote.raw)
        for (const { at, to } of changes) bytes[at % bytes.length] = to
        const decoded = decodeVote(bytes)
        if (equalBytes(bytes, vote.raw) || decoded === undefined) return
        expect(signerOf(domain, decoded)).not.toBe(vote.signer)
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decodeVote(bytes)).toBeUndefined()
      }),
    )
  })
})

test('more than two thirds is in integers: exactly two thirds are not enough', () => {
  expect([1, 2, 3, 4, 6, 7, 21, 99, 101].map(quorumOf)).toEqual([1, 2, 3, 3, 5, 5, 15, 67, 68])
  for (let signers = 1; signers <= 200; signers++) {
    const quorum = quorumOf(signers)
    expect([isQuorum(quorum, signers), isQuorum(quorum - 1, signers)]).toEqual([true, false])
    expect(isBeyondFaulty(Math.floor((signers - 1) / 3), signers)).toBe(false)
  }
})

describe('a contradiction', () => {
  test('is a second vote for a height, from whatever source and for whatever block', () => {
    expect(contradiction(linkOf(0, 8), linkOf(0, 8, 1))).toBe('double-vote')
    expect(contradiction(linkOf(0, 8), linkOf(4, 8))).toBe('double-vote')
    expect(contradiction(linkOf(0, 8), linkOf(0, 8))).toBeUndefined()
  })

  test('is a vote within the span of another, both ways round', () => {
    expect(contradiction(linkOf(0, 16), linkOf(4, 8))).toBe('surround-vote')
    expect(contradiction(linkOf(4, 8), linkOf(0, 16))).toBe('surround-vote')
  })

  test('is none of two votes that touch or follow each other', () => {
    expect(contradiction(linkOf(0, 8), linkOf(0, 16))).toBeUndefined()
    expect(contradiction(linkOf(0, 8), linkOf(8, 16))).toBeUndefined()
    expect(contradiction(linkOf(0, 8), linkOf(4, 16))).toBeUndefined()
  })
})

describe('the store of votes', () => {
  test('takes two votes of a signer for a height, and a further one that more than a third is behind', () => {
    const store = new VoteStore(4)
    const [a, b, c] = [linkOf(0, 4, 1), linkOf(0, 4, 2), linkOf(0, 4, 3)]
    expect(store.add(voteOf(chain, 0, a))).toEqual([])
    expect(store.add(voteOf(chain, 0, b))).toMatchObject([{ kind: 'double-vote' }])
    const { address } = signerAt(chain, 0)
    expect(store.novelty(address, c)).toBe('enough')
    store.add(voteOf(chain, 1, c))
    expect(store.novelty(address, c)).toBe('enough')
    store.add(voteOf(chain, 2, c))
    expect(store.novelty(address, c)).toBe('new')
    store.add(voteOf(chain, 0, c))
    expect(store.linksAt(4n).filter((link) => store.hasQuorum(link))).toHaveLength(1)
    expect(store.novelty(address, a)).toBe('known')
  })

  test('keeps a bounded number of heights, the newest, and takes nothing below them again', () => {
    const store = new VoteStore(4)
    for (let height = 1; height <= MAX_VOTED_HEIGHTS + 36; height++)
      store.add(voteOf(chain, 0, linkOf(0, height)))
    expect(store.heights()).toHaveLength(MAX_VOTED_HEIGHTS)
    expect([store.lowest, store.count]).toEqual([37n, MAX_VOTED_HEIGHTS])
    expect(store.novelty(signerAt(chain, 0).address, linkOf(0, 36))).toBe('old')
  })

  test('says the same of a height as another store with the same votes, in whatever order and however they were signed', () => {
    const votes = [0, 1, 2].map((index) => voteOf(chain, index, linkOf(0, 4)))
    const [left, right] = [new VoteStore(4), new VoteStore(4)]
    for (const one of votes) left.add(one)
    for (const one of votes.toReversed()) right.add(one)
    expect(left.summaryAt(4n)).toBe(right.summaryAt(4n))
    right.add(voteOf(chain, 3, linkOf(0, 4)))
    expect(left.summaryAt(4n)).not.toBe(right.summaryAt(4n))
  })
})

test('the book of evidence keeps two proofs of each signer, each once', () => {
  const book = new EvidenceBook()
  const pair = (branch: number): Evidence => ({
    kind: 'double-vote',
    signer: signerAt(chain, 0).address,
    first: voteOf(chain, 0, linkOf(0, 4)),
    second: voteOf(chain, 0, linkOf(0, 4, branch)),
  })
  expect([book.add(pair(1)), book.add(pair(1)), book.add(pair(2)), book.add(pair(3))]).toEqual([
    true,
    false,
    true,
    false,
  ])
  expect(book.count).toBe(2)
})
