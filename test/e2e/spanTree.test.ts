import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { spanIdOf, traceIdOf } from '../../src/telemetry/span.ts'
import { nextBlock } from '../builders/chain.ts'
import {
  startCollector,
  type Collector,
  type CollectorAnswer,
  type ReceivedSpan,
} from '../builders/collector.ts'
import {
  allKnown,
  allMeshed,
  eventually,
  genesisFile,
  startPeer,
  stopPeers,
  type TestPeer,
} from '../builders/runningPeer.ts'
import { signedTransfer } from '../builders/tx.ts'

let collector: Collector

beforeEach(async () => {
  collector = await startCollector()
})
afterEach(async () => {
  await stopPeers()
  await collector.close()
})

async function startMesh(count: number): Promise<readonly TestPeer[]> {
  const genesis = genesisFile()
  const settings = { genesis, otlp: collector.url }
  const first = await startPeer(settings)
  const others = await Promise.all(
    Array.from({ length: count - 1 }, () => startPeer(settings, first)),
  )
  const hosts = [first, ...others]
  await eventually(hosts, () => allKnown(hosts) && allMeshed(hosts))
  return hosts
}

/**
 * Each child began after its parent had. Times of two processes of a machine are exact to some
 * microseconds.
 */
function expectTree(spans: readonly ReceivedSpan[], root: string): void {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  expect(byId.size).toBe(spans.length)
  const roots = spans.filter(({ parentSpanId }) => parentSpanId === undefined)
  expect(roots.map(({ spanId }) => spanId)).toEqual([root])
  for (const span of spans) {
    expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano))
    if (span.parentSpanId === undefined) continue
    const parent = byId.get(span.parentSpanId)
    expect(parent?.resource['service.instance.id']).toBe(span.attributes['grapevine.from'])
    expect(BigInt(span.startTimeUnixNano)).toBeGreaterThan(BigInt(parent?.startTimeUnixNano ?? 0))
  }
}

describe('spans of several nodes', () => {
  test('of one transaction form one tree, each node below the node that sent it its first copy', async () => {
    const hosts = await startMesh(4)
    const [first] = hosts
    const tx = signedTransfer()
    const beforeMs = Date.now()
    await first?.node.submit(tx.raw)
    await eventually(hosts, () => hosts.every(({ node }) => node.mempool.has(tx.hash)))
    await collector.until(() => collector.spans.length === 4)
    const { spans } = collector
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([traceIdOf(tx.hash)]))
    expectTree(spans, spanIdOf(tx.hash, first?.id ?? ''))
    expect(new Set(spans.map(({ resource }) => resource['service.instance.id']))).toEqual(
      new Set(hosts.map(({ id }) => id)),
    )
    for (const { resource, startTimeUnixNano } of spans) {
      expect(resource).toMatchObject({ 'service.name': 'grapevine' })
      expect(resource['grapevine.client']).toMatch(/^grapevine\/v/)
      const startMs = Number(BigInt(startTimeUnixNano) / 1_000_000n)
      expect(startMs).toBeGreaterThanOrEqual(beforeMs - 1)
      expect(startMs).toBeLessThanOrEqual(Date.now())
    }
    const own = spans.find(({ parentSpanId }) => parentSpanId === undefined)
    expect(own?.attributes).toMatchObject({
      'grapevine.hash': tx.hash,
      'grapevine.kind': 'tx',
      'grapevine.route': 'local',
      'grapevine.from': 'rpc',
      'grapevine.verdict': 'accept',
      'grapevine.size': tx.raw.length,
    })
    expect(own?.events.map(({ name }) => name)).toContain('pending')
  })

  test('of one block form one tree too, and say what became of the block', async () => {
    const hosts = await startMesh(3)
    const [first = never()] = hosts
    const { block } = nextBlock(first.node.chain)
    await first.node.relay.submit('block', block.raw, 'sealer')
    await collector.until(() => collector.spans.length === 3)
    expectTree(collector.spans, spanIdOf(block.hash, first.id))
    for (const { traceId, events, attributes } of collector.spans) {
      expect(traceId).toBe(traceIdOf(block.hash))
      expect(attributes).toMatchObject({ 'grapevine.kind': 'block', 'grapevine.verdict': 'accept' })
      expect(events.map(({ name }) => name)).toContain('became-head')
    }
  })

  test('are sent to the path of the protocol, and counted', async () => {
    const [host = never()] = await startMesh(1)
    await host.node.submit(signedTransfer().raw)
    await collector.until(() => collector.spans.length === 1)
    await host.stop()
    expect(collector.paths).toEqual(['POST /v1/traces application/json'])
    expect(host.telemetry?.counts()).toEqual({ sent: 1, refused: 0, dropped: 0, failures: 0 })
  })

  test('of an invalid transaction say why, and nobody is below them', async () => {
    const [first, second] = await startMesh(2)
    const bad = signedTransfer({ nonce: 0n, gasLimit: 20_000n })
    await first?.node.submit(bad.raw)
    await collector.until(() => collector.spans.length > 0)
    expect(second?.node.mempool.has(bad.hash)).toBe(false)
    expect(collector.spans).toHaveLength(1)
    expect(collector.spans[0]).toMatchObject({
      status: { code: 2 },
      attributes: { 'grapevine.verdict': 'reject' },
    })
  })
})

describe('a node whose collector', () => {
  const answers: readonly (readonly [string, CollectorAnswer | 'gone'])[] = [
    ['is gone', 'gone'],
    ['never answers', 'hang'],
    ['refuses', { status: 400, body: 'no' }],
    ['is overloaded', { status: 503 }],
    ['sends elsewhere', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
  ]
  test.each(answers)(
    '%s relays all the same, says it once, counts it, and ends',
    async (_what, answer) => {
      const bad = await startCollector(() => (answer === 'gone' ? 'hang' : answer))
      if (answer === 'gone') await bad.close()
      const settings = { genesis: genesisFile(), otlp: bad.url }
      const first = await startPeer(settings)
      const hosts = [first, await startPeer(settings, first)]
      await eventually(hosts, () => allMeshed(hosts))
      const txs = Array.from({ length: 5 }, (_, nonce) => signedTransfer({ nonce: BigInt(nonce) }))
      for (const { raw } of txs)
        expect((await first.node.submit(raw)).verdict.action).toBe('accept')
      await eventually(hosts, () =>
        hosts.every(({ node }) => txs.every(({ hash }) => node.mempool.has(hash))),
      )
      const isTried = (): boolean =>
        bad.bodies.length > 0 || (first.telemetry?.counts().failures ?? 0) > 0
      await eventually(hosts, isTried)
      await Promise.all(hosts.map((host) => host.stop()))
      const { sent, refused, dropped } = first.telemetry?.counts() ?? never()
      expect([sent, refused + dropped]).toEqual([0, txs.length])
      const said = first.lines.filter(({ message }) => message.includes('does not take spans'))
      expect(said.length).toBe(answer === 'hang' ? 0 : 1)
      if (answer !== 'gone') await bad.close()
    },
  )
})

function never(): never {
  throw new Error('there are as many nodes as were started')
}
