import { describe, expect, test } from 'vitest'
import type { Chain } from '../../src/chain/chain.ts'
import { descends, Justification } from '../../src/finality/justification.ts'
import type { VoteLink } from '../../src/finality/vote.ts'
import { extend, nextBlock, testChain } from '../builders/chain.ts'
import { checkpointAt, linkOf, noBlock } from '../builders/votes.ts'

const INTERVAL = 4

function chainOf(count: number): Chain {
  const chain = testChain({ signers: 4 })
  for (let number = 0; number < count; number++) extend(chain)
  return chain
}

function numbersAfter(chain: Chain, ...links: readonly VoteLink[]): readonly [bigint, bigint] {
  const justification = new Justification(INTERVAL, chain.settled)
  for (const link of links) justification.apply([link], chain)
  const { justified, finalized } = justification.settled
  return [justified.number, finalized.number]
}

describe('links that more than two thirds voted for', () => {
  const chain = chainOf(20)
  const link = (source: number, target: number): VoteLink => linkOf(chain, source, target)

  test('justify their target, and finalize a source whose direct child it is', () => {
    expect(numbersAfter(chain, link(0, 4))).toEqual([4n, 0n])
    expect(numbersAfter(chain, link(0, 4), link(4, 8))).toEqual([8n, 4n])
    expect(numbersAfter(chain, link(0, 4), link(4, 8), link(8, 12))).toEqual([12n, 8n])
  })

  test('finalize nothing where a checkpoint between them was skipped', () => {
    expect(numbersAfter(chain, link(0, 4), link(4, 12))).toEqual([12n, 0n])
    expect(numbersAfter(chain, link(0, 8), link(8, 20))).toEqual([20n, 0n])
    expect(numbersAfter(chain, link(0, 4), link(4, 12), link(12, 16))).toEqual([16n, 12n])
  })

  test('justify nothing from a source below the justified one that was never justified', () => {
    expect(numbersAfter(chain, link(0, 12), link(4, 8))).toEqual([12n, 0n])
  })

  test('vouch for a source above what this node knows: most of the signers saw it justified', () => {
    expect(numbersAfter(chain, link(12, 16))).toEqual([16n, 12n])
  })

  test('wait for a target that is not known', () => {
    const source = checkpointAt(chain, 0)
    expect(numbersAfter(chain, { source, target: { number: 4n, hash: noBlock() } })).toEqual([
      0n,
      0n,
    ])
  })

  test('count nothing whose target has another number than it says, or does not descend from its source', () => {
    const target = { ...checkpointAt(chain, 5), number: 4n }
    expect(numbersAfter(chain, { source: checkpointAt(chain, 0), target })).toEqual([0n, 0n])
    const source = { number: 4n, hash: noBlock() }
    expect(numbersAfter(chain, { source, target: checkpointAt(chain, 8) })).toEqual([0n, 0n])
  })

  test('never move what is final to another branch, and say so', () => {
    const forked = testChain({ signers: 4 })
    for (let number = 0; number < 3; number++) extend(forked)
    const parent = forked.head
    const four = extend(forked)
    const other = nextBlock(forked, { parent, lateS: 7 })
    forked.import(other.block, other.senders)
    const beside = { number: 4n, hash: other.block.hash }
    for (let number = 4; number < 12; number++) extend(forked)
    let tip = other.block
    for (let number = 4; number < 8; number++) {
      const next = nextBlock(forked, { parent: tip, lateS: 9 })
      forked.import(next.block, next.senders)
      tip = next.block
    }
    const justification = new Justification(INTERVAL, forked.settled)
    justification.apply([linkOf(forked, 0, 4), linkOf(forked, 4, 8)], forked)
    expect(justification.settled.finalized).toEqual({ number: 4n, hash: four.hash })
    const before = justification.settled
    const childBeside = { number: 8n, hash: tip.hash }
    justification.apply(
      [
        { source: checkpointAt(forked, 0), target: beside },
        { source: beside, target: childBeside },
      ],
      forked,
    )
    expect(justification.settled).toEqual(before)
    expect(justification.conflict).toEqual({ ours: before.finalized, theirs: beside })
    expect(descends(forked, childBeside, beside)).toBe(true)
    expect(descends(forked, childBeside, before.finalized)).toBe(false)
  })
})
