import { afterEach, describe, expect, test } from 'vitest'
import { parseQuery, type Query } from '../../src/aggregate/gauges.ts'
import { bucketOf } from '../../src/aggregate/summary.ts'
import { GAUGE_BOOK } from '../../src/node/gauges.ts'
import { SETTLING_MS } from '../../src/search/limits.ts'
import type { MemoryHub } from '../builders/network.ts'
import { syncHub, syncNode, type SyncNode } from '../builders/syncNode.ts'
import { MemoryHub as Hub } from '../builders/network.ts'
import { signedTransfer } from '../builders/tx.ts'

const LATENCY_MS = 20
const TXS = 12
const started: SyncNode[] = []

afterEach(() => {
  for (const { node } of started.splice(0)) node.stop()
})

const query = (text: string): Query => parseQuery(text, GAUGE_BOOK)

/** A line of nodes that know each other: what enters at one end takes 20 ms to each next one. */
async function line(count: number): Promise<{ hub: MemoryHub; nodes: readonly SyncNode[] }> {
  const { clock } = syncHub()
  const hub = new Hub({ clock, latencyMs: LATENCY_MS })
  for (let seed = 1; seed <= count; seed++) {
    const last = started.at(-1)
    const made = await syncNode(hub, { seed, settings: { targetPeers: 0 } })
    if (last !== undefined) hub.link(last.network, made.network)
    started.push(made)
    await hub.run(100)
  }
  const isKnown = ({ node }: SyncNode): boolean => node.members.liveCount === count
  while (!started.every(isKnown)) await hub.run(500)
  return { hub, nodes: [...started] }
}

async function answered<Answer>(
  hub: MemoryHub,
  asked: Promise<Answer>,
  ms: number,
): Promise<Answer> {
  await hub.run(ms)
  return asked
}

describe('the propagation of a network without a collector', () => {
  test('is known to any node: latencies, their error, and coverage', async () => {
    const { hub, nodes } = await line(4)
    for (let nonce = 0; nonce < TXS; nonce++) {
      await nodes[0]?.node.submit(signedTransfer({ nonce: BigInt(nonce) }).raw)
      await hub.run(30)
    }
    await hub.run(SETTLING_MS)
    const { aggregation } = (nodes[2] as SyncNode).node
    const p99 = await answered(hub, aggregation.ask(query('p99 tx.latency')), 6_000)
    expect(p99.unit).toBe('ms')
    expect(bucketOf(p99.value ?? 0)).toBe(bucketOf(3 * LATENCY_MS))
    const mean = await aggregation.ask(query('mean tx.latency'))
    expect(Math.abs((mean.value ?? 0) - 2 * LATENCY_MS)).toBeLessThan(2)
    const pairs = await aggregation.ask(query('count tx.latency'))
    expect(Math.abs((pairs.value ?? 0) - 3 * TXS)).toBeLessThan(2)
    const coverage = await answered(hub, aggregation.ask(query('mean tx.coverage')), 6_000)
    expect(coverage.value).toBeCloseTo(1, 6)
    const error = await answered(hub, aggregation.ask(query('max tx.latencyError')), 6_000)
    expect(error.value).toBeGreaterThan(0)
    expect(error.value).toBeLessThan(4)
    expect(await answered(hub, aggregation.ask(query('p50 block.latency')), 8_000)).toMatchObject({
      value: undefined,
    })
  }, 60_000)

  test('names the node with the worst latency', async () => {
    const { hub, nodes } = await line(4)
    await nodes[0]?.node.submit(signedTransfer({ nonce: 0n }).raw)
    await hub.run(SETTLING_MS + 100)
    const { search } = (nodes[1] as SyncNode).node
    const worst = { kind: 'extremum', end: 'highest', gauge: 'tx.latency' } as const
    const found = await answered(hub, search.find(worst), 6_000)
    expect(found).toMatchObject({ best: { peer: nodes[3]?.id }, have: 3, of: 4 })
  }, 60_000)
})

describe('any series of the metrics table', () => {
  test('can be asked, whole or one value of it by its labels', async () => {
    const { hub, nodes } = await line(3)
    const { aggregation } = (nodes[0] as SyncNode).node
    const ask = (text: string) => answered(hub, aggregation.ask(query(text)), 5_000)
    expect(await ask('max head_number')).toMatchObject({ value: 0, unit: 'number', nodes: 3 })
    expect(await ask('mean members.alive')).toMatchObject({ unit: 'members', nodes: 3 })
    expect(await ask('count members.alive')).toMatchObject({ unit: 'values' })
    const { value } = await ask('sum messages.tx.accept')
    expect(value).toBe(0)
  }, 60_000)

  test('is not known by labels that the node does not have', async () => {
    const { nodes } = await line(1)
    const { gauges } = (nodes[0] as SyncNode).node.aggregation
    expect(gauges.find('messages.tx.accept')).toBeDefined()
    expect(gauges.find('messages.tx.surely-not')).toBeUndefined()
    expect(gauges.find('constructor')).toBeUndefined()
  })
})
