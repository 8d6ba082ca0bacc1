import { afterEach, expect, test } from 'vitest'
import { keccak256 } from '../../src/crypto/keccak.ts'
import { RouterFaults } from '../../src/p2p/router/routerFaults.ts'
import {
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

/** A network that can be made to fail, with a raw peer in its mesh. */
async function watched() {
  const faults = new RouterFaults()
  const [network, peer] = await Promise.all([
    startNetwork({ routerFaults: faults }),
    RawPeer.start(),
  ])
  const inbox = new Inbox(network)
  await peer.connect(network)
  peer.subscribe()
  await eventually(network, () => inMesh(network, peer.id))
  return { faults, network, inbox, peer }
}

function idOf(seed: number): Uint8Array {
  return Uint8Array.of(1, ...keccak256(payload(seed)))
}

function ask(peer: RawPeer, seed: number): void {
  const iwant = [{ messageIDs: [idOf(seed)] }]
  peer.send({ control: { ihave: [], iwant, graft: [], prune: [], idontwant: [] } })
}

function seedsOf(peer: RawPeer): number[] {
  return peer.received.flatMap(({ rpc }) =>
    rpc.messages.map(({ data = new Uint8Array(4) }) =>
      new DataView(data.buffer, data.byteOffset).getUint32(0),
    ),
  )
}

function announced(peer: RawPeer): string[] {
  return peer.received.flatMap(({ rpc }) =>
    (rpc.control?.ihave ?? []).flatMap(({ messageIDs }) =>
      messageIDs.map((id) => Buffer.from(id).toString('hex')),
    ),
  )
}

test('who withholds answers nobody who asks, and publishes its own', async () => {
  const { faults, network, peer } = await watched()
  await network.publish(TX, payload(1))
  faults.withhold(true)
  ask(peer, 1)
  await eventually(network, () => network.traffic().control.iwant.received === 1)
  await network.publish(TX, payload(2))
  await peer.receives(() => seedsOf(peer).includes(2))
  expect(seedsOf(peer)).toEqual([1, 2])
  faults.withhold(false)
  ask(peer, 1)
  await peer.receives(() => seedsOf(peer).length === 3)
  expect(seedsOf(peer)).toEqual([1, 2, 1])
})

test('who withholds announces at once what it would have forwarded', async () => {
  const { faults, network, peer } = await watched()
  const teller = await startNetwork()
  Inbox.join(teller)
  await mesh(teller, network)
  faults.withhold(true)
  await teller.publish(TX, payload(1))
  await peer.receives(() => announced(peer).length > 0)
  expect(announced(peer)[0]).toBe(Buffer.from(idOf(1)).toString('hex'))
  expect(seedsOf(peer)).toEqual([])
})

test('copies go to every neighbour whether it knows them or not', async () => {
  const { faults, network, peer } = await watched()
  await network.publish(TX, payload(1))
  const copies = [1, 2, 1].map((seed) => ({ topic: TX, data: payload(seed) }))
  faults.sendCopies(copies)
  await peer.receives(() => seedsOf(peer).length === 4)
  expect(seedsOf(peer)).toEqual([1, 1, 2, 1])
})

test('copies go nowhere before there is a router', () => {
  expect(() => new RouterFaults().sendCopies([{ topic: TX, data: payload(1) }])).not.toThrow()
})
