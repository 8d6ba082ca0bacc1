/**
 * What a single hostile peer may try on the control plane of gossip and below it; an honest peer
 * must not notice.
 */
import type { RPC } from '@chainsafe/libp2p-gossipsub/message'
import { encode } from 'it-length-prefixed'
import { afterEach, describe, expect, test } from 'vitest'
import type { Libp2pNetwork, NetworkOptions } from '../../src/p2p/libp2pNetwork.ts'
import {
  BLOCK,
  eventually,
  Inbox,
  inMesh,
  mesh,
  payload,
  RawPeer,
  startNetwork,
  stopAll,
  TX,
} from '../builders/p2p.ts'

afterEach(stopAll)

interface Attacked {
  readonly network: Libp2pNetwork
  readonly attacker: RawPeer
  /** Resolves when a message of an honest peer has come through. */
  readonly works: () => Promise<void>
}

/** A network with an honest peer in its mesh, and a raw peer with a gossip stream to it. */
async function attacked(options: Partial<NetworkOptions> = {}): Promise<Attacked> {
  const [network, honest, attacker] = await Promise.all([
    startNetwork(options),
    startNetwork(),
    RawPeer.start(),
  ])
  const inbox = new Inbox(network)
  Inbox.join(honest)
  await mesh(honest, network)
  await attacker.connect(network)
  let seed = 1_000_000
  const works = async (): Promise<void> => {
    const data = payload(seed++)
    await honest.publish(TX, data)
    while (!inbox.messages.some((message) => Buffer.compare(message.data, data) === 0))
      await inbox.count(inbox.messages.length + 1)
  }
  return { network, attacker, works }
}

function control(parts: Partial<RPC.ControlMessage>): Partial<RPC> {
  return { control: { ihave: [], iwant: [], graft: [], prune: [], idontwant: [], ...parts } }
}

function ids(from: number, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, at) => Uint8Array.of(1, ...payload(from + at, 32)))
}

function scoreOf(network: Libp2pNetwork, peer: RawPeer): number {
  return network.scores().find((entry) => entry.peer === peer.id)?.score ?? 0
}

function askedFor(frames: RawPeer['received']): number {
  const lists = frames.flatMap(({ rpc }) => rpc.control?.iwant ?? [])
  return lists.reduce((sum, { messageIDs }) => sum + messageIDs.length, 0)
}

describe('a hostile peer', () => {
  test('that announces what it does not have is asked for a bounded number, and pays for what does not come', async () => {
    const { network, attacker, works } = await attacked({
      router: { heartbeatMs: 1_000, iwantFollowupMs: 100 },
    })
    attacker.subscribe()
    // A few broken promises are forgiven, so it announces anew at every heartbeat.
    let next = 0
    const announce = (): void => {
      for (let list = 0; list < 40; list++, next += 100)
        attacker.send(control({ ihave: [{ topicID: TX, messageIDs: ids(next, 100) }] }))
    }
    const stopAnnouncing = network.onHeartbeat(announce)
    await eventually(network, () => scoreOf(network, attacker) < 0)
    stopAnnouncing()
    await works()
    expect(askedFor(attacker.received)).toBeGreaterThan(0)
    expect(askedFor(attacker.received)).toBeLessThanOrEqual(3_000)
  })

  test('that says of everything that it has it already keeps nothing from others, and costs bounded memory', async () => {
    const { network, attacker, works } = await attacked({ router: { heartbeatMs: 1_000 } })
    for (let i = 0; i < 40; i++)
      attacker.send(control({ idontwant: [{ messageIDs: ids(i * 500, 500) }] }))
    await eventually(network, () => network.traffic().control.idontwant.received === 40)
    await works()
    const { idontwants } = network.libp2p.services.pubsub as unknown as {
      readonly idontwants: ReadonlyMap<string, ReadonlyMap<string, unknown>>
    }
    expect(idontwants.get(attacker.id)?.size ?? 0).toBeLessThanOrEqual(
      3 * network.limits.gossipMaxIdontwantIds,
    )
  })

  test('that grafts again while it should stay away loses score and gets no place in the mesh', async () => {
    const { network, attacker, works } = await attacked()
    attacker.subscribe()
    await eventually(network, () => inMesh(network, attacker.id))
    attacker.send(control({ prune: [{ topicID: TX, peers: [], backoff: 60 }] }))
    await eventually(network, () => !inMesh(network, attacker.id))
    for (let i = 0; i < 50; i++) attacker.graft()
    await eventually(network, () => scoreOf(network, attacker) < 0)
    expect(inMesh(network, attacker.id)).toBe(false)
    await works()
  })

  test('that grafts topics of no network gets no answer and leaves nothing behind', async () => {
    const { network, attacker, works } = await attacked()
    for (let i = 0; i < 20; i++)
      attacker.send(
        control({
          graft: Array.from({ length: 100 }, (_, at) => ({ topicID: `junk ${i} ${at}` })),
        }),
      )
    await eventually(network, () => network.traffic().control.graft.received >= 2_000)
    await works()
    expect(attacker.received.flatMap(({ rpc }) => rpc.control?.prune ?? [])).toEqual([])
    expect(network.mesh().map(({ topic }) => topic)).toEqual([TX])
  })

  test('that hands on thousands of peers as it leaves makes us dial none of them', async () => {
    const { network, attacker, works } = await attacked({
      limits: { gossipMaxUndecodableFrames: 3 },
    })
    const peer = { peerID: Uint8Array.of(0, 1, 7), signedPeerRecord: new Uint8Array(200) }
    const peers = Array.from({ length: 2_000 }, () => peer)
    attacker.send(control({ prune: [{ topicID: TX, peers, backoff: 2 ** 53 - 1 }] }))
    await eventually(network, () => network.traffic().undecodableFrames === 1)
    attacker.send(
      control({ prune: [{ topicID: TX, peers: peers.slice(0, 16), backoff: 2 ** 53 - 1 }] }),
    )
    await eventually(network, () => network.traffic().control.prune.received === 1)
    await works()
    expect(network.peers().length).toBe(2)
    expect(network.connectionCounts().outbound).toBe(0)
  })

  test('that joins and leaves a topic again and again stays one subscriber', async () => {
    const { network, attacker, works } = await attacked()
    for (let i = 0; i < 500; i++)
      attacker.send({ subscriptions: [{ topic: TX, subscribe: i % 2 === 0 }] })
    attacker.subscribe()
    await works()
    await eventually(network, () =>
      network.mesh().some(({ subscribers }) => subscribers.includes(attacker.id)),
    )
    expect(network.libp2p.services.pubsub.getSubscribers(BLOCK)).toEqual([])
  })

  test('that opens a thousand streams and says nothing on them gets a bounded number', async () => {
    const { network, attacker, works } = await attacked()
    const opened = await Promise.allSettled(
      Array.from({ length: 1_000 }, async () =>
        (await attacker.bareStream()).send(Uint8Array.of(19)),
      ),
    )
    expect(opened.length).toBe(1_000)
    await works()
    const streams = network.libp2p
      .getConnections()
      .filter(({ remotePeer }) => remotePeer.equals(attacker.libp2p.peerId))
      .flatMap((connection) => connection.streams)
    expect(streams.length).toBeLessThanOrEqual(network.limits.muxerMaxInboundStreams + 4)
  })

  test('that asks for a protocol with a name of a megabyte loses that stream alone', async () => {
    const { attacker, works } = await attacked()
    const stream = await attacker.bareStream()
    const closed = new Promise((resolve) => stream.addEventListener('close', resolve))
    stream.send(encode.single(new Uint8Array(200_000).fill(0x61)).subarray())
    await closed
    await works()
    expect(attacker.connected).toBe(true)
  })
})
