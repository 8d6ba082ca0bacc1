import { afterEach, describe, expect, test } from 'vitest'
import { Aggregation } from '../../src/aggregate/aggregation.ts'
import {
  decodeAggregateRequest,
  encodeAggregateRequest,
} from '../../src/aggregate/aggregateMessages.ts'
import { parseQuery } from '../../src/aggregate/gauges.ts'
import { MAX_EPOCH_AHEAD_S, PASSES } from '../../src/aggregate/limits.ts'
import { contribution } from '../../src/aggregate/summary.ts'
import { seededRandom } from '../../src/lib/random.ts'
import { observing, SOME_GAUGES } from '../builders/aggregate.ts'
import { sleep } from '../../src/lib/clock.ts'
import type { Requests } from '../../src/sync/protocol.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { MemoryHub } from '../builders/network.ts'
import { collect, failure, puppet, type Puppet } from '../builders/syncNode.ts'

interface Taker extends Puppet {
  readonly aggregation: Aggregation
}

const takers: Taker[] = []

afterEach(() => {
  for (const { aggregation } of takers.splice(0)) aggregation.stop()
})

/** A node that takes part, with so many pending transactions. */
async function taker(hub: MemoryHub, pending: number, wayMs = 0): Promise<Taker> {
  const one = puppet(hub)
  const aggregation = new Aggregation({
    network: one.network,
    requests: wayMs === 0 ? one.requests : travelling(one.requests, hub, wayMs),
    clock: hub.clock,
    random: seededRandom(pending + 1),
    log: silentLogger,
    gauges: SOME_GAUGES,
    observe: observing(pending, 40 + pending),
    prepare: async () => {},
    liveCount: () => 8,
  })
  await aggregation.start()
  const made = { ...one, aggregation }
  takers.push(made)
  return made
}

/** Requests that are on their way for so long, there and back. */
function travelling(requests: Requests, { clock }: MemoryHub, wayMs: number): Requests {
  return {
    handle: (protocol, serve) => requests.handle(protocol, serve),
    blame: (peer, error) => requests.blame(peer, error),
    drop: (...why) => requests.drop(...why),
    dropped: requests.dropped,
    async *send(...request) {
      await sleep(clock, wayMs)
      for await (const frame of requests.send(...request)) {
        await sleep(clock, wayMs)
        yield frame
      }
    },
  }
}

/** Nodes 0 to 7, of which each is linked to three others on either side. */
async function eight(hub: MemoryHub, wayMs = 0): Promise<readonly [Taker, ...Taker[]]> {
  const all: Taker[] = []
  for (let pending = 0; pending < 8; pending++) all.push(await taker(hub, pending, wayMs))
  for (const [at, a] of all.entries())
    for (const step of [1, 2, 3]) {
      const b = all[(at + step) % 8]
      if (b !== undefined) hub.link(a.network, b.network)
    }
  return all as [Taker, ...Taker[]]
}

describe('a question to one of eight nodes', () => {
  test('is answered for all of them, then by every other node at once', async () => {
    const hub = new MemoryHub()
    const nodes = await eight(hub)
    const asked = nodes[0].aggregation.ask(parseQuery('mean txpool.pending', SOME_GAUGES))
    await hub.run(6_000)
    const answer = await asked
    expect(answer).toMatchObject({ unit: 'transactions', nodes: 8, rounds: 16 })
    expect(Math.abs((answer.value ?? 0) - 3.5)).toBeLessThan(0.035)
    expect(answer.spread).toBeLessThan(0.1)
    for (const { aggregation } of nodes) {
      expect(aggregation.isRunning).toBe(false)
      expect(await aggregation.ask(parseQuery('max txpool.pending', SOME_GAUGES))).toMatchObject({
        value: 7,
      })
      expect(await aggregation.ask(parseQuery('min txpool.pending', SOME_GAUGES))).toMatchObject({
        value: 0,
      })
      const { value } = await aggregation.ask(parseQuery('count txpool.pending', SOME_GAUGES))
      expect(Math.abs((value ?? 0) - 8)).toBeLessThan(0.08)
    }
    expect(nodes.map(({ aggregation }) => aggregation.counts.begun)).toEqual([
      1,
      ...Array(7).fill(0),
    ])
  })

  test.each([25, 50, 100])(
    'is answered rightly where an exchange takes twice %i ms: its rounds are longer',
    async (wayMs) => {
      const hub = new MemoryHub()
      const nodes = await eight(hub, wayMs)
      const asked = nodes[0].aggregation.ask(parseQuery('count txpool.pending', SOME_GAUGES))
      await hub.run(20_000)
      const { value } = await asked
      expect(Math.abs((value ?? 0) - 8)).toBeLessThan(0.16)
    },
  )

  test('takes a period for each round, however many nodes count them', async () => {
    const hub = new MemoryHub()
    const nodes = await eight(hub)
    const asked = nodes[0].aggregation.ask(parseQuery('max chain.head', SOME_GAUGES))
    await hub.run(3_700)
    expect(nodes[0].aggregation.isRunning).toBe(true)
    await hub.run(1_000)
    expect(await asked).toMatchObject({ value: 47, rounds: 16 })
  })

  test('that two ask at once comes to one epoch', async () => {
    const hub = new MemoryHub()
    const nodes = await eight(hub)
    const asked = nodes
      .slice(0, 2)
      .map((node) => node.aggregation.ask(parseQuery('sum txpool.pending', SOME_GAUGES)))
    await hub.run(8_000)
    const [a, b] = await Promise.all(asked)
    expect(Math.abs((a?.value ?? 0) - 28)).toBeLessThan(0.28)
    expect(Math.abs((b?.value ?? 0) - 28)).toBeLessThan(0.28)
  })

  test('that two ask at once for two gauges comes to one epoch of each', async () => {
    const hub = new MemoryHub()
    const nodes = await eight(hub)
    const asked = [
      nodes[0].aggregation.ask(parseQuery('sum txpool.pending', SOME_GAUGES)),
      nodes[0].aggregation.ask(parseQuery('max chain.head', SOME_GAUGES)),
    ]
    await hub.run(8_000)
    const [sum, max] = await Promise.all(asked)
    expect(Math.abs((sum?.value ?? 0) - 28)).toBeLessThan(0.28)
    expect(max).toMatchObject({ value: 47, nodes: 8 })
    expect(nodes[0].aggregation.counts.begun).toBe(2)
  })

  test('costs nothing before it is asked', async () => {
    const hub = new MemoryHub()
    const nodes = await eight(hub)
    await hub.run(1_000)
    const none = { begun: 0, joined: 0, exchanged: 0, later: 0, lost: 0 }
    expect(nodes.map(({ aggregation }) => aggregation.counts)).toEqual(nodes.map(() => none))
  })
})

describe('a node that takes part', () => {
  test('answers for itself alone where it has no peer', async () => {
    const node = await taker(new MemoryHub(), 5)
    const answer = await node.aggregation.ask(parseQuery('p50 txpool.pending', SOME_GAUGES))
    expect(answer).toMatchObject({ value: 5, nodes: 1, spread: 0, rounds: 0 })
  })

  test('drops a peer that sends what no honest node holds', async () => {
    const hub = new MemoryHub()
    const [node, liar] = [await taker(hub, 1), puppet(hub)]
    hub.link(node.network, liar.network)
    const held = contribution([1], true)
    const epoch = { number: seconds(hub), tag: 1, rounds: 16 }
    const lie = {
      gauge: 'txpool.pending',
      epoch,
      round: 0,
      sequence: 1,
      held: { ...held, masses: held.masses.with(0, 2) },
    }
    await expect(
      collect(liar.requests.send(node.id, 'aggregate', encodeAggregateRequest(lie))),
    ).rejects.toThrow('reset the stream')
    await hub.run(600)
    expect(node.network.dropped).toMatchObject([{ peer: liar.id }])
  })

  test('joins no epoch that is too far ahead of its calendar', async () => {
    const hub = new MemoryHub()
    const [node, liar] = [await taker(hub, 1), puppet(hub)]
    hub.link(node.network, liar.network)
    const epoch = { number: seconds(hub) + MAX_EPOCH_AHEAD_S + 1, tag: 1, rounds: 16 }
    const held = contribution([1], true)
    const request = encodeAggregateRequest({
      gauge: 'txpool.pending',
      epoch,
      round: 0,
      sequence: 1,
      held,
    })
    await collect(liar.requests.send(node.id, 'aggregate', request))
    expect(node.aggregation.counts.joined).toBe(0)
  })

  test('takes no part in a gauge that it does not know, nor in more at a time than it may', async () => {
    const hub = new MemoryHub()
    const [node, liar] = [await taker(hub, 1), puppet(hub)]
    hub.link(node.network, liar.network)
    const epoch = { number: seconds(hub), tag: 1, rounds: 50 }
    const held = contribution([1], true)
    for (const gauge of ['other', 'constructor', ...SOME_GAUGES.names]) {
      const request = encodeAggregateRequest({ gauge, epoch, round: 0, sequence: 1, held })
      await collect(liar.requests.send(node.id, 'aggregate', request))
    }
    expect(node.aggregation.counts.joined).toBe(SOME_GAUGES.names.length)
  })

  test('leaves a running epoch for newer ones only so often', async () => {
    const hub = new MemoryHub()
    const [node, liar] = [await taker(hub, 1), puppet(hub)]
    hub.link(node.network, liar.network)
    const held = contribution([1], true)
    for (let tag = 1; tag <= 20; tag++) {
      const epoch = { number: seconds(hub), tag, rounds: 50 }
      const request = encodeAggregateRequest({
        gauge: 'txpool.pending',
        epoch,
        round: 0,
        sequence: tag,
        held,
      })
      await collect(liar.requests.send(node.id, 'aggregate', request))
    }
    expect(node.aggregation.counts.joined).toBe(1 + PASSES.burst)
  })

  test('repeats the same exchange with a peer that gives no answer, then gives it up', async () => {
    const hub = new MemoryHub()
    const [node, dead] = [await taker(hub, 1), puppet(hub)]
    hub.link(node.network, dead.network)
    await dead.serve('aggregate', failure)
    const asked = node.aggregation.ask(parseQuery('mean txpool.pending', SOME_GAUGES))
    await hub.run(6_000)
    expect(await asked).toMatchObject({ value: 1, nodes: 1 })
    const sequences = dead.asked.map(({ request }) => decodeAggregateRequest(request).sequence)
    expect(sequences.slice(0, 6)).toEqual([1, 1, 1, 2, 2, 2])
    expect(node.aggregation.counts.lost).toBe(5)
  })
})

function seconds(hub: MemoryHub): number {
  return Math.floor(hub.clock.wallMs() / 1000)
}
