import { afterEach, describe, expect, test } from 'vitest'
import type { Libp2pNetwork } from '../../src/p2p/libp2pNetwork.ts'
import { LinkFaults } from '../../src/p2p/links/linkFaults.ts'
import {
  addressOf,
  eventually,
  Inbox,
  inMesh,
  mesh,
  payload,
  startNetwork,
  stopAll,
  TX,
} from '../builders/p2p.ts'

afterEach(stopAll)

/** Two networks that have each other in their mesh, and the faults of the first. */
async function pair() {
  const faults = new LinkFaults()
  const [a, b] = await Promise.all([startNetwork({ linkFaults: faults }), startNetwork()])
  const inboxes = { a: new Inbox(a), b: new Inbox(b) }
  await mesh(a, b)
  return { a, b, faults, inboxes }
}

function connected(network: Libp2pNetwork, count: number): Promise<void> {
  return eventually(network, () => network.peers().length === count)
}

describe('a link cut whole', () => {
  test('closes the connection at both ends and refuses dials from either', async () => {
    const { a, b, faults } = await pair()
    faults.cut([b.self], 'both')
    await Promise.all([connected(a, 0), connected(b, 0)])
    await expect(a.dial(addressOf(b))).rejects.toThrow(/cannot dial/)
    await b.dial(addressOf(a)).catch(() => {})
    await connected(b, 0)
    expect(a.peers()).toEqual([])
  })

  test('is as it was after healing', async () => {
    const { a, b, faults, inboxes } = await pair()
    faults.cut([b.self], 'both')
    await connected(b, 0)
    faults.heal()
    await mesh(a, b)
    await a.publish(TX, payload(1))
    expect(await inboxes.b.count(1)).toHaveLength(1)
  })

  test('leaves the links to others alone', async () => {
    const { a, b, faults } = await pair()
    const c = await startNetwork()
    Inbox.join(c)
    await mesh(a, c)
    faults.cut([b.self], 'both')
    await connected(a, 1)
    expect(inMesh(a, c.self)).toBe(true)
  })
})

describe('a link cut one way', () => {
  test('carries what comes in, holds what goes out, and gives it out in order when it heals', async () => {
    const { a, b, faults, inboxes } = await pair()
    faults.cut([b.self], 'outgoing')
    for (let i = 0; i < 20; i++) await a.publish(TX, payload(i, 2_000))
    await b.publish(TX, payload(99))
    expect(await inboxes.a.count(1)).toHaveLength(1)
    expect(inboxes.b.messages).toEqual([])
    expect(a.peers()).toHaveLength(1)
    faults.heal()
    const messages = await inboxes.b.count(20)
    expect(messages.map(({ data }) => data)).toEqual(
      Array.from({ length: 20 }, (_, i) => payload(i, 2_000)),
    )
  })

  test('holds what goes out on a connection that the other end dialled', async () => {
    const faults = new LinkFaults()
    const [a, b] = await Promise.all([startNetwork({ linkFaults: faults }), startNetwork()])
    const inboxes = { a: new Inbox(a), b: new Inbox(b) }
    await mesh(b, a)
    faults.cut([b.self], 'outgoing')
    await a.publish(TX, payload(1))
    await b.publish(TX, payload(2))
    expect(await inboxes.a.count(1)).toHaveLength(1)
    expect(inboxes.b.messages).toEqual([])
    faults.heal()
    expect(await inboxes.b.count(1)).toHaveLength(1)
  })

  test('that was held and is then cut whole is closed', async () => {
    const { a, b, faults } = await pair()
    faults.cut([b.self], 'outgoing')
    faults.cut([b.self], 'both')
    await Promise.all([connected(a, 0), connected(b, 0)])
    faults.heal()
    await mesh(a, b)
    expect(inMesh(b, a.self)).toBe(true)
  })

  test('comes about anew when it heals, if it was closed meanwhile', async () => {
    const { a, b, faults } = await pair()
    faults.cut([b.self], 'outgoing')
    await b.disconnect(a.self, 'the test says so')
    await b.dial(addressOf(a)).catch(() => {})
    await connected(a, 0)
    faults.heal()
    await mesh(b, a)
    expect(inMesh(a, b.self)).toBe(true)
  })
})
