import { randomBytes } from 'node:crypto'
import type { RPC } from '@chainsafe/libp2p-gossipsub/message'
import { afterEach, describe, expect, test } from 'vitest'
import { keccak256 } from '../../src/crypto/keccak.ts'
import { equalBytes } from '../../src/lib/bytes.ts'
import type { Libp2pNetwork, NetworkOptions } from '../../src/p2p/libp2pNetwork.ts'
import {
  addressOf,
  BLOCK,
  eventually,
  Inbox,
  inMesh,
  mesh,
  payload,
  RawPeer,
  type RawPeerOptions,
  startNetwork,
  stopAll,
  TX,
} from '../builders/p2p.ts'

afterEach(stopAll)

/** A network that accepts everything, and a raw peer with an open gossip stream to it. */
async function attacked(
  options: Partial<NetworkOptions> = {},
  peer: RawPeerOptions = {},
): Promise<{ network: Libp2pNetwork; inbox: Inbox; attacker: RawPeer }> {
  const [network, attacker] = await Promise.all([startNetwork(options), RawPeer.start(peer)])
  const inbox = new Inbox(network)
  await attacker.connect(network)
  return { network, inbox, attacker }
}

const FROM = { from: Uint8Array.of(0, 1, 7) }
const SIGNED = [
  ['an author', FROM],
  ['a sequence number', { seqno: new Uint8Array(8) }],
  ['a key', { key: new Uint8Array(36) }],
  ['a signature', { signature: new Uint8Array(64) }],
] as const

describe('a message', () => {
  test.each(SIGNED)('with %s is refused, and its sender pays', async (_, fields) => {
    const { network, inbox, attacker } = await attacked()
    attacker.send({ messages: [{ topic: TX, data: payload(1), ...fields }] })
    attacker.send({ messages: [{ topic: TX, data: payload(2) }] })
    await inbox.count(1)
    expect(inbox.messages.map(({ data }) => data)).toEqual([payload(2)])
    expect(network.traffic().signedMessages).toBe(1)
    await eventually(network, () => network.scores().some(({ score }) => score < 0))
  })

  test('with an author does not keep the same bytes out when they come without one', async () => {
    const { inbox, attacker } = await attacked()
    attacker.send({ messages: [{ topic: TX, data: payload(1), ...FROM }] })
    attacker.send({ messages: [{ topic: TX, data: payload(1) }] })
    expect((await inbox.count(1))[0]?.data).toEqual(payload(1))
  })

  test('on a topic of another network reaches no judge and leaves nothing behind', async () => {
    const { network, inbox, attacker } = await attacked()
    const other = '/grapevine/ffffffff/tx/1'
    attacker.send({ subscriptions: [{ topic: other, subscribe: true }] })
    attacker.send({ messages: [{ topic: other, data: payload(1) }] })
    attacker.send({ messages: [{ topic: TX, data: payload(2) }] })
    await inbox.count(1)
    expect(network.libp2p.services.pubsub.getSubscribers(other)).toEqual([])
    expect(inbox.messages.length).toBe(1)
  })

  test('without data is handed to the judge as empty', async () => {
    const { inbox, attacker } = await attacked()
    attacker.send({ messages: [{ topic: TX }] })
    expect((await inbox.count(1))[0]?.data).toEqual(new Uint8Array(0))
  })
})

describe('frames', () => {
  test('that cannot be decoded cost the connection after a few', async () => {
    const { network, attacker } = await attacked({ limits: { gossipMaxUndecodableFrames: 3 } })
    for (let i = 0; i < 4; i++) attacker.sendFrame(Uint8Array.of(0x0f, 0xff, i))
    await attacker.closed()
    expect(network.traffic().undecodableFrames).toBe(4)
    await eventually(network, () => network.peers().length === 0)
  })

  test('that cannot be decoded are forgiven while they are few', async () => {
    const { inbox, attacker } = await attacked({ limits: { gossipMaxUndecodableFrames: 3 } })
    for (let i = 0; i < 3; i++) attacker.sendFrame(randomGarbage())
    attacker.send({ messages: [{ topic: TX, data: payload(1) }] })
    await inbox.count(1)
    expect(attacker.connected).toBe(true)
  })

  test('above the size limit cost the connection at once, by their announced length alone', async () => {
    const { network, attacker } = await attacked({ limits: { gossipMaxFrameBytes: 1024 } })
    attacker.sendBytes(Uint8Array.of(0x81, 0x08))
    await attacker.closed()
    await eventually(network, () => network.peers().length === 0)
    expect(attacker.connected).toBe(false)
  })

  test('with an endless length prefix cost the connection', async () => {
    const { attacker } = await attacked()
    attacker.sendBytes(new Uint8Array(16).fill(0xff))
    await attacker.closed()
    expect(attacker.connected).toBe(false)
  })

  test('of exactly the size limit are taken', async () => {
    const { inbox, attacker } = await attacked({ limits: { gossipMaxFrameBytes: 1024 } })
    const envelope = 2 + 2 + TX.length + 3
    attacker.send({ messages: [{ topic: TX, data: payload(1, 1024 - envelope - 1) }] })
    expect((await inbox.count(1))[0]?.data.length).toBe(1024 - envelope - 1)
  })

  test('that flood with duplicates are dropped beyond the budget and end in disconnection', async () => {
    const limits = {
      gossipMessagesBurst: 100,
      gossipMessagesPerSecond: 1,
      gossipMaxDroppedFrames: 5,
    }
    const { network, inbox, attacker } = await attacked({ limits })
    const copy = { topic: TX, data: payload(1) }
    for (let i = 0; i < 100; i++)
      attacker.send({ messages: Array.from({ length: 50 }, () => copy) })
    await attacker.closed()
    const traffic = network.traffic()
    expect(inbox.messages.length).toBe(1)
    expect(traffic.duplicates).toBe(99)
    expect(traffic.droppedFrames).toBe(5)
  })

  test('over budget do not mark their messages as seen', async () => {
    const limits = { gossipMessagesBurst: 1, gossipMessagesPerSecond: 1, gossipMaxDroppedFrames: 5 }
    const { network, inbox, attacker } = await attacked({ limits })
    attacker.send({ messages: [{ topic: TX, data: payload(1) }] })
    attacker.send({ messages: [{ topic: TX, data: payload(2) }] })
    await eventually(network, () => network.traffic().droppedFrames === 1)
    const honest = await RawPeer.start()
    await honest.connect(network)
    honest.send({ messages: [{ topic: TX, data: payload(2) }] })
    expect((await inbox.count(2)).length).toBe(2)
  })

  test('over the byte budget are dropped before they are decoded', async () => {
    const limits = { gossipBytesBurst: 1000, gossipBytesPerSecond: 1 }
    const { network, inbox, attacker } = await attacked({ limits })
    attacker.send({ messages: [{ topic: TX, data: payload(1, 2000) }] })
    await eventually(network, () => network.traffic().droppedFrames === 1)
    expect(inbox.messages).toEqual([])
  })

  test('of controls beyond the limit of their kind do not decode', async () => {
    const { network, attacker } = await attacked({ limits: { gossipMaxControls: 10 } })
    const graft = Array.from({ length: 11 }, () => ({ topicID: TX }))
    attacker.send({ control: { ihave: [], iwant: [], graft, prune: [], idontwant: [] } })
    await eventually(network, () => network.traffic().undecodableFrames === 1)
    expect(network.traffic().control.graft.received).toBe(0)
  })
})

describe('a peer that asks for much', () => {
  const bytes = 400 * 1024

  test('by one IWANT gets it in frames below the limit of anyone, and no more than a bound', async () => {
    const limits = { gossipMaxAnswerBytes: 2 * 1024 * 1024 }
    const { network, attacker } = await attacked({ limits })
    attacker.subscribe()
    await eventually(network, () => network.mesh().some(({ mesh }) => mesh.length === 1))
    const messageIDs: Uint8Array[] = []
    for (let i = 0; i < 8; i++) {
      await network.publish(TX, payload(i, bytes))
      messageIDs.push(Uint8Array.of(1, ...keccak256(payload(i, bytes))))
      await attacker.receives((frames) => countMessages(frames) === i + 1)
    }
    attacker.send({
      control: { ihave: [], iwant: [{ messageIDs }], graft: [], prune: [], idontwant: [] },
    })
    await attacker.receives((frames) => countMessages(frames) === 8 + 5)
    const answers = attacker.received.slice(-3)
    expect(answers.map(({ rpc }) => rpc.messages.length)).toEqual([2, 2, 1])
    expect(Math.max(...answers.map((frame) => frame.bytes))).toBeLessThan(1024 * 1024)
  })

  test('of one message again and again gets four copies', async () => {
    const { network, attacker } = await attacked()
    attacker.subscribe()
    await eventually(network, () => network.mesh().some(({ mesh }) => mesh.length === 1))
    await network.publish(TX, payload(1))
    const iwant = [{ messageIDs: [Uint8Array.of(1, ...keccak256(payload(1)))] }]
    for (let i = 0; i < 8; i++)
      attacker.send({ control: { ihave: [], iwant, graft: [], prune: [], idontwant: [] } })
    await eventually(network, () => network.traffic().control.iwant.received === 8)
    await network.publish(TX, payload(2))
    await attacker.receives((frames) => frames.some(({ rpc }) => isMessage(rpc, payload(2))))
    expect(countMessages(attacker.received)).toBe(1 + 3 + 1)
  })
})

describe('a subscriber to whom no stream can be opened', () => {
  test('is no recipient, and does not keep the message from being published again', async () => {
    const [network, attacker] = await Promise.all([
      startNetwork({ router: { heartbeatMs: 60_000 } }),
      RawPeer.start({ refuses: true }),
    ])
    Inbox.join(network)
    await new Promise<void>((resolve) => network.onHeartbeat(resolve))
    await attacker.connect(network)
    attacker.subscribe()
    const subscribers = (): number => network.mesh()[0]?.subscribers.length ?? 0
    await eventually(network, () => subscribers() === 1 && attacker.opened > 0)
    expect(await network.publish(TX, payload(1))).toEqual({ recipients: [], duplicate: false })
    const honest = await startNetwork()
    const inbox = new Inbox(honest)
    await mesh(honest, network)
    expect((await network.publish(TX, payload(1))).recipients).toEqual([honest.self])
    expect((await inbox.count(1)).length).toBe(1)
  })
})

function countMessages(frames: RawPeer['received']): number {
  return frames.reduce((sum, { rpc }) => sum + rpc.messages.length, 0)
}

function isMessage(rpc: RPC, data: Uint8Array): boolean {
  return rpc.messages.some((message) => equalBytes(message.data ?? new Uint8Array(0), data))
}

describe('a mesh peer that does not read', () => {
  const maxBytes = 256 * 1024

  test('costs a bounded buffer, loses its mesh slot and its connection', async () => {
    const limits = { gossipMaxOutboundBytes: maxBytes }
    const { network, attacker } = await attacked({ limits }, { reads: false })
    Inbox.join(network, 'accept', BLOCK)
    attacker.subscribe(BLOCK)
    attacker.graft(BLOCK)
    await eventually(network, () => inMesh(network, attacker.id, BLOCK))
    let seed = 0
    let mostBytes = 0
    network.onHeartbeat(() => {
      for (let i = 0; i < 4; i++) void network.publish(BLOCK, payload(seed++, 64 * 1024))
      mostBytes = Math.max(mostBytes, queuedBytes(network))
    })
    await attacker.closed()
    await eventually(network, () => !inMesh(network, attacker.id, BLOCK))
    expect(network.peers()).toEqual([])
    expect(mostBytes).toBeGreaterThan(0)
    expect(mostBytes).toBeLessThanOrEqual(maxBytes)
  })

  test('does not hinder an honest one', async () => {
    const limits = { gossipMaxOutboundBytes: maxBytes }
    const { network, attacker } = await attacked({ limits }, { reads: false })
    const honest = await startNetwork()
    const inbox = new Inbox(honest)
    await mesh(honest, network)
    attacker.subscribe()
    await eventually(network, () =>
      network.mesh().some(({ subscribers }) => subscribers.length === 2),
    )
    for (let i = 0; i < 32; i++) {
      await network.publish(TX, payload(i, 100 * 1024))
      await inbox.count(i + 1)
    }
    expect(inbox.messages.length).toBe(32)
  })

  test('does not hold up our stop, and the port is free afterwards', async () => {
    const { network, attacker } = await attacked({}, { reads: false })
    attacker.subscribe()
    await eventually(network, () => network.mesh().some(({ mesh }) => mesh.length === 1))
    await eventually(network, () => network.libp2p.services.pubsub.getSubscribers(TX).length === 1)
    for (let i = 0; i < 64; i++) await network.publish(TX, payload(i, 100 * 1024))
    const address = addressOf(network).replace(/\/p2p\/.*/, '')
    await network.stop()
    const next = await startNetwork({ listen: [address] })
    expect(addressOf(next).startsWith(address)).toBe(true)
  })
})

/** What waits to be written on streams of one network, together. */
function queuedBytes(network: Libp2pNetwork): number {
  const streams = network.libp2p.getConnections().flatMap((connection) => connection.streams)
  return streams.reduce((sum, stream) => sum + stream.writeBufferLength, 0)
}

describe('a banned peer', () => {
  test('is refused when it comes back', async () => {
    const limits = { gossipMaxFrameBytes: 1024, banStrikes: 50 }
    const { network, attacker } = await attacked({ limits })
    attacker.sendBytes(Uint8Array.of(0x81, 0x08))
    await attacker.closed()
    await attacker.connect(network).catch(() => {})
    await attacker.closed()
    expect(network.peers()).toEqual([])
  })
})

/** A field number of 1 with a wire type that does not exist, then noise. */
function randomGarbage(): Uint8Array {
  return Uint8Array.of(0x0f, ...randomBytes(20))
}
