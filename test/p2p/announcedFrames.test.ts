import { RPC } from '@chainsafe/libp2p-gossipsub/message'
import { afterEach, expect, test } from 'vitest'
import { LIMITS } from '../../src/p2p/limits.ts'
import { routerInternals } from '../../src/p2p/router/routerInternals.ts'
import { eventually, RawPeer, startNetwork, stopAll, TX } from '../builders/p2p.ts'

const IDS = 2_000

afterEach(stopAll)

function ids(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, at) => {
    const id = Buffer.alloc(33)
    id.writeUInt32BE(at)
    return id
  })
}

test('what waits to be announced goes out in bounded frames, beside the message it would have joined', async () => {
  const [network, peer] = await Promise.all([startNetwork(), RawPeer.start()])
  await peer.connect(network)
  const router = routerInternals(network.libp2p.services.pubsub)
  await eventually(network, () => router.streamsOutbound.has(peer.id))
  router.gossip.set(peer.id, [{ topicID: TX, messageIDs: ids(IDS) }])
  const graft = [{ topicID: TX }]
  const control = { ihave: [], iwant: [], graft, prune: [], idontwant: [] }
  expect(router.sendRpc(peer.id, { subscriptions: [], messages: [], control })).toBe(true)
  const announcing = () =>
    peer.received.flatMap(({ rpc }) => ((rpc.control?.ihave ?? []).length > 0 ? [rpc] : []))
  const announced = () =>
    announcing().flatMap((rpc) => (rpc.control?.ihave ?? []).flatMap((one) => one.messageIDs))
  await eventually(network, () => announced().length >= IDS)
  expect(announced()).toHaveLength(IDS)
  for (const rpc of announcing())
    expect(RPC.encode(rpc).length).toBeLessThanOrEqual(LIMITS.gossipMaxControlBytes.value)
  expect(router.gossip.has(peer.id)).toBe(false)
})
