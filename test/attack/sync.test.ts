/**
 * Attacks on the pull side of a node, by their number in the list of attacks that the design must
 * survive.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Block } from '../../src/block/block.ts'
import type { Hash } from '../../src/crypto/keccak.ts'
import type { RequestHandler } from '../../src/gossip/network.ts'
import { assert } from '../../src/lib/assert.ts'
import { bytesToBigint, bytesToHex } from '../../src/lib/bytes.ts'
import { decodeRlp, encodeRlp, type RlpItem } from '../../src/lib/rlp.ts'
import { serveBlocks } from '../../src/sync/catchUp/blockRequests.ts'
import {
  HELD_BLOCK_LIFE_MS,
  MAX_HELD_BLOCKS,
  MAX_HELD_BLOCKS_PER_PEER,
  MAX_PARENT_ATTEMPTS,
  PROTOCOL_LIMITS,
} from '../../src/sync/limits.ts'
import { integer, protocolId } from '../../src/sync/protocol.ts'
import { encodeStatus, type StatusMessage } from '../../src/sync/status/status.ts'
import { nextBlock, resealed, testChain, testSigners } from '../builders/chain.ts'
import { eventually, genesisFile, startPeer, stopPeers } from '../builders/runningPeer.ts'
import type { MemoryHub } from '../builders/network.ts'
import { startNetwork, stopAll } from '../builders/p2p.ts'
import { blockPeer } from '../builders/ranges.ts'
import {
  chainOf,
  collect,
  frames,
  puppet,
  silence,
  statusOf,
  syncHub,
  syncNode,
  type Puppet,
  type SyncNode,
} from '../builders/syncNode.ts'
import { signedTransfer } from '../builders/tx.ts'

const blocks = chainOf(40)
const [SIGNER] = testSigners(1)

function at(number: number): Block {
  const block = blocks[number - 1]
  if (block === undefined) throw new Error(`there is no block ${number}`)
  return block
}

/** A block with the seal of the signer and a parent that nobody has. */
function orphan(index: number, number = 2n): Block {
  if (SIGNER === undefined) throw new Error('there is a signer')
  const parentHash = bytesToHex(
    new Uint8Array(32)
      .fill(1)
      .with(0, index >> 8)
      .with(1, index),
  ) as Hash
  return resealed(at(2), SIGNER, { number, parentHash })
}

/** Serves single blocks by hash, and no ranges. */
function byHash(find: (hash: Hash) => Block | undefined): RequestHandler {
  return async function* (_, request) {
    const hash = askedHash(request)
    const block = hash === undefined ? undefined : find(hash)
    if (block !== undefined) yield block.raw
  }
}

function askedHash(request: Uint8Array): Hash | undefined {
  const [kind, list] = decodeRlp(request) as [Uint8Array, RlpItem]
  if (bytesToBigint(kind) !== 1n || list instanceof Uint8Array) return undefined
  const [hash] = list
  return hash instanceof Uint8Array ? (bytesToHex(hash) as Hash) : undefined
}

/** Hashes of blocks that a peer was asked for. */
function askedOf({ asked }: Puppet): Hash[] {
  return asked
    .filter(({ name }) => name === 'blocks')
    .map(({ request }) => askedHash(request))
    .filter((hash) => hash !== undefined)
}

describe('over the in-memory network', () => {
  let hub: MemoryHub
  let one: SyncNode

  beforeEach(async () => {
    hub = syncHub()
    one = await syncNode(hub)
  })

  afterEach(() => {
    one.node.sync.held.assertInvariants()
    one.node.stop()
    assert(one.node.sync.held.count === 0, 'nothing is held after the end')
  })

  async function server(handler: RequestHandler): Promise<Puppet> {
    const peer = await blockPeer(hub, one, handler)
    await hub.settle()
    return peer
  }

  function head(): bigint {
    return one.node.chain.head.header.number
  }

  describe('33, a block of an unknown parent', () => {
    test('is held, its ancestors fetched from its sender, and all imported', async () => {
      const peer = await server(byHash((hash) => blocks.find((block) => block.hash === hash)))
      void one.receive('block', at(5).raw, peer.id)
      await hub.run(5_000, 500)
      expect(head()).toBe(5n)
      expect(askedOf(peer)).toEqual([4, 3, 2, 1].map((number) => at(number).hash))
    })

    test('is not lost to a sender that gives another block for the parent', async () => {
      const liar = await server(frames(at(3).raw))
      const honest = await server(byHash((hash) => blocks.find((block) => block.hash === hash)))
      void one.receive('block', at(2).raw, liar.id)
      await hub.settle()
      expect(one.network.dropped.map(({ peer }) => peer)).toEqual([liar.id])
      expect(askedOf(honest)).toEqual([at(1).hash])
      expect(head()).toBe(2n)
    })

    test('is not lost to a sender that gives the header of the parent over another body', async () => {
      const [{ block: forged }] = [nextBlock(testChain())]
      const body = { ...forged, raw: mutated(at(1)) }
      const liar = await server(byHash((hash) => (hash === at(1).hash ? body : undefined)))
      await server(byHash((hash) => blocks.find((block) => block.hash === hash)))
      void one.receive('block', at(2).raw, liar.id)
      await hub.settle()
      expect(one.network.dropped.map(({ peer }) => peer)).toEqual([liar.id])
      expect(head()).toBe(2n)
    })

    test('is given up in time where nobody has the parent', async () => {
      const peer = await server(frames())
      void one.receive('block', at(5).raw, peer.id)
      await hub.settle()
      expect(one.node.sync.held.count).toBe(1)
      await hub.run(HELD_BLOCK_LIFE_MS, 5_000)
      expect(one.node.sync.held.count).toBe(0)
    })
  })

  describe('34, orphans without end', () => {
    test('by a signer take the places of one peer and no others', async () => {
      const flooder = await server(frames())
      const modest = await server(frames())
      for (let index = 0; index < 600; index++)
        void one.receive('block', orphan(index).raw, flooder.id)
      await hub.settle()
      expect(one.node.sync.held.count).toBe(MAX_HELD_BLOCKS_PER_PEER)
      void one.receive('block', orphan(1_000).raw, modest.id)
      await hub.settle()
      expect(one.node.sync.held.count).toBe(MAX_HELD_BLOCKS_PER_PEER + 1)
      expect(askedOf(flooder).length).toBeLessThanOrEqual(MAX_HELD_BLOCKS_PER_PEER + 1)
    })

    test('of many peers are bounded together', async () => {
      for (let index = 0; index < 10; index++) {
        const peer = await server(frames())
        for (let more = 0; more < 20; more++)
          void one.receive('block', orphan(index * 20 + more).raw, peer.id)
      }
      await hub.settle()
      expect(one.node.sync.held.count).toBe(MAX_HELD_BLOCKS)
    })

    test('of a stranger are not held, and nobody is asked for anything', async () => {
      const peer = await server(frames())
      const stranger = testSigners(2).find(({ address }) => address !== SIGNER?.address)
      if (stranger === undefined) throw new Error('there are two')
      for (let number = 5; number < 30; number++)
        void one.receive('block', resealed(at(number), stranger, {}).raw, peer.id)
      await hub.settle()
      expect(one.node.sync.held.count).toBe(0)
      expect(askedOf(peer)).toEqual([])
    })

    test('as a deep fork served parent by parent end with the quota', async () => {
      let served = 0
      const deeper = await server(byHash(() => undefined))
      const made = new Map<Hash, Block>()
      const chainDown = (hash: Hash): Block | undefined => {
        served++
        return made.get(hash)
      }
      await deeper.serve('blocks', byHash(chainDown))
      for (const block of blocks) made.set(block.hash, block)
      made.delete(at(1).hash)
      void one.receive('block', at(8).raw, deeper.id)
      await hub.settle()
      expect(served).toBeLessThanOrEqual(MAX_HELD_BLOCKS_PER_PEER + 1)
      expect(one.node.sync.held.count).toBe(7)
      for (let again = 9; again < 40; again++) void one.receive('block', at(again).raw, deeper.id)
      await hub.settle()
      expect(one.node.sync.held.count).toBeLessThanOrEqual(MAX_HELD_BLOCKS_PER_PEER)
      expect(served).toBeLessThan(80)
    })
  })

  describe('35, a parent from the future', () => {
    test('waits for its time, and its child with it', async () => {
      const peer = await server(byHash((hash) => (hash === at(1).hash ? at(1) : undefined)))
      const dueMs = Number(at(1).header.timestamp) * 1000
      setWall(dueMs - 2_000)
      void one.receive('block', at(2).raw, peer.id)
      await hub.settle()
      expect(head()).toBe(0n)
      await hub.run(4_000, 500)
      expect(head()).toBe(2n)
    })

    test('too far off is not taken, whoever is asked', async () => {
      const peer = await server(byHash((hash) => (hash === at(20).hash ? at(20) : undefined)))
      setWall(Number(at(1).header.timestamp) * 1000)
      void one.receive('block', at(21).raw, peer.id)
      await hub.settle()
      expect(one.node.sync.held.count).toBe(0)
      expect(one.network.dropped).toEqual([])
    })

    /** Lets the calendar begin here and pass with the clock. */
    function setWall(wallMs: number): void {
      const offsetMs = wallMs - hub.clock.monotonicMs()
      hub.clock.wallMs = () => hub.clock.monotonicMs() + offsetMs
    }
  })

  describe('67, counts and hashes out of all proportion', () => {
    test('cost no more look-ups than there are blocks', async () => {
      let lookUps = 0
      const known = { block: () => undefined, blockByNumber: () => (lookUps++, undefined) }
      const asker = puppet(hub)
      const serving = puppet(hub)
      hub.link(asker.network, serving.network)
      await serveBlocks(serving.requests, known)
      const most = 2n ** 64n - 1n
      const asked: [bigint, bigint][] = [
        [0n, 0n],
        [1n, most],
        [most, most],
        [most, 0n],
      ]
      for (const [first, count] of asked) {
        const request = encodeRlp([integer(0), integer(first), integer(count)])
        expect(await collect(asker.requests.send(serving.id, 'blocks', request))).toEqual([])
      }
      expect(lookUps).toBe(2)
    })

    test('in a peer exchange bring no more than the bound', async () => {
      const peer = await server(frames())
      const request = encodeRlp([integer(2n ** 64n - 1n)])
      const answer = await collect(peer.requests.send(one.id, 'peers', request))
      expect(answer.length).toBeLessThanOrEqual(PROTOCOL_LIMITS.peers.maxFrames)
    })
  })

  describe('69, a parent that is promised and never comes', () => {
    test('is asked for elsewhere at expiry, never twice at one peer', async () => {
      const staller = await server(silence)
      const others = [await server(frames()), await server(frames())]
      void one.receive('block', at(2).raw, staller.id)
      await hub.settle()
      expect(askedOf(staller)).toEqual([at(1).hash])
      expect(others.flatMap(askedOf)).toEqual([])
      await hub.run(6_000, 500)
      expect(others.flatMap(askedOf)).toEqual([at(1).hash, at(1).hash])
      await hub.run(30_000, 500)
      expect([staller, ...others].flatMap(askedOf)).toHaveLength(3)
      expect(one.network.dropped).toEqual([])
    })

    test('is asked for at a bounded number of peers', async () => {
      const all = []
      for (let index = 0; index < 12; index++) all.push(await server(frames()))
      const [first] = all
      void one.receive('block', at(2).raw, first?.id ?? one.id)
      await hub.settle()
      expect(all.flatMap(askedOf)).toHaveLength(MAX_PARENT_ATTEMPTS)
    })

    test('comes from the next peer when its sender goes in the middle', async () => {
      const leaver = await server(silence)
      await server(byHash((hash) => blocks.find((block) => block.hash === hash)))
      void one.receive('block', at(2).raw, leaver.id)
      await hub.settle()
      hub.unlink(leaver.network, one.network)
      await hub.settle()
      expect(head()).toBe(2n)
    })
  })
})

describe('68, over real sockets, a peer that claims the best chain', () => {
  const strays: unknown[] = []
  const note = (reason: unknown): void => void strays.push(reason)

  beforeEach(() => void process.on('unhandledRejection', note))

  afterEach(async () => {
    process.off('unhandledRejection', note)
    await Promise.all([stopAll(), stopPeers()])
    assert(strays.splice(0).length === 0, 'every rejection is handled')
  })

  const [valid] = blocks

  async function* endless(): AsyncIterable<Uint8Array> {
    for (;;) yield valid?.raw ?? new Uint8Array(1)
  }

  test.each<[string, RequestHandler]>([
    ['and gives a frame larger than any block', frames(new Uint8Array(9 * 1024 * 1024))],
    ['and never ends its answer', endless],
    ['and gives other blocks', frames(at(7).raw)],
    ['and gives garbage', frames(new Uint8Array(1_000).fill(255))],
  ])('%s, is dropped, and the node serves on', async (_, handler) => {
    const { host, liar } = await liarAt(handler)
    const said = () => host.lines.map(({ message }) => message)
    await eventually([host], () => said().includes('a peer broke a request protocol'))
    await eventually([host], () => host.network.peers().length === 0)
    const honest = await startNetwork()
    const to = await honest.dial(host.network.addresses()[0] ?? '')
    const name = protocolId(host.node.chain.genesis.hash, 'status')
    const ask = encodeStatus(statusOf({ receivedUs: 0 }))
    const answer = await collect(honest.request(to, name, PROTOCOL_LIMITS.status, ask))
    expect(answer).toHaveLength(1)
    expect(liar.peers()).toEqual([])
  })

  test('and leaves in the middle of its answer, leaves no failure behind', async () => {
    const { host, liar } = await liarAt(async function* () {
      yield at(1).raw
      await liar.stop()
    })
    const said = () => host.lines.map(({ message }) => message)
    await eventually([host], () => liar.peers().length === 0 && host.network.peers().length === 0)
    expect(host.node.chain.head.header.number).toBeLessThanOrEqual(1n)
    expect(said()).not.toContain('a peer broke a request protocol')
  })

  /**
   * A host and a peer that gives it a status with the most difficulty, and blocks as the handler
   * has it.
   */
  async function liarAt(handler: RequestHandler) {
    const host = await startPeer({ genesis: genesisFile() })
    const { hash } = host.node.chain.genesis
    const liar = await startNetwork()
    const claim: Partial<StatusMessage> = { headNumber: 10n ** 6n, totalDifficulty: 2n ** 200n }
    const { status, blocks: limits } = PROTOCOL_LIMITS
    await liar.handle(protocolId(hash, 'status'), status, frames(encodeStatus(statusOf(claim))))
    const wide = { ...limits, maxFrameBytes: 2 ** 30, maxFrames: 2 ** 30 }
    await liar.handle(protocolId(hash, 'blocks'), wide, handler)
    await liar.dial(host.network.addresses()[0] ?? '')
    return { host, liar }
  }
})

/** Another body under the same header: it decodes, and its roots are wrong. */
function mutated(block: Block): Uint8Array {
  const [header] = decodeRlp(block.raw) as RlpItem[]
  const other = decodeRlp(chainOfTransfer().raw) as RlpItem[]
  if (header === undefined) throw new Error('a block has a header')
  return encodeRlp([header, ...other.slice(1)])
}

function chainOfTransfer(): Block {
  return nextBlock(testChain(), { txs: [signedTransfer()] }).block
}
