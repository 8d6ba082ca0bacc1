import { beforeEach, describe, expect, test } from 'vitest'
import type { Block } from '../../src/block/block.ts'
import type { Hash } from '../../src/crypto/keccak.ts'
import type { RequestHandler } from '../../src/gossip/network.ts'
import { CATCH_UP_REST_MS } from '../../src/sync/limits.ts'
import { resealed, testChain, testSigners } from '../builders/chain.ts'
import type { MemoryHub } from '../builders/network.ts'
import {
  blockPeer,
  blocksAsked,
  BOUNDLESS_CLAIM,
  branchOf,
  ranges,
  statusAt,
} from '../builders/ranges.ts'
import {
  chainOf,
  frames,
  failure,
  silence,
  statusPuppet,
  syncHub,
  syncNode,
  type Puppet,
  type SyncNode,
} from '../builders/syncNode.ts'

const chain = testChain()
const blocks = chainOf(300, chain)
const tip = blocks.at(-1)

describe('catching up', () => {
  let hub: MemoryHub

  beforeEach(() => {
    hub = syncHub()
  })

  function server(to: SyncNode, all: readonly Block[], name?: string): Promise<Puppet> {
    return blockPeer(hub, to, ranges(all), statusAt(all), name)
  }

  function liar(to: SyncNode, handler: RequestHandler, name?: string): Promise<Puppet> {
    return blockPeer(hub, to, handler, BOUNDLESS_CLAIM, name)
  }

  function headOf({ node }: SyncNode): Hash {
    return node.chain.head.hash
  }

  test('takes all blocks in a few ranges and asks no more when it is there', async () => {
    const one = await syncNode(hub)
    const peer = await server(one, blocks)
    await hub.settle()
    expect(headOf(one)).toBe(tip?.hash)
    expect(blocksAsked(peer)).toBeLessThanOrEqual(4)
    await hub.run(10_000, 250)
    expect(blocksAsked(peer)).toBeLessThanOrEqual(4)
    expect(one.node.sync.progress()).toBeUndefined()
    one.node.stop()
  })

  test('tells how far it is while it lasts, and only once a block has come', async () => {
    const one = await syncNode(hub)
    let release = (): void => {}
    const gate = new Promise<void>((resolve) => (release = resolve))
    const peer = await statusPuppet(hub, one, statusAt(blocks))
    await peer.serve('blocks', async function* (_, request) {
      if (blocksAsked(peer) > 1) await gate
      yield* ranges(blocks)(peer.id, request)
    })
    await hub.settle()
    expect(one.node.sync.progress()).toEqual({
      startingBlock: 0n,
      currentBlock: 128n,
      highestBlock: 300n,
    })
    release()
    await hub.settle()
    expect(one.node.sync.progress()).toBeUndefined()
    one.node.stop()
  })

  test('steps back from a shorter branch to where the two part', async () => {
    const branch = branchOf(20)
    const one = await syncNode(hub, { blocks: branch })
    await server(one, blocks.slice(0, 40))
    await hub.settle()
    expect(headOf(one)).toBe(blocks[39]?.hash)
    one.node.chain.assertInvariants()
    one.node.stop()
  })

  test('takes a branch as good as its own, so that both can be compared', async () => {
    const branch = branchOf(20)
    const one = await syncNode(hub, { blocks: branch })
    await server(one, blocks.slice(0, 20))
    await hub.settle()
    expect(one.node.chain.has(blocks[19]?.hash ?? chain.genesis.hash)).toBe(true)
    one.node.chain.assertInvariants()
    one.node.stop()
  })

  test('leaves a peer alone whose branch is deeper than a reorganisation reaches', async () => {
    const branch = branchOf(290)
    const one = await syncNode(hub, { blocks: branch })
    const peer = await server(one, blocks)
    await hub.settle()
    expect(headOf(one)).toBe(branch.at(-1)?.hash)
    expect(one.network.dropped).toEqual([])
    expect(blocksAsked(peer)).toBeLessThan(12)
    one.node.stop()
  })

  test('takes no block before its time, and the rest when it has come', async () => {
    const one = await syncNode(hub)
    const early = Number(blocks[9]?.header.timestamp) * 1000
    const wallMs = hub.clock.wallMs.bind(hub.clock)
    hub.clock.wallMs = () => early - 1
    await server(one, blocks.slice(0, 20))
    await hub.settle()
    expect(one.node.chain.head.header.number).toBe(9n)
    expect(one.network.dropped).toEqual([])
    hub.clock.wallMs = wallMs
    await hub.run(CATCH_UP_REST_MS + 3_000, 250)
    expect(one.node.chain.head.header.number).toBe(20n)
    one.node.stop()
  })

  test.each<[string, RequestHandler]>([
    ['never answers', silence],
    ['has nothing of what it claims', frames()],
    ['answers with an error', failure],
  ])('goes on with another peer where the best one %s, and keeps both', async (_, handler) => {
    const one = await syncNode(hub)
    const best = await liar(one, handler)
    await hub.settle()
    expect(one.node.sync.progress()).toBeUndefined()
    const honest = await server(one, blocks.slice(0, 10))
    await hub.run(6_000, 250)
    expect(headOf(one)).toBe(blocks[9]?.hash)
    expect(one.node.sync.progress()).toBeUndefined()
    const asked = blocksAsked(best)
    await hub.run(4_000, 250)
    expect(blocksAsked(best)).toBe(asked)
    expect(one.network.peers().map(({ id }) => id)).toEqual([best.id, honest.id])
    one.node.stop()
  })

  test.each<[string, RequestHandler]>([
    ['blocks of other numbers', ranges(blocks.slice(5))],
    ['garbage', frames(new Uint8Array([1, 2, 3]))],
    ['a frame over the limit', frames(new Uint8Array(8 * 1024 * 1024 + 1))],
    [
      'a first block that does not follow our genesis',
      ranges(chainOf(5, testChain({ signers: 2 }))),
    ],
    ['a block that a stranger sealed', ranges(sealedByStranger())],
  ])('drops a peer that gives %s', async (_, handler) => {
    const one = await syncNode(hub)
    const peer = await liar(one, handler)
    await hub.settle()
    expect(one.network.dropped.map(({ peer }) => peer)).toEqual([peer.id])
    expect(headOf(one)).toBe(one.node.chain.genesis.hash)
    one.node.stop()
  })

  test('ends with the node, in the middle of a range', async () => {
    const one = await syncNode(hub)
    let sent = 0
    const peer = await statusPuppet(hub, one, statusAt(blocks))
    await peer.serve('blocks', async function* (_, request) {
      for await (const frame of ranges(blocks)(peer.id, request)) {
        if (++sent === 10) one.node.stop()
        yield frame
      }
    })
    await hub.settle()
    const { number } = one.node.chain.head.header
    expect(number).toBeLessThan(11n)
    await hub.run(30_000, 1_000)
    expect(one.node.chain.head.header.number).toBe(number)
  })

  test('releases what is held for a block that came this way', async () => {
    const one = await syncNode(hub)
    const sender = await statusPuppet(hub, one)
    const last = blocks[59]
    void one.receive('block', last?.raw ?? new Uint8Array(0), sender.id)
    await hub.settle()
    expect(one.node.sync.held.count).toBe(1)
    await server(one, blocks.slice(0, 59))
    await hub.settle()
    expect(headOf(one)).toBe(last?.hash)
    expect(one.node.sync.held.count).toBe(0)
    one.node.stop()
  })
})

function sealedByStranger(): readonly Block[] {
  const [first] = blocks
  const stranger = testSigners(2).find(({ address }) => !chain.signers.includes(address))
  if (first === undefined || stranger === undefined) throw new Error('two signers are two')
  return [resealed(first, stranger, {})]
}
