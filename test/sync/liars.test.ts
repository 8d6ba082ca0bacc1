import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Block } from '../../src/block/block.ts'
import { CATCH_UP_RANGES } from '../../src/sync/limits.ts'
import type { MemoryHub } from '../builders/network.ts'
import {
  askedRange,
  blockPeer,
  blocksAsked,
  BOUNDLESS_CLAIM,
  ranges,
  statusAt,
} from '../builders/ranges.ts'
import {
  chainOf,
  silence,
  syncHub,
  syncNode,
  type Puppet,
  type SyncNode,
} from '../builders/syncNode.ts'

const { rangeBlocks } = CATCH_UP_RANGES

let blocks: readonly Block[] = []

beforeAll(() => {
  blocks = chainOf(3 * rangeBlocks)
})

/**
 * Claims of peers that give nothing: nobody can keep a newcomer from the chain by saying that
 * theirs is better.
 */
describe('beside peers that claim the most difficulty and never answer', () => {
  let hub: MemoryHub
  let one: SyncNode
  let liars: Puppet[]

  beforeEach(async () => {
    hub = syncHub()
    one = await syncNode(hub)
    liars = []
    for (let index = 0; index < 3; index++) {
      liars.push(await blockPeer(hub, one, silence, BOUNDLESS_CLAIM))
    }
  })

  function honest(handler = ranges(blocks)): Promise<Puppet> {
    return blockPeer(hub, one, handler, statusAt(blocks))
  }

  test('a newcomer asks them side by side, follows who gives blocks, and comes to the head', async () => {
    await honest()
    await honest()
    await hub.settle()
    await hub.run(2_000, 250)
    expect(Number(one.node.chain.head.header.number)).toBeGreaterThan(0)
    await hub.run(30_000, 250)
    expect(one.node.chain.head.hash).toBe(blocks.at(-1)?.hash)
    one.node.chain.assertInvariants()
    one.node.stop()
  })

  test('it is syncing as long as a peer that gave blocks is ahead, and not for the sake of the others', async () => {
    const gate = Promise.withResolvers<void>()
    await honest(async function* (from, request) {
      const isFirst = askedRange(request)?.first === 1
      if (!isFirst) await gate.promise
      yield* ranges(blocks)(from, request)
    })
    await hub.settle()
    expect(one.node.sync.progress()).toBeUndefined()
    await hub.run(2_000, 250)
    expect(one.node.chain.head.header.number).toBe(BigInt(rangeBlocks))
    expect(one.node.sync.progress()?.highestBlock).toBe(BigInt(3 * rangeBlocks))
    gate.resolve()
    await hub.run(60_000, 250)
    expect(one.node.chain.head.hash).toBe(blocks.at(-1)?.hash)
    expect(one.node.sync.progress()).toBeUndefined()
    one.node.stop()
  })

  test('each of them is asked ever more rarely, and is disconnected in the end', async () => {
    await hub.run(9_000, 250)
    expect(liars.map(blocksAsked)).toEqual([1, 1, 1])
    await hub.run(21_000, 250)
    expect(liars.map(blocksAsked)).toEqual([2, 2, 2])
    await hub.run(300_000, 1_000)
    expect(liars.map(blocksAsked)).toEqual([5, 5, 5])
    expect(new Set(one.network.dropped.map(({ peer }) => peer))).toEqual(
      new Set(liars.map(({ id }) => id)),
    )
    one.node.stop()
  })
})
