import { createServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { peerIdOfNode } from '../../src/interop/nodeId.ts'
import { UserError } from '../../src/lib/userError.ts'
import { eventually, inMesh, RawPeer, stopAll } from '../builders/p2p.ts'
import {
  addressesOf,
  GATED_SECONDS,
  startScripted,
  stopScripted,
  type Scripted,
} from '../builders/scriptedNode.ts'

const INIT = { type: 'initGossipSub', gossipSubParams: { HeartbeatInterval: 100_000_000 } }
const SUBSCRIBE = { type: 'subscribeToTopic', topicID: 'a' }
const WAIT = { type: 'waitUntil', elapsedSeconds: GATED_SECONDS }

function of(nodeID: number, instruction: unknown): unknown {
  return { type: 'ifNodeIDEquals', nodeID, instruction }
}

function connect(...connectTo: readonly number[]): unknown {
  return { type: 'connect', connectTo }
}

function publish(messageID: number, messageSizeBytes = 1024, topicID = 'a'): unknown {
  return { type: 'publish', messageID, messageSizeBytes, topicID }
}

/** Nodes 0 to `count` - 1, each of which knows where those before it are. */
async function startAll(count: number, script: readonly unknown[]): Promise<readonly Scripted[]> {
  const nodes: Scripted[] = []
  for (let id = 0; id < count; id++)
    nodes.push(await startScripted(id, script, { addresses: addressesOf(nodes) }))
  return nodes
}

function at(nodes: readonly Scripted[], id: number): Scripted {
  const found = nodes[id]
  if (found === undefined) throw new Error(`no node ${id}`)
  return found
}

/** Runs the scripts up to their first wait, and waits for what connects the nodes. */
async function meshed(nodes: readonly Scripted[], pairs: readonly (readonly [number, number])[]) {
  const runs = nodes.map(({ node }) => node.run())
  for (const { clock } of nodes) await clock.held()
  for (const [a, b] of pairs) {
    const [one, other] = [at(nodes, a).node.network, at(nodes, b).node.network]
    await eventually(one, () => inMesh(one, other.self, 'a'))
    await eventually(other, () => inMesh(other, one.self, 'a'))
  }
  return runs
}

afterEach(async () => {
  await stopScripted()
  await stopAll()
})

describe('a scripted node', () => {
  test('says who it is first, and then where it listens', async () => {
    const { node, lines } = await startScripted(3, [INIT, SUBSCRIBE])
    const id = await peerIdOfNode(3)
    expect(node.network.self).toBe(id)
    expect(lines()).toMatchObject([
      { msg: 'PeerID', id, node_id: 3 },
      { msg: 'Listening', addresses: [expect.stringContaining(id)] },
    ])
  })

  test('connects, subscribes and publishes: all others write the message with its number', async () => {
    const script = [
      INIT,
      of(1, connect(0)),
      of(2, connect(0)),
      SUBSCRIBE,
      WAIT,
      of(1, publish(7, 100_000)),
    ]
    const nodes = await startAll(3, script)
    const runs = await meshed(nodes, [
      [0, 1],
      [0, 2],
    ])
    for (const { clock } of nodes) clock.open()
    await Promise.all(runs)
    const [ids, [first], [second]] = [
      nodes.map(({ node }) => node.network.self),
      await at(nodes, 0).copies(1),
      await at(nodes, 2).copies(1),
    ]
    expect(first).toMatchObject({ id: '7', topic: 'a', from: ids[1] })
    expect(second).toMatchObject({ id: '7', topic: 'a', from: ids[0] })
    expect(at(nodes, 1).said).toEqual(['message 7 of a is sent to 1 peers'])
    expect(nodes[1]?.lines().filter(({ msg }) => msg === 'Received Message')).toEqual([])
  })

  test('writes each copy of a message, the later ones too', async () => {
    const one = await startScripted(0, [INIT, SUBSCRIBE, WAIT])
    void one.node.run()
    await one.clock.held()
    const raw = await RawPeer.start()
    await raw.connect(one.node.network)
    raw.subscribe('a')
    const data = new Uint8Array(50)
    data[7] = 31
    for (let copy = 0; copy < 3; copy++) raw.send({ messages: [{ topic: 'a', data }] })
    const copies = await one.copies(3)
    expect(copies).toMatchObject(
      Array.from({ length: 3 }, () => ({ id: '31', from: raw.id, topic: 'a' })),
    )
    one.end.abort()
  })

  test('forwards when the validation delay of the topic is over, and takes others meanwhile', async () => {
    const delay = { type: 'setTopicValidationDelay', topicID: 'a', delaySeconds: GATED_SECONDS }
    const script = [
      INIT,
      of(1, delay),
      of(1, connect(0)),
      of(2, connect(1)),
      SUBSCRIBE,
      WAIT,
      of(0, publish(1)),
      of(0, publish(2)),
    ]
    const nodes = await startAll(3, script)
    const runs = await meshed(nodes, [
      [0, 1],
      [1, 2],
    ])
    const [publisher, middle, last] = [at(nodes, 0), at(nodes, 1), at(nodes, 2)]
    publisher.clock.open()
    expect(await middle.copies(2)).toMatchObject([{ id: '1' }, { id: '2' }])
    expect(last.lines().map(({ msg }) => msg)).not.toContain('Received Message')
    middle.clock.open()
    const forwarded = await last.copies(2)
    expect(forwarded).toMatchObject(
      Array.from({ length: 2 }, () => ({ from: middle.node.network.self })),
    )
    for (const { clock } of [middle, last]) clock.open()
    await Promise.all(runs)
  })

  test('publishes to a topic to which it is not subscribed', async () => {
    const script = [
      INIT,
      of(0, { ...SUBSCRIBE, topicID: 'b' }),
      of(1, connect(0)),
      SUBSCRIBE,
      WAIT,
      of(1, publish(4, 8, 'b')),
    ]
    const nodes = await startAll(2, script)
    const runs = await meshed(nodes, [[0, 1]])
    const { network } = at(nodes, 1).node
    await eventually(network, () => network.libp2p.services.pubsub.getSubscribers('b').length === 1)
    for (const { clock } of nodes) clock.open()
    await Promise.all(runs)
    const [copy] = await at(nodes, 0).copies(1)
    expect(copy).toMatchObject({ id: '4', topic: 'b', from: network.self })
  })

  test('says so when nobody is there to take a message, or when it was published before', async () => {
    const script = [
      INIT,
      publish(1, 8, 'a'),
      of(1, connect(0)),
      SUBSCRIBE,
      WAIT,
      of(1, publish(2)),
      of(1, publish(2)),
    ]
    const nodes = await startAll(2, script)
    const runs = await meshed(nodes, [[0, 1]])
    for (const { clock } of nodes) clock.open()
    await Promise.all(runs)
    expect(at(nodes, 1).said).toEqual([
      'message 1 of a is sent to 0 peers',
      'message 2 of a is sent to 1 peers',
      'message 2 of a was published or received before',
    ])
  })

  test('waits from when its process began, so a time that has passed is over', async () => {
    const script = [INIT, SUBSCRIBE, { type: 'waitUntil', elapsedSeconds: 5 }]
    const { node } = await startScripted(0, script, { startMs: -10_000 })
    await expect(node.run()).resolves.toBeUndefined()
  })

  test('names the parameters that its router does not take', async () => {
    const gossipSubParams = { HeartbeatInitialDelay: 100_200_000, Connectors: 9 }
    const { said } = await startScripted(0, [{ type: 'initGossipSub', gossipSubParams }, SUBSCRIBE])
    expect(said).toEqual([
      'initGossipSub: this router does not take HeartbeatInitialDelay, Connectors',
    ])
  })

  test('dials a node again that is not there yet', async () => {
    const port = await freePort()
    const address = `/ip4/127.0.0.1/tcp/${port}`
    const script = [INIT, of(0, connect(1)), SUBSCRIBE, WAIT]
    const early = await startScripted(0, script, { addresses: new Map([[1, address]]) })
    void early.node.run()
    const { network } = early.node
    // Whatever the first dial met, the node that starts now is found.
    const late = await startScripted(1, script, { listen: address })
    void late.node.run()
    await eventually(network, () => inMesh(network, late.node.network.self, 'a'))
    expect(network.peers()).toHaveLength(1)
    for (const { end } of [early, late]) end.abort()
  })

  test('gives up a node that does not come, in one line', async () => {
    const addresses = new Map([[1, `/ip4/127.0.0.1/tcp/${await freePort()}`]])
    const script = [INIT, SUBSCRIBE, connect(1)]
    const { node } = await startScripted(0, script, { addresses, dialPatienceMs: 0 })
    const failure = await node.run().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(UserError)
    expect(String(failure)).toMatch(/connect to node 1: cannot dial [^\n]+ECONNREFUSED[^\n]+$/)
  })

  test('says how to give the address of a node whose host name does not resolve', async () => {
    const { node } = await startScripted(0, [INIT, SUBSCRIBE, connect(2_000_000_001)])
    await expect(node.run()).rejects.toThrow(
      'connect to node 2000000001: no host is called node2000000001; give its address by --address node2000000001=/ip4/',
    )
  })

  test('ends at once when it is asked to, in a wait and while it dials', async () => {
    const addresses = new Map([[1, `/ip4/127.0.0.1/tcp/${await freePort()}`]])
    const waiting = await startScripted(0, [INIT, SUBSCRIBE, WAIT, connect(1)], { addresses })
    const dialling = await startScripted(2, [INIT, SUBSCRIBE, connect(1)], { addresses })
    const runs = [waiting.node.run(), dialling.node.run()]
    await waiting.clock.held()
    for (const { end } of [waiting, dialling]) end.abort()
    await expect(Promise.all(runs)).resolves.toBeDefined()
  })
})

/** A port on which nothing listens. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no port')),
      )
    })
  })
}
