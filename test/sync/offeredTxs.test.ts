import * as fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Hash } from '../../src/crypto/keccak.ts'
import type { PeerId } from '../../src/gossip/network.ts'
import { MAX_FETCHED_TXS, MAX_OFFERS_PER_PEER } from '../../src/sync/limits.ts'
import { OfferedTxs } from '../../src/sync/pool/offeredTxs.ts'

const [A, B] = ['a', 'b'] as [PeerId, PeerId]

function hash(index: number): Hash {
  return `0x${index.toString(16).padStart(64, '0')}` as Hash
}

function hashes(count: number, first = 0): Hash[] {
  return Array.from({ length: count }, (_, index) => hash(first + index))
}

describe('offered transactions', () => {
  let known: Set<Hash>
  let offered: OfferedTxs

  beforeEach(() => {
    known = new Set()
    offered = new OfferedTxs((one) => known.has(one))
  })

  test('are asked for at one peer at a time', () => {
    expect(offered.add(A, hashes(3))).toBe(3)
    expect(offered.add(B, hashes(4))).toBe(4)
    expect(offered.ask(A)).toEqual(hashes(3))
    expect(offered.ask(B)).toEqual(hashes(1, 3))
  })

  test('not delivered are asked for at the next peer, and not again at the first', () => {
    offered.add(A, hashes(2))
    offered.add(B, hashes(2))
    const asked = offered.ask(A)
    offered.giveBack(asked)
    expect(offered.ask(A)).toEqual([])
    expect(offered.ask(B)).toEqual(hashes(2))
  })

  test('that have come are asked for nowhere', () => {
    offered.add(A, hashes(3))
    offered.add(B, hashes(3))
    offered.ask(A)
    offered.settle(hash(0))
    known.add(hash(1))
    offered.giveBack(hashes(3))
    expect(offered.ask(B)).toEqual([hash(2)])
    expect(offered.peers).toEqual([])
    expect(offered.add(A, hashes(2))).toBe(1)
  })

  test('come in batches that one request can hold, and are bounded per peer', () => {
    expect(offered.add(A, hashes(MAX_OFFERS_PER_PEER + 10))).toBe(MAX_OFFERS_PER_PEER)
    expect(offered.add(B, hashes(5, 5_000))).toBe(5)
    expect(offered.ask(A)).toHaveLength(MAX_FETCHED_TXS)
    offered.assertInvariants()
  })

  test('of a peer that went are forgotten', () => {
    offered.add(A, hashes(2))
    offered.forget(A)
    expect(offered.ask(A)).toEqual([])
    expect(offered.peers).toEqual([])
  })

  test('are asked for once at each peer in all, until they come', () => {
    const anAct = fc.tuple(
      fc.constantFrom('add', 'fail', 'deliver', 'forget'),
      fc.constantFrom(A, B),
      fc.integer({ min: 0, max: 5 }),
    )
    fc.assert(
      fc.property(fc.array(anAct, { maxLength: 50 }), (acts) => {
        const all = new OfferedTxs(() => false)
        const open = new Map<Hash, PeerId>()
        for (const [act, peer, index] of acts) {
          if (act === 'add') all.add(peer, hashes(3, index))
          if (act === 'forget') all.forget(peer)
          if (act !== 'fail' && act !== 'deliver') continue
          for (const one of all.ask(peer)) {
            expect(open.has(one)).toBe(false)
            open.set(one, peer)
          }
          const mine = [...open].filter(([, of]) => of === peer).map(([one]) => one)
          for (const one of mine) open.delete(one)
          if (act === 'fail') all.giveBack(mine)
          else for (const one of mine) all.settle(one)
          all.assertInvariants()
        }
      }),
    )
  })
})
