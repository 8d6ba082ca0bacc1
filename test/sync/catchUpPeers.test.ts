import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeBlock, type Block } from '../../src/block/block.ts'
import type { RequestHandler } from '../../src/gossip/network.ts'
import { CATCH_UP_RANGES, CATCH_UP_REST_MS } from '../../src/sync/limits.ts'
import { extend, nextBlock, resealed, testChain, testSigners } from '../builders/chain.ts'
import type { MemoryHub } from '../builders/network.ts'
import {
  askedRange,
  blockPeer,
  BOUNDLESS_CLAIM,
  branchOf,
  ranges,
  statusAt,
} from '../builders/ranges.ts'
import {
  chainOf,
  failure,
  silence,
  syncHub,
  syncNode,
  type Puppet,
  type SyncNode,
} from '../builders/syncNode.ts'
import { signedTransfer } from '../builders/tx.ts'

const { rangeBlocks, maxInFlight, maxPerPeer, maxRanges } = CATCH_UP_RANGES
const LENGTH = 9 * rangeBlocks + 5

let blocks: readonly Block[] = []

beforeAll(() => {
  blocks = chainOf(LENGTH)
})

describe('catching up from several peers', () => {
  let hub: MemoryHub
  let one: SyncNode

  beforeEach(async () => {
    hub = syncHub()
    one = await syncNode(hub)
  })

  function server(handler = ranges(blocks), status = statusAt(blocks)): Promise<Puppet> {
    return blockPeer(hub, one, handler, status)
  }

  /** As the second: the first one is the lead, from which the first range comes. */
  async function beside(handler: RequestHandler): Promise<Puppet> {
    const lead = { ...statusAt(blocks), totalDifficulty: 2n ** 100n }
    await server(ranges(blocks), lead)
    return server(handler)
  }

  function head(): number {
    return Number(one.node.chain.head.header.number)
  }

  function isWhole(): boolean {
    return one.node.chain.head.hash === blocks.at(-1)?.hash
  }

  function askedOf(peer: Puppet): number[] {
    return peer.asked
      .map(({ name, request }) => (name === 'blocks' ? askedRange(request)?.first : undefined))
      .filter((first) => first !== undefined)
  }

  function dropped(): unknown[] {
    return one.network.dropped.map(({ peer }) => peer)
  }

  test('takes ranges from all of them at once, and every block once', async () => {
    const peers = [await server(), await server(), await server(), await server()]
    await hub.settle()
    expect(isWhole()).toBe(true)
    const asked = peers.map(askedOf)
    expect(asked.every((ranges) => ranges.length > 0)).toBe(true)
    const all = asked.flat()
    expect(all).toHaveLength(new Set(all).size)
    expect(all).toHaveLength(10)
    one.node.chain.assertInvariants()
    one.node.stop()
  })

  test('asks no more at a time than it may, of one and of all, nor far ahead of its head', async () => {
    const open = new Map<Puppet, number>()
    const releases: (() => void)[] = []
    const total = (): number => [...open.values()].reduce((sum, count) => sum + count, 0)
    for (let index = 0; index < 5; index++) {
      const peer: Puppet = await server(async function* (from, request) {
        const isFirst = askedRange(request)?.first === 1
        open.set(peer, (open.get(peer) ?? 0) + 1)
        expect(open.get(peer)).toBeLessThanOrEqual(maxPerPeer)
        expect(total()).toBeLessThanOrEqual(maxInFlight)
        expect(askedRange(request)?.first).toBeLessThanOrEqual(head() + maxRanges * rangeBlocks + 1)
        if (!isFirst) await new Promise<void>((resolve) => releases.push(resolve))
        open.set(peer, (open.get(peer) ?? 0) - 1)
        yield* ranges(blocks)(from, request)
      })
    }
    await hub.settle()
    expect(total()).toBe(maxInFlight)
    expect([...open.values()].filter((count) => count > 0).length).toBeGreaterThan(1)
    for (let rounds = 0; rounds < 20; rounds++) {
      for (const release of releases.splice(0)) release()
      await hub.settle()
    }
    expect(isWhole()).toBe(true)
    one.node.stop()
  })

  test('waits for the lowest range, with no more than the window above it', async () => {
    const asked: number[] = []
    const handler: RequestHandler = async function* (from, request) {
      const { first = 0 } = askedRange(request) ?? {}
      asked.push(first)
      if (first === rangeBlocks + 1) yield* silence()
      else yield* ranges(blocks)(from, request)
    }
    await server(handler)
    await server(handler)
    await hub.settle()
    expect(head()).toBe(rangeBlocks)
    expect(asked).toHaveLength(1 + maxRanges)
    await server()
    await hub.run(6_000, 250)
    expect(isWhole()).toBe(true)
    one.node.stop()
  })

  test.each<[string, RequestHandler]>([
    ['never answers', silence],
    ['answers with an error', failure],
    [
      'stalls in the middle of every range',
      async function* (from, request) {
        let sent = 0
        for await (const frame of ranges(blocks)(from, request)) {
          if (++sent > 7) yield* silence()
          yield frame
        }
      },
    ],
    [
      'has less than it claims',
      async function* (from, request) {
        yield* ranges(blocks.slice(0, rangeBlocks + 50))(from, request)
      },
    ],
  ])('gives the ranges of a peer that %s to another, and keeps it', async (_, handler) => {
    const slow = await beside(handler)
    await hub.settle()
    expect(askedOf(slow).length).toBeGreaterThan(0)
    await hub.run(12_000, 250)
    expect(isWhole()).toBe(true)
    expect(dropped()).toEqual([])
    one.node.stop()
  })

  test.each<[string, () => RequestHandler]>([
    ['blocks of other numbers', () => ranges(blocks.slice(3))],
    [
      'blocks that do not follow one another',
      () => {
        const other = branchOf(LENGTH)
        return ranges(
          blocks.map((block, index) => (index % 9 === 8 ? (other[index] ?? block) : block)),
        )
      },
    ],
    [
      'more than was asked for',
      () =>
        async function* (from, request) {
          yield* ranges(blocks)(from, request)
          const { first = 0, count = 0 } = askedRange(request) ?? {}
          yield blocks[first + count - 1]?.raw ?? new Uint8Array(1)
        },
    ],
    [
      'garbage',
      () =>
        async function* () {
          yield new Uint8Array(500).fill(255)
        },
    ],
    [
      'blocks that a stranger sealed',
      () =>
        ranges(
          blocks.map((block) => (Number(block.header.number) % 50 === 0 ? stranger(block) : block)),
        ),
    ],
    [
      'good headers over other bodies',
      () =>
        ranges(
          blocks.map((block) =>
            Number(block.header.number) % 200 === 0 ? overOtherBody(block) : block,
          ),
        ),
    ],
  ])(
    'drops a peer beside the lead that gives %s, and takes its ranges elsewhere',
    async (_, make) => {
      const liar = await beside(make())
      await hub.settle()
      expect(new Set(dropped())).toEqual(new Set([liar.id]))
      await hub.run(1_000, 250)
      expect(isWhole()).toBe(true)
      one.node.stop()
    },
  )

  test('goes on with the others where one leaves in the middle', async () => {
    const leaver: Puppet = await beside(async function* (from, request) {
      let sent = 0
      for await (const frame of ranges(blocks)(from, request)) {
        if (++sent === 10) hub.unlink(leaver.network, one.network)
        yield frame
      }
    })
    await hub.settle()
    expect(askedOf(leaver).length).toBeGreaterThan(0)
    expect(one.network.peers().map(({ id }) => id)).not.toContain(leaver.id)
    expect(isWhole()).toBe(true)
    one.node.stop()
  })

  test('goes on with the others where the lead leaves in the middle', async () => {
    const lead: Puppet = await server(
      async function* (from, request) {
        const isFirst = askedRange(request)?.first === 1
        if (isFirst) yield* ranges(blocks)(from, request)
        else hub.unlink(lead.network, one.network)
      },
      { ...statusAt(blocks), totalDifficulty: 2n ** 100n },
    )
    await server()
    await server()
    await hub.settle()
    expect(isWhole()).toBe(true)
    one.node.stop()
  })

  test('ends where all claim what none of them has, asks little, and says that it is not syncing', async () => {
    const peers = []
    for (let index = 0; index < 5; index++) peers.push(await server(ranges([]), BOUNDLESS_CLAIM))
    await hub.settle()
    expect(peers.map((peer) => askedOf(peer).length)).toEqual([1, 1, 1, 1, 1])
    expect(one.node.sync.progress()).toBeUndefined()
    await hub.run(CATCH_UP_REST_MS - 1_000, 250)
    expect(peers.map((peer) => askedOf(peer).length)).toEqual([1, 1, 1, 1, 1])
    expect(dropped()).toEqual([])
    one.node.stop()
  })

  test('keeps to what it has where all claim more, and does not call that syncing', async () => {
    const peers = []
    for (let index = 0; index < 3; index++)
      peers.push(await server(ranges(blocks), BOUNDLESS_CLAIM))
    await hub.settle()
    expect(isWhole()).toBe(true)
    expect(one.node.sync.progress()).toBeUndefined()
    const asked = peers.flatMap(askedOf).length
    expect(asked).toBeLessThan(20)
    await hub.run(CATCH_UP_REST_MS - 1_000, 250)
    expect(peers.flatMap(askedOf).length).toBe(asked)
    one.node.stop()
  })

  test('leaves peers on a shorter branch alone, without dropping them', async () => {
    const branch = branchOf(LENGTH - 20)
    await server(ranges(blocks), { ...statusAt(blocks), totalDifficulty: 2n ** 100n })
    const beside = await server(ranges(branch), statusAt(branch))
    await hub.settle()
    expect(isWhole()).toBe(true)
    expect(askedOf(beside).length).toBeGreaterThan(0)
    expect(dropped()).toEqual([])
    one.node.chain.assertInvariants()
    one.node.stop()
  })

  test('steps back from its own branch and then takes the rest from all', async () => {
    one.node.stop()
    one = await syncNode(hub, { blocks: branchOf(40) })
    const peers = [await server(), await server(), await server()]
    await hub.settle()
    expect(isWhole()).toBe(true)
    expect(peers.filter((peer) => askedOf(peer).length > 1).length).toBeGreaterThan(1)
    one.node.chain.assertInvariants()
    one.node.stop()
  })

  test('goes over to a lead that has changed its branch meanwhile', async () => {
    const other = testChain()
    for (const block of blocks.slice(0, 200)) other.import(block, [])
    const longer = blocks.slice(0, 200)
    for (let index = 0; index < LENGTH - 150; index++)
      longer.push(extend(other, { lateS: index === 0 ? 1 : 0 }))
    let served = 0
    const lead = await server(
      (from, request) => ranges(++served > 3 ? longer : blocks.slice(0, LENGTH))(from, request),
      { ...statusAt(longer), totalDifficulty: 2n ** 100n },
    )
    await hub.settle()
    await hub.run(CATCH_UP_REST_MS * 3, 250)
    expect(askedOf(lead).length).toBeGreaterThan(3)
    expect(one.node.chain.head.hash).toBe(longer.at(-1)?.hash)
    expect(dropped()).toEqual([])
    one.node.stop()
  })

  test('asks a peer that comes later, too', async () => {
    await server(async function* (from, request) {
      const isFirst = askedRange(request)?.first === 1
      if (isFirst) yield* ranges(blocks)(from, request)
      else yield* silence()
    })
    await hub.settle()
    const late = await server()
    await hub.settle()
    expect(askedOf(late).length).toBeGreaterThan(0)
    await hub.run(6_000, 250)
    expect(isWhole()).toBe(true)
    one.node.stop()
  })
})

function stranger(block: Block): Block {
  const [signer] = testSigners(1)
  const other = testSigners(2).find(({ address }) => address !== signer?.address)
  if (other === undefined) throw new Error('two signers are two')
  return resealed(block, other, {})
}

/** The same header, so the same hash: only who looks at the roots can tell. */
function overOtherBody(block: Block): Block {
  const { block: full } = nextBlock(testChain(), { txs: [signedTransfer()] })
  return makeBlock(block.header, full.transactions, block.uncles)
}
