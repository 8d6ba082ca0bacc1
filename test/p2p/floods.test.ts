import type { RPC } from '@chainsafe/libp2p-gossipsub/message'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import type { Soon } from '../../src/lib/turns.ts'
import type { Libp2pNetwork, NetworkOptions } from '../../src/p2p/libp2pNetwork.ts'
import type { RouterInternals } from '../../src/p2p/router/routerInternals.ts'
import { eventually, Inbox, payload, RawPeer, startNetwork, stopAll, TX } from '../builders/p2p.ts'

afterEach(stopAll)

interface Flooded {
  readonly network: Libp2pNetwork
  readonly inbox: Inbox
  readonly attacker: RawPeer
}

/**
 * A network that ignores everything without a penalty, and a raw peer with a gossip stream to it.
 */
async function flooded(options: Partial<NetworkOptions> = {}): Promise<Flooded> {
  const [network, attacker] = await Promise.all([startNetwork(options), RawPeer.start()])
  const inbox = new Inbox(network, 'ignore')
  await attacker.connect(network)
  return { network, inbox, attacker }
}

/** How often timers ran while `work` went on. */
async function turnsDuring(work: Promise<void>): Promise<number> {
  let turns = 0
  const end = systemClock.every(0, () => turns++)
  await work
  end()
  return turns
}

function control(parts: Partial<RPC.ControlMessage>): Partial<RPC> {
  return { control: { ihave: [], iwant: [], graft: [], prune: [], idontwant: [], ...parts } }
}

describe('a flood', () => {
  const limits = {
    gossipEntriesBurst: 40_000,
    gossipEntriesPerSecond: 1,
    gossipMaxDroppedFrames: 20,
    gossipTurnMs: 1,
  }

  test('of frames of no length costs the connection after 10,000 of them, and other work has its turns', async () => {
    const { network, attacker } = await flooded({ limits })
    for (let i = 0; i < 20; i++) attacker.sendBytes(new Uint8Array(10_000))
    const turns = await turnsDuring(attacker.closed())
    expect(network.traffic().framesReceived).toBe(10_000 + 20 + 1)
    expect(turns).toBeGreaterThan(5)
    await eventually(network, () => network.peers().length === 0)
  })

  test.each([
    ['grafts', control({ graft: Array.from({ length: 512 }, () => ({})) })],
    ['prunes', control({ prune: Array.from({ length: 512 }, () => ({ peers: [] })) })],
    ['announcements', control({ ihave: Array.from({ length: 512 }, () => ({ messageIDs: [] })) })],
    ['requests', control({ iwant: Array.from({ length: 512 }, () => ({ messageIDs: [] })) })],
    ['refusals', control({ idontwant: Array.from({ length: 512 }, () => ({ messageIDs: [] })) })],
  ])('of empty %s costs the connection when its entries are over the budget', async (_, rpc) => {
    const { network, attacker } = await flooded({ limits })
    for (let i = 0; i < 200; i++) attacker.send(rpc)
    await attacker.closed()
    const paid = Math.floor(40_000 / (1 + 1 + 512))
    expect(network.traffic().framesReceived).toBe(paid + 20 + 1)
  })

  test('of ids in one frame is refused before it is decoded', async () => {
    const { network, attacker } = await flooded({ limits: { gossipMaxEntries: 1_000 } })
    const messageIDs = Array.from({ length: 1_000 }, () => new Uint8Array(0))
    attacker.send(control({ ihave: [{ topicID: TX, messageIDs }] }))
    await eventually(network, () => network.traffic().undecodableFrames === 1)
    expect(network.traffic().control.ihave.received).toBe(0)
    expect(attacker.connected).toBe(true)
  })

  test('of messages that are ignored, each another, fills no more memory than its bounds', async () => {
    const { network, inbox, attacker } = await flooded({
      limits: { gossipSeenIds: 100, gossipDeliveryRecords: 50 },
    })
    const message = (seed: number): RPC.Message => ({ topic: TX, data: payload(seed) })
    for (let seed = 0; seed < 1_000; seed += 10)
      attacker.send({ messages: Array.from({ length: 10 }, (_, i) => message(seed + i)) })
    await inbox.count(1_000)
    const router = network.libp2p.services.pubsub as unknown as RouterInternals
    expect(router.seenCache.size).toBe(100)
    expect((router.score.deliveryRecords as unknown as { size: number }).size).toBe(50)
    attacker.send({ messages: [message(999), message(900), message(0)] })
    expect((await inbox.count(1_001)).at(-1)?.data).toEqual(payload(0))
    expect(network.traffic().duplicates).toBe(2)
  })

  test('that comes faster than it is worked through waits with its sender, and arrives whole', async () => {
    const held: (() => void)[] = []
    const soon: Soon = (task) => {
      held.push(task)
      return () => {}
    }
    const readAheadBytes = 64 * 1024
    const limits = { gossipTurnMs: 0, gossipReadAheadBytes: readAheadBytes }
    const { network, inbox, attacker } = await flooded({ limits, soon })
    const count = 40
    for (let seed = 0; seed < count; seed++)
      attacker.send({ messages: [{ topic: TX, data: payload(seed, 100_000) }] })
    await inbox.count(1)
    let heartbeats = 0
    network.onHeartbeat(() => heartbeats++)
    await eventually(network, () => heartbeats === 3)
    expect(inbox.messages.length).toBe(1)
    expect(attacker.unsentBytes).toBeGreaterThan(3_000_000)
    const end = systemClock.every(1, () => held.splice(0).forEach((task) => task()))
    expect((await inbox.count(count)).map(({ data }) => data.length)).toEqual(
      Array.from({ length: count }, () => 100_000),
    )
    end()
  })
})
