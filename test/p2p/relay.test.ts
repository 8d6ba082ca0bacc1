import { afterEach, describe, expect, test } from 'vitest'
import { keccak256Hash } from '../../src/crypto/keccak.ts'
import type { RouterAction } from '../../src/gossip/network.ts'
import type { Libp2pNetwork } from '../../src/p2p/libp2pNetwork.ts'
import {
  addressOf,
  BLOCK,
  eventually,
  Inbox,
  mesh,
  payload,
  recordRouter,
  startNetwork,
  stopAll,
  TX,
} from '../builders/p2p.ts'

afterEach(stopAll)

/** a - b - c, with b answering `action`. */
async function line(action: RouterAction): Promise<{
  networks: readonly [Libp2pNetwork, Libp2pNetwork, Libp2pNetwork]
  middle: Inbox
  end: Inbox
}> {
  const [a, b, c] = await Promise.all([startNetwork(), startNetwork(), startNetwork()])
  Inbox.join(a)
  const middle = new Inbox(b, action)
  const end = new Inbox(c)
  await Promise.all([mesh(a, b), mesh(b, c)])
  return { networks: [a, b, c], middle, end }
}

describe('a message through a node in the middle', () => {
  test('reaches the far end when it is accepted', async () => {
    const { networks, end } = await line('accept')
    const [a, b] = networks
    const data = payload(1)
    const outcome = await a.publish(TX, data)
    const [message] = await end.count(1)
    expect(outcome).toEqual({ recipients: [b.self], duplicate: false })
    expect(message?.data).toEqual(data)
    expect(message?.from).toBe(b.self)
    expect(message?.digest).toBe(keccak256Hash(data))
  })

  test.each(['ignore', 'reject'] as const)('stops there when the answer is %s', async (action) => {
    const { networks, middle, end } = await line(action)
    const [a, b, c] = networks
    await a.publish(TX, payload(1))
    await middle.count(1)
    await b.publish(TX, payload(2))
    await end.count(1)
    expect(end.messages.map((message) => message.data)).toEqual([payload(2)])
    expect(c.traffic().duplicates).toBe(0)
  })

  test('costs its sender nothing when it is ignored', async () => {
    const { networks, middle } = await line('ignore')
    const [a, b] = networks
    await a.publish(TX, payload(1))
    await middle.count(1)
    await a.publish(TX, payload(2))
    await middle.count(2)
    expect(b.scores().map(({ score }) => score)).toEqual([0, 0])
  })

  test('costs its sender score when it is rejected, and nobody else', async () => {
    const { networks, middle } = await line('reject')
    const [a, b, c] = networks
    await a.publish(TX, payload(1))
    await middle.count(1)
    const score = (peer: string): number =>
      b.scores().find((entry) => entry.peer === peer)?.score ?? 0
    await eventually(b, () => score(a.self) < 0)
    expect(score(c.self)).toBe(0)
  })

  test('is an ignore and counted when the judge throws', async () => {
    const [a, b] = await Promise.all([startNetwork(), startNetwork()])
    Inbox.join(a)
    b.subscribe(TX, () => Promise.reject(new Error('a bug')))
    await mesh(a, b)
    await a.publish(TX, payload(1))
    await eventually(b, () => b.traffic().judgeErrors === 1)
    expect(b.scores().every(({ score }) => score === 0)).toBe(true)
  })

  test('is not forwarded by an accept that comes after it left the cache, and that is counted', async () => {
    const router = { mcacheHeartbeats: 1, mcacheGossipHeartbeats: 1 }
    const [a, b] = await Promise.all([startNetwork(), startNetwork({ router })])
    Inbox.join(a)
    const verdict = Promise.withResolvers<RouterAction>()
    let heartbeats = 0
    b.subscribe(TX, () => verdict.promise)
    await mesh(a, b)
    await a.publish(TX, payload(1))
    b.onHeartbeat(() => {
      if (++heartbeats === 3) verdict.resolve('accept')
    })
    await eventually(b, () => b.traffic().lateAccepts === 1)
    expect(b.traffic().lateAccepts).toBe(1)
  })
})

describe('publishing', () => {
  test('delivers what is sent as soon as a subscriber is known, before any heartbeat', async () => {
    const router = { heartbeatMs: 60_000 }
    const [a, b] = await Promise.all([startNetwork({ router }), startNetwork({ router })])
    Inbox.join(a, 'accept', BLOCK)
    const inbox = new Inbox(b, 'accept', BLOCK)
    await a.dial(addressOf(b))
    await eventually(a, () => a.mesh().some(({ subscribers }) => subscribers.length > 0))
    await a.publish(BLOCK, payload(1))
    expect((await inbox.count(1)).length).toBe(1)
  })

  test('to nobody answers no recipients and can be repeated when somebody came', async () => {
    const [a, b] = await Promise.all([startNetwork(), startNetwork()])
    Inbox.join(a)
    const inbox = new Inbox(b)
    expect(await a.publish(TX, payload(1))).toEqual({ recipients: [], duplicate: false })
    await mesh(a, b)
    expect(await a.publish(TX, payload(1))).toEqual({ recipients: [b.self], duplicate: false })
    expect((await inbox.count(1)).length).toBe(1)
  })

  test('what the router knows already is called a duplicate and sent to nobody', async () => {
    const { networks, middle } = await line('accept')
    const [a, b] = networks
    await a.publish(TX, payload(1))
    await middle.count(1)
    expect(await a.publish(TX, payload(1))).toEqual({ recipients: [], duplicate: true })
    expect(await b.publish(TX, payload(1))).toEqual({ recipients: [], duplicate: true })
  })

  test('on a topic that is not of this network throws', async () => {
    const network = await startNetwork()
    await expect(network.publish('/grapevine/other/tx/1', payload(1))).rejects.toThrow(
      'no such topic',
    )
    expect(() =>
      network.subscribe('/grapevine/other/tx/1', () => Promise.resolve('accept')),
    ).toThrow('no such topic')
  })

  test('the bytes of a transaction on the block topic do not keep the transaction out', async () => {
    const [a, b] = await Promise.all([startNetwork(), startNetwork()])
    Inbox.join(a)
    Inbox.join(a, 'accept', BLOCK)
    const transactions = new Inbox(b)
    const blocks = new Inbox(b, 'reject', BLOCK)
    await mesh(a, b)
    await mesh(a, b, BLOCK)
    await a.publish(BLOCK, payload(1))
    await blocks.count(1)
    await a.publish(TX, payload(1))
    expect((await transactions.count(1))[0]?.data).toEqual(payload(1))
  })
})

describe('what the router did', () => {
  test('tells who entered the mesh, and who left it with the connection', async () => {
    const [a, b] = await Promise.all([startNetwork(), startNetwork()])
    Inbox.join(a)
    Inbox.join(b)
    const events = recordRouter(a)
    await mesh(a, b)
    expect(events).toEqual([expect.objectContaining({ kind: 'graft', topic: TX, peer: b.self })])
    await b.stop()
    await eventually(a, () => events.some(({ kind }) => kind === 'prune'))
    expect(events.at(-1)).toMatchObject({ kind: 'prune', topic: TX, peer: b.self })
  })

  test('reports own messages and forwarded ones to each recipient, with digest and size', async () => {
    const { networks, end } = await line('accept')
    const [a, b, c] = networks
    const [fromA, fromB] = [recordRouter(a), recordRouter(b)]
    const data = payload(1)
    await a.publish(TX, data)
    await end.count(1)
    const sent = { kind: 'forwarded', topic: TX, digest: keccak256Hash(data), bytes: 200 }
    expect(fromA).toEqual([expect.objectContaining({ ...sent, to: b.self })])
    expect(fromB).toEqual([expect.objectContaining({ ...sent, to: c.self })])
  })

  test('reports a second copy as a duplicate, with its peer', async () => {
    const { networks, middle } = await line('accept')
    const [a, b, c] = networks
    const events = recordRouter(b)
    const together = [a.publish(TX, payload(7)), c.publish(TX, payload(7))]
    await Promise.all(together)
    await middle.count(1)
    await eventually(b, () => b.traffic().duplicates === 1)
    const [duplicate] = events.filter(({ kind }) => kind === 'duplicate')
    const [first] = middle.messages
    expect(duplicate).toMatchObject({ topic: TX, digest: keccak256Hash(payload(7)), bytes: 200 })
    expect(duplicate).toMatchObject({ from: first?.from === a.self ? c.self : a.self })
  })
})
