import { Registry } from 'prom-client'
import { afterEach, expect, test } from 'vitest'
import { gossipMetrics, networkMetrics } from '../../src/p2p/metrics.ts'
import { BLOCK, Inbox, mesh, payload, startNetwork, stopAll, TOPICS, TX } from '../builders/p2p.ts'

afterEach(stopAll)

test('the series of the router and of this layer count what went over the wire', async () => {
  const registry = new Registry()
  const a = await startNetwork({ metrics: gossipMetrics(registry, TOPICS) })
  networkMetrics(registry, { traffic: () => a.traffic(), connections: () => a.connectionCounts() })
  const b = await startNetwork()
  Inbox.join(a)
  const inbox = new Inbox(b)
  await mesh(a, b)
  for (let i = 0; i < 3; i++) await a.publish(TX, payload(i))
  await inbox.count(3)
  const text = await registry.metrics()
  expect(text).toContain('gossipsub_msg_publish_count_total{topic="tx"} 3')
  expect(text).toContain('gossipsub_mesh_peer_count{topicStr="/grapevine/00000000/tx/1"} 1')
  expect(text).toContain('grapevine_connections{direction="outbound"} 1')
  expect(text).toContain(`grapevine_gossip_bytes{direction="sent"} ${a.traffic().bytesSent}`)
  expect(text).toContain('gossipsub_cache_size{cache="peers"} 1')
})

test('IDONTWANT is sent from the size of its own topic up, though the router knows one size alone', async () => {
  const [a, b, c] = await Promise.all([startNetwork(), startNetwork(), startNetwork()])
  const inboxes = [a, b, c].flatMap((network) => [
    Inbox.join(network, 'accept', TX),
    Inbox.join(network, 'accept', BLOCK),
  ])
  for (const [x, y] of [
    [a, b],
    [b, c],
  ] as const) {
    await mesh(x, y)
    await mesh(x, y, BLOCK)
  }
  const announced = async (topic: string, bytes: number): Promise<number> => {
    const before = b.traffic().control.idontwant.sent
    const inbox = inboxes[topic === TX ? 4 : 5]
    const count = (inbox?.messages.length ?? 0) + 1
    await a.publish(topic, payload(bytes, bytes))
    await inbox?.count(count)
    return b.traffic().control.idontwant.sent - before
  }
  expect(await announced(TX, 1023)).toBe(0)
  expect(await announced(TX, 1024)).toBe(1)
  expect(await announced(BLOCK, 1024)).toBe(0)
  expect(await announced(BLOCK, 16 * 1024 - 1)).toBe(0)
  expect(await announced(BLOCK, 16 * 1024)).toBe(1)
})
