import { STATUS_INTERVAL_MS } from '../../src/sync/limits.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Hash } from '../../src/crypto/keccak.ts'
import type { GenesisJson } from '../../src/chain/genesis/devnetGenesis.ts'
import type { Requests } from '../../src/sync/protocol.ts'
import type { PeerId, RequestHandler } from '../../src/gossip/network.ts'
import { Emitter } from '../../src/lib/emitter.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { Handshake } from '../../src/sync/status/handshake.ts'
import { decodeStatus, encodeStatus } from '../../src/sync/status/status.ts'
import { extend, testChain, testGenesis } from '../builders/chain.ts'
import type { MemoryHub } from '../builders/network.ts'
import {
  frames,
  puppet,
  failure,
  silence,
  statusOf,
  statusPuppet,
  syncHub,
  syncNode,
  type SyncNode,
} from '../builders/syncNode.ts'

const OTHER_GENESIS = `0x${'cd'.repeat(32)}` as Hash

describe('a handshake', () => {
  let hub: MemoryHub
  let one: SyncNode

  beforeEach(async () => {
    hub = syncHub()
    one = await syncNode(hub)
  })

  afterEach(() => one.node.stop())

  function isLinked(id: PeerId): boolean {
    return one.network.peers().some((peer) => peer.id === id)
  }

  test('tells both nodes who the other is', async () => {
    const other = await syncNode(hub)
    hub.link(one.network, other.network)
    await hub.settle()
    expect(one.node.sync.book.get(other.id)?.status).toMatchObject({
      genesis: testGenesis().hash,
      headNumber: 0n,
      client: expect.stringContaining('grapevine'),
    })
    expect(other.node.sync.book.get(one.id)).toBeDefined()
    other.node.stop()
  })

  test('forgets a peer that goes', async () => {
    const peer = await statusPuppet(hub, one)
    await hub.settle()
    hub.unlink(one.network, peer.network)
    expect(one.node.sync.book.all()).toEqual([])
  })

  test('comes again with a new head, and more often at first, for the clock', async () => {
    const peer = await statusPuppet(hub, one)
    await hub.settle()
    hub.clock.advance(0)
    await hub.run(2_000, 250)
    const early = peer.asked.length
    expect(early).toBe(8)
    await peer.serve('status', frames(encodeStatus(statusOf({ headNumber: 7n }))))
    hub.clock.advance(STATUS_INTERVAL_MS)
    await hub.settle()
    expect(peer.asked.length).toBe(early + 1)
    expect(one.node.sync.book.get(peer.id)?.status.headNumber).toBe(7n)
  })

  test.each<[string, RequestHandler, RegExp]>([
    ['garbage', frames(new Uint8Array([1, 2, 3])), /not canonical RLP/],
    ['nothing', frames(), /empty/],
    [
      'two frames',
      frames(encodeStatus(statusOf()), encodeStatus(statusOf())),
      /more than status|more than one frame|answers more than/,
    ],
    ['a frame over the limit', frames(new Uint8Array(513)), /answers more than/],
    [
      'another genesis',
      frames(encodeStatus(statusOf({ genesis: OTHER_GENESIS }))),
      /^other-genesis: its genesis is 0xcdcd/,
    ],
    ['another version', frames(encodeStatus(statusOf({ version: 1 }))), /version 1, not 2/],
    [
      'a refusal',
      frames(encodeStatus(statusOf({ refusal: 'other-forks: so it is' }))),
      /^the peer refuses us: other-forks: so it is$/,
    ],
    [
      'a time before the question',
      frames(encodeStatus(statusOf({ receivedUs: 9, sentUs: 8 }))),
      /before/,
    ],
  ])(
    'answered with %s ends the connection at once, and the log says why',
    async (_, handler, why) => {
      const peer = puppet(hub)
      await peer.serve('status', handler)
      hub.link(peer.network, one.network)
      await hub.settle()
      expect(isLinked(peer.id)).toBe(false)
      expect(one.network.dropped).toMatchObject([{ peer: peer.id }])
      const [line] = one.lines.filter(({ message }) => message.startsWith('dropping a peer'))
      expect(line).toMatchObject({ peer: peer.id, reason: expect.stringMatching(why) as string })
    },
  )

  test.each([
    ['never', silence],
    ['with an error', failure],
  ])('answered %s ends the connection after a while', async (_, handler) => {
    const peer = puppet(hub)
    await peer.serve('status', handler)
    hub.link(peer.network, one.network)
    await hub.settle()
    expect(isLinked(peer.id)).toBe(true)
    await hub.run(6_000, 250)
    expect(isLinked(peer.id)).toBe(false)
    expect(one.lines.map(({ message }) => message)).toContain(
      'dropping a peer: no status in common',
    )
  })

  test('waits for a peer that listens before it can answer', async () => {
    const peer = puppet(hub)
    hub.link(peer.network, one.network)
    await hub.settle()
    await peer.serve('status', frames(encodeStatus(statusOf())))
    hub.clock.advance(250)
    await hub.settle()
    expect(one.node.sync.book.get(peer.id)).toBeDefined()
    expect(one.network.dropped).toEqual([])
  })

  test('keeps a peer that had given its status and is late now', async () => {
    const peer = await statusPuppet(hub, one)
    await hub.settle()
    await peer.serve('status', silence)
    await hub.run(30_000, 500)
    expect(isLinked(peer.id)).toBe(true)
    expect(one.node.sync.book.get(peer.id)).toBeDefined()
  })

  test('with a node of another genesis ends on both sides, each saying why', async () => {
    const genesis = testGenesis({ signers: 2 })
    const stranger = await syncNode(hub, { genesis })
    hub.link(one.network, stranger.network)
    for (let passedMs = 0; passedMs <= 4_000; passedMs += 250) {
      await hub.settle()
      hub.clock.advance(250)
    }
    expect(one.network.peers()).toEqual([])
    for (const { lines } of [one, stranger]) {
      const about = lines.filter(({ message }) => message.includes('status in common'))
      expect(about).toMatchObject([{ reason: expect.stringContaining('does not serve') as string }])
    }
    stranger.node.stop()
  })

  const config = (change: object) => (file: GenesisJson) => ({
    ...file,
    config: { ...file.config, ...change },
  })
  test.each<[string, (file: GenesisJson) => unknown]>([
    ['other-chain-id', config({ chainId: 7 })],
    ['other-genesis-rules', config({ clique: { period: 9, epoch: 30_000 } })],
  ])(
    'with a node of the same genesis and %s ends on both sides with that reason, once',
    async (name, file) => {
      const genesis = testGenesis({ file })
      expect(genesis.hash).toBe(testGenesis().hash)
      const stranger = await syncNode(hub, { genesis })
      hub.link(one.network, stranger.network)
      await hub.settle()
      hub.clock.advance(0)
      await hub.settle()
      expect(one.network.peers()).toEqual([])
      for (const { lines } of [one, stranger]) expectRefusals(lines, name)
      stranger.node.stop()
    },
  )

  test('with a node that plans a fork goes on, and ends on both sides once only one has passed it', async () => {
    const planned = testGenesis({ file: config({ arrowGlacierBlock: 2 }) })
    const stranger = await syncNode(hub, { genesis: planned })
    hub.link(one.network, stranger.network)
    await hub.settle()
    expect(one.node.sync.book.get(stranger.id)?.status.forkId.next).toBe(2n)
    for (let block = 0; block < 3; block++) extend(one.node.chain)
    await hub.run(1_250, 250)
    expect(one.network.peers()).toEqual([])
    for (const { lines } of [one, stranger]) expectRefusals(lines, 'other-forks')
    stranger.node.stop()
  })

  test('with a node that plans a fork far ahead goes on', async () => {
    const stranger = await syncNode(hub, {
      genesis: testGenesis({ file: config({ arrowGlacierBlock: 5_000 }) }),
    })
    hub.link(one.network, stranger.network)
    await hub.settle()
    expect(one.node.sync.book.get(stranger.id)).toBeDefined()
    expect(stranger.node.sync.book.get(one.id)).toBeDefined()
    stranger.node.stop()
  })

  /** One line about it, by its name, and no other complaint about the peer. */
  function expectRefusals(lines: SyncNode['lines'], name: string): void {
    const about = lines.filter(({ peer }) => peer !== undefined)
    expect(about).toMatchObject([
      {
        message: 'dropping a peer: no status in common',
        reason: expect.stringContaining(`${name}: `) as string,
      },
    ])
  }

  test('tells a peer that does not answer why, and does not wait for it for long', async () => {
    const peer = puppet(hub)
    const status = encodeStatus(statusOf({ chainId: 7n }))
    let asked = 0
    await peer.serve('status', () => (asked++ === 0 ? frames(status)(one.id, status) : silence()))
    hub.link(peer.network, one.network)
    await hub.settle()
    expect(isLinked(peer.id)).toBe(true)
    const refusals = peer.asked.map(({ request }) => decodeStatus(request).refusal)
    expect(refusals).toEqual(['', 'other-chain-id: its chain id is 7, ours is 1337'])
    hub.clock.advance(500)
    await hub.settle()
    expect(isLinked(peer.id)).toBe(false)
  })

  test('asked by a node of another genesis is answered, and then ends with a logged reason', async () => {
    const peer = puppet(hub)
    await peer.serve('status', silence)
    hub.link(peer.network, one.network)
    const request = encodeStatus(statusOf({ genesis: OTHER_GENESIS, receivedUs: 0 }))
    const answers = []
    for await (const frame of peer.requests.send(one.id, 'status', request)) answers.push(frame)
    expect(answers).toHaveLength(1)
    await hub.settle()
    expect(isLinked(peer.id)).toBe(false)
    expect(one.lines).toContainEqual({
      message: 'dropping a peer: no status in common',
      peer: peer.id,
      reason: expect.stringContaining(OTHER_GENESIS) as string,
    })
  })

  test('asked with garbage ends the connection', async () => {
    const peer = await statusPuppet(hub, one)
    await hub.settle()
    const ask = async (): Promise<void> => {
      for await (const _ of peer.requests.send(one.id, 'status', new Uint8Array([0x80]))) void _
    }
    await expect(ask()).rejects.toThrow(Error)
    await hub.settle()
    expect(isLinked(peer.id)).toBe(false)
  })

  test('leaves no timer and no listener behind when it stops', async () => {
    const peer = await statusPuppet(hub, one)
    await hub.settle()
    const before = peer.asked.length
    one.node.stop()
    hub.clock.advance(60_000)
    await hub.settle()
    expect(peer.asked).toHaveLength(before)
    const late = await statusPuppet(hub, one)
    await hub.settle()
    expect(late.asked).toEqual([])
  })

  test('answered after the stop is not recorded', async () => {
    const peer = puppet(hub)
    const { promise, resolve } = Promise.withResolvers<void>()
    await peer.serve('status', async function* () {
      await promise
      yield encodeStatus(statusOf())
    })
    hub.link(peer.network, one.network)
    await hub.settle()
    one.node.stop()
    resolve()
    await hub.settle()
    expect(one.node.sync.book.all()).toEqual([])
  })

  test('that a peer leaves in the middle of is forgotten, and one anew begins with its return', async () => {
    const peer = puppet(hub)
    await peer.serve('status', silence)
    hub.link(peer.network, one.network)
    await hub.settle()
    hub.unlink(peer.network, one.network)
    await peer.serve('status', frames(encodeStatus(statusOf())))
    hub.link(peer.network, one.network)
    await hub.settle()
    expect(one.node.sync.book.get(peer.id)).toBeDefined()
    hub.clock.advance(10_000)
    await hub.settle()
    expect(one.network.dropped).toEqual([])
  })
})

/** Two nodes with clocks of their own and a link that takes time, without a network between. */
describe('the clocks of two nodes', () => {
  const PEER = 'far' as PeerId

  function linked(farAheadMs: number, delaysMs: Iterator<[there: number, back: number]>) {
    const [near, far] = [new ManualClock(50_000), new ManualClock(50_000 + farAheadMs)]
    const pass = (ms: number): void => {
      far.advance(ms)
      near.advance(ms)
    }
    let serve: RequestHandler | undefined
    const silent = { blame: () => {}, drop: () => {}, dropped: new Emitter<PeerId>() }
    const served: Requests = {
      ...silent,
      handle: async (name, handler) => {
        if (name === 'status') serve = handler
      },
      send: () => frames()(PEER, new Uint8Array(0)),
    }
    const asking: Requests = {
      ...silent,
      handle: async () => {},
      send: async function* (_to, _name, request) {
        await Promise.resolve()
        const next = delaysMs.next()
        const [there, back] = next.done === true ? [0, 0] : next.value
        pass(there)
        for await (const frame of serve?.(PEER, request) ?? []) {
          pass(back)
          yield frame
        }
      },
    }
    const common = { chain: testChain(), log: silentLogger, clientVersion: 'test' }
    const nobody = { peers: () => [], onPeer: () => () => {} }
    const network = {
      ...nobody,
      peers: () => [{ id: PEER, address: '', direction: 'outbound' as const }],
    }
    return {
      asker: new Handshake({ ...common, network, requests: asking, clock: near }),
      answerer: new Handshake({ ...common, network: nobody, requests: served, clock: far }),
      pass,
    }
  }

  test.each([
    ['ahead', 1_234],
    ['behind', -1_234],
  ])('are compared with the right sign where the peer is %s', async (_, offsetMs) => {
    const delays: [number, number][] = [[10, 10]]
    const { asker, answerer } = linked(offsetMs, delays.values())
    await answerer.start()
    await asker.start()
    await new Promise((resolve) => setImmediate(resolve))
    expect(asker.book.get(PEER)?.clock).toEqual({ roundTripMs: 20, offsetMs })
  })

  test('are judged by the quickest exchange of many', async () => {
    const delays: [number, number][] = [
      [90, 10],
      [2, 1],
      [10, 70],
    ]
    const { asker, answerer, pass } = linked(500, delays.values())
    await answerer.start()
    await asker.start()
    for (let round = 0; round < 2; round++) {
      await new Promise((resolve) => setImmediate(resolve))
      pass(250)
    }
    await new Promise((resolve) => setImmediate(resolve))
    expect(asker.book.get(PEER)?.clock).toEqual({ roundTripMs: 3, offsetMs: 500.5 })
    asker.stop()
  })
})
