import { describe, expect, test } from 'vitest'
import { encodeRlp } from '../../src/lib/rlp.ts'
import { encodeStatus } from '../../src/sync/status/status.ts'
import { PROTOCOL_LIMITS } from '../../src/sync/limits.ts'
import { integer } from '../../src/sync/protocol.ts'
import type { MemoryNetwork } from '../builders/network.ts'
import {
  collect,
  frames,
  puppet,
  statusOf,
  statusPuppet,
  syncHub,
  syncNode,
  type SyncNode,
} from '../builders/syncNode.ts'

/** Notes every dial of a node, by the address or peer it goes to. */
function recordDials(network: MemoryNetwork): string[] {
  const dials: string[] = []
  const dial = network.dial.bind(network)
  network.dial = (address) => {
    dials.push(address)
    return dial(address)
  }
  return dials
}

describe('discovery', () => {
  test('finds the whole network from one bootnode', async () => {
    const hub = syncHub()
    const nodes: SyncNode[] = []
    for (let index = 0; index < 8; index++) {
      const bootnodes = index === 0 ? [] : ['/memory/boot']
      const name = index === 0 ? 'boot' : `member-${index}`
      nodes.push(await syncNode(hub, { name, seed: index, settings: { bootnodes } }))
    }
    await hub.run(10_000, 500)
    for (const { network, id } of nodes) {
      const others = nodes.map((node) => node.id).filter((other) => other !== id)
      expect(network.peers().map((peer) => peer.id)).toEqual(expect.arrayContaining(others))
    }
    for (const { node } of nodes) node.stop()
  })

  test('dials no more than the target', async () => {
    const hub = syncHub()
    const boot = await syncNode(hub, { name: 'boot', settings: { targetPeers: 0 } })
    for (let index = 0; index < 6; index++) await statusPuppet(hub, boot)
    const settings = { bootnodes: ['/memory/boot'], targetPeers: 3 }
    const one = await syncNode(hub, { settings })
    await hub.run(20_000, 500)
    expect(one.network.peers()).toHaveLength(3)
    for (const { node } of [boot, one]) node.stop()
  })

  test('dials nobody where more came of themselves than it wants, while it was asking', async () => {
    const hub = syncHub()
    const one = await syncNode(hub, { settings: { targetPeers: 2 } })
    const others = Array.from({ length: 6 }, (_, index) => hub.join(`free-${index}`))
    const peer = await statusPuppet(hub, one)
    await peer.serve('peers', async function* () {
      yield* others.map(({ self }) => record(self))
      for (let index = 0; index < 3; index++) await statusPuppet(hub, one)
    })
    const dials = recordDials(one.network)
    await hub.run(10_000, 500)
    expect(one.network.peers()).toHaveLength(4)
    expect(dials).toEqual([])
    one.node.stop()
  })

  test('without a bootnode and without a peer does nothing', async () => {
    const hub = syncHub()
    const one = await syncNode(hub)
    const dials = recordDials(one.network)
    await hub.run(60_000, 1_000)
    expect(dials).toEqual([])
    one.node.stop()
  })

  test('starts with a dead bootnode, dials it ever more rarely, and finds it when it comes', async () => {
    const hub = syncHub()
    const one = await syncNode(hub, { settings: { bootnodes: ['/memory/later'] } })
    const dials = recordDials(one.network)
    await hub.run(60_000, 1_000)
    expect(dials.length).toBeGreaterThan(5)
    expect(dials.length).toBeLessThan(12)
    const later = await syncNode(hub, { name: 'later' })
    await hub.run(10_000, 500)
    expect(one.network.peers().map(({ id }) => id)).toEqual([later.id])
    for (const { node } of [one, later]) node.stop()
  })

  test('asks rarely once it knows everybody, though there are fewer than it wants', async () => {
    const hub = syncHub()
    const one = await syncNode(hub, { name: 'self' })
    const peer = await statusPuppet(hub, one)
    await peer.serve('peers', frames(record('self'), record(peer.id)))
    await hub.run(120_000, 1_000)
    const asked = peer.asked.filter(({ name }) => name === 'peers').length
    expect(asked).toBeGreaterThan(5)
    expect(asked).toBeLessThan(11)
    one.node.stop()
  })

  test('forgets a peer that cannot be dialled after a few tries', async () => {
    const hub = syncHub()
    const one = await syncNode(hub)
    const peer = await statusPuppet(hub, one)
    const ghost = hub.join('ghost')
    const dials = recordDials(one.network)
    one.network.dialPeer = async (id) => {
      dials.push(id)
      throw new Error('nobody there')
    }
    let isTold = true
    await peer.serve('peers', async function* () {
      if (isTold) yield record(ghost.self)
      isTold = false
    })
    await hub.run(300_000, 2_000)
    expect(dials).toEqual([ghost.self, ghost.self, ghost.self])
    one.node.stop()
  })

  test('dials a lost peer again, soon at first, then every ten seconds or sooner, until it is back', async () => {
    const hub = syncHub()
    const [one, other] = await Promise.all([syncNode(hub), syncNode(hub)])
    await one.network.dial(`/memory/${other.id}`)
    await hub.run(10_000, 500)
    const dial = one.network.dialPeer.bind(one.network)
    const dials: number[] = []
    const lostMs = hub.clock.monotonicMs()
    one.network.dialPeer = async () => {
      dials.push(hub.clock.monotonicMs() - lostMs)
      throw new Error('nobody there')
    }
    other.network.dialPeer = () => Promise.reject(new Error('nobody there'))
    hub.unlink(one.network, other.network)
    await hub.run(600_000, 500)
    expect(dials[0]).toBeLessThanOrEqual(2_000)
    expect(dials[2]).toBeLessThanOrEqual(12_000)
    expect(dials.length).toBeGreaterThan(55)
    expect(dials.length).toBeLessThan(120)
    one.network.dialPeer = dial
    await hub.run(20_000, 500)
    expect(one.network.peers().map(({ id }) => id)).toEqual([other.id])
    for (const { node } of [one, other]) node.stop()
  })

  test('has a few lost peers back though others took their places', async () => {
    const hub = syncHub()
    const one = await syncNode(hub, { settings: { targetPeers: 3 } })
    const lost = []
    for (let index = 0; index < 3; index++) lost.push(await statusPuppet(hub, one))
    await hub.run(10_000, 500)
    for (const { network } of lost) hub.unlink(one.network, network)
    for (let index = 0; index < 3; index++) await statusPuppet(hub, one)
    await hub.run(30_000, 500)
    const ids = one.network.peers().map(({ id }) => id)
    expect(ids).toHaveLength(5)
    expect(lost.filter(({ id }) => ids.includes(id))).toHaveLength(2)
    one.node.stop()
  })

  test('does not dial again who never gave its status', async () => {
    const hub = syncHub()
    const one = await syncNode(hub)
    const peer = puppet(hub)
    hub.link(one.network, peer.network)
    await hub.run(1_000, 500)
    hub.unlink(one.network, peer.network)
    await hub.run(60_000, 500)
    expect(one.network.peers()).toEqual([])
    one.node.stop()
  })

  test('does not dial again whom it dropped for a lie', async () => {
    const hub = syncHub()
    const one = await syncNode(hub)
    const peer = await statusPuppet(hub, one)
    await hub.run(1_000, 500)
    await peer.serve('peers', frames(...Array.from({ length: 17 }, () => record('self'))))
    await hub.run(60_000, 500)
    expect(one.network.dropped).toHaveLength(1)
    expect(one.network.peers()).toEqual([])
    one.node.stop()
  })

  test('answers without the record of a neighbour that is too large for a frame, and with all others', async () => {
    const hub = syncHub()
    const one = await syncNode(hub)
    const peer = await statusPuppet(hub, one)
    const { maxFrameBytes } = PROTOCOL_LIMITS.peers
    const [fits, tooLarge] = [new Uint8Array(maxFrameBytes), new Uint8Array(maxFrameBytes + 1)]
    one.network.peerRecords = async () => [record('first'), tooLarge, fits, record('last')]
    const answer = await collect(peer.requests.send(one.id, 'peers', encodeRlp([integer(16)])))
    expect(answer).toEqual([record('first'), fits, record('last')])
    one.node.stop()
  })

  test('answers with no more than was asked for, and than its bound', async () => {
    const hub = syncHub()
    const one = await syncNode(hub)
    const peers = []
    for (let index = 0; index < 30; index++) peers.push(await statusPuppet(hub, one))
    await hub.settle()
    const [peer] = peers
    const ask = (count: bigint) =>
      collect(
        peer?.requests.send(one.id, 'peers', encodeRlp([integer(count)])) ??
          frames()(one.id, new Uint8Array(0)),
      )
    expect(await ask(0n)).toHaveLength(0)
    expect(await ask(3n)).toHaveLength(3)
    expect(await ask(2n ** 64n - 1n)).toHaveLength(16)
    one.node.stop()
  })

  test('takes junk for no peer and lives on', async () => {
    const hub = syncHub()
    const one = await syncNode(hub)
    const peer = await statusPuppet(hub, one)
    await peer.serve('peers', frames(new Uint8Array(0), new Uint8Array(300).fill(255)))
    await hub.run(5_000, 500)
    expect(one.network.peers().map(({ id }) => id)).toEqual([peer.id])
    one.node.stop()
  })

  test('drops a peer that answers with more records than there may be', async () => {
    const hub = syncHub()
    const one = await syncNode(hub)
    const peer = await statusPuppet(hub, one)
    await peer.serve('peers', frames(...Array.from({ length: 17 }, () => record('self'))))
    await hub.run(2_000, 500)
    expect(one.network.dropped.map(({ peer }) => peer)).toContain(peer.id)
    one.node.stop()
  })

  test('does not dial on after it stopped in the middle of a round', async () => {
    const hub = syncHub()
    const one = await syncNode(hub)
    const other = hub.join('other')
    const peer = puppet(hub)
    await peer.serve('status', frames(encodeStatus(statusOf())))
    const { promise, resolve } = Promise.withResolvers<void>()
    await peer.serve('peers', async function* () {
      await promise
      yield record(other.self)
    })
    hub.link(peer.network, one.network)
    await hub.settle()
    const dials = recordDials(one.network)
    one.node.stop()
    resolve()
    await hub.settle()
    await hub.run(60_000, 5_000)
    expect(dials).toEqual([])
  })
})

function record(id: string): Uint8Array {
  return new TextEncoder().encode(id)
}
