import { afterEach, describe, expect, test } from 'vitest'
import type { PeerId } from '../../src/gossip/network.ts'
import {
  ANSWERED_PER_ROUND,
  MAX_LIVE_PER_ORIGIN,
  MAX_QUERY_AGE_MS,
} from '../../src/search/limits.ts'
import { maxExchanges } from '../../src/search/liveQuery.ts'
import { GAUGE_BOOK } from '../../src/node/gauges.ts'
import { parseQuestion } from '../../src/search/question.ts'
import type { Search } from '../../src/search/search.ts'
import { searchRoundsFor } from '../../src/search/settling.ts'
import { decodeSearchMessage } from '../../src/search/searchMessages.ts'
import { MemoryHub } from '../builders/network.ts'
import { hashOfByte, searcher, searchers, tellingQuery, type Searcher } from '../builders/search.ts'
import { collect, puppet } from '../builders/syncNode.ts'

const HASH = hashOfByte(7)
const LARGEST = { kind: 'extremum', end: 'highest', gauge: 'txpool.pending' } as const
const running: Search[] = []

afterEach(() => {
  for (const search of running.splice(0)) search.stop()
})

async function network(
  hub: MemoryHub,
  count: number,
  optionsOf: Parameters<typeof searchers>[2],
): Promise<readonly [Searcher, ...Searcher[]]> {
  const nodes = await searchers(hub, count, optionsOf)
  running.push(...nodes.map(({ search }) => search))
  return nodes
}

describe('a search for a hash among eight nodes', () => {
  test('names who saw it first and who has it not, and ends when all have answered', async () => {
    const hub = new MemoryHub()
    const nodes = await network(hub, 8, (at) => ({
      knowledge: { seenMs: () => (at === 6 ? undefined : 500 - at) },
      clockOf: () => ({ offsetMs: 0, errorMs: 0.25 }),
    }))
    const asked = nodes[0].search.find({ kind: 'hash', hash: HASH })
    await hub.run(4_000)
    const found = await asked
    expect(found).toMatchObject({ have: 7, of: 8, haveError: 0, silent: [] })
    expect(found.best).toMatchObject({ peer: nodes[7]?.id, value: 493 })
    expect(found.missing).toEqual([nodes[6]?.id])
    expect(found.rounds).toBeLessThan(searchRoundsFor(8))
    expect(found.tookMs).toBeLessThanOrEqual(100 * found.rounds)
  })

  test('brings times to the clock of who asks, with the error of each clock on the way', async () => {
    const hub = new MemoryHub()
    const skewMs = (at: number): number => 1_000 * at
    const ids: PeerId[] = []
    const nodes = await network(hub, 3, (at) => ({
      knowledge: { seenMs: () => 50 + skewMs(at) - (at === 2 ? 10 : 0) },
      clockOf: (peer) => ({ offsetMs: skewMs(ids.indexOf(peer)) - skewMs(at), errorMs: 0.5 }),
    }))
    ids.push(...nodes.map(({ id }) => id))
    const asked = nodes[0].search.find({ kind: 'hash', hash: HASH })
    await hub.run(3_000)
    const { best } = await asked
    expect(best).toMatchObject({ peer: ids[2], value: 40 })
    expect(best?.errorMs).toBeGreaterThanOrEqual(0.5)
  })

  test('loses nothing between nodes that read one clock', async () => {
    const hub = new MemoryHub()
    const nodes = await network(hub, 8, (at) => ({
      knowledge: { seenMs: () => 500 - at },
      clockTag: Uint8Array.of(1, 2),
    }))
    const asked = nodes[0].search.find({ kind: 'hash', hash: HASH })
    await hub.run(3_000)
    expect((await asked).best).toEqual({ peer: nodes[7]?.id, value: 493, errorMs: 0 })
  })

  test('takes no time from a peer whose clock it does not know', async () => {
    const hub = new MemoryHub()
    const nodes = await network(hub, 2, (at) => ({
      knowledge: { seenMs: () => (at === 1 ? 5 : undefined) },
    }))
    const asked = nodes[0].search.find({ kind: 'hash', hash: HASH })
    await hub.run(3_000)
    expect(await asked).toMatchObject({ best: undefined, have: 1, of: 2 })
  })
})

describe('a search for the highest value', () => {
  test('is answered by the same node for whoever asks', async () => {
    const hub = new MemoryHub()
    const nodes = await network(hub, 8, (at) => ({ knowledge: { observe: () => [at, 3] } }))
    const asked = nodes.slice(0, 3).map(({ search }) => search.find(LARGEST))
    await hub.run(4_000)
    for (const found of await Promise.all(asked))
      expect(found).toMatchObject({ best: { peer: nodes[7]?.id, value: 7, errorMs: 0 }, of: 8 })
  })

  test('of the oldest version names the node that runs it', async () => {
    const hub = new MemoryHub()
    const question = parseQuestion('oldest version', GAUGE_BOOK)
    const observe = (at: number) => (gauge: string) =>
      gauge === 'version' ? [at === 5 ? 1_001_999 : 1_002_000 + at] : []
    const nodes = await network(hub, 8, (at) => ({ knowledge: { observe: observe(at) } }))
    const asked = nodes[2]?.search.find(question)
    await hub.run(4_000)
    expect(await asked).toMatchObject({
      best: { peer: nodes[5]?.id, value: 1_001_999, errorMs: 0 },
      have: 8,
      of: 8,
    })
  })

  test('is answered by the node alone where it has no peer', async () => {
    const hub = new MemoryHub()
    const one = await searcher(hub, { knowledge: { observe: () => [4] } })
    const found = await one.search.find(LARGEST)
    expect(found).toMatchObject({ best: { peer: one.id, value: 4 }, have: 1, of: 1, rounds: 0 })
  })

  test('names who gave no answer', async () => {
    const hub = new MemoryHub()
    const gone = 'gone' as PeerId
    const ids: PeerId[] = []
    const nodes = await network(hub, 3, () => ({ members: () => [...ids, gone] }))
    ids.push(...nodes.map(({ id }) => id))
    const asked = nodes[0].search.find(LARGEST)
    await hub.run(4_000)
    expect(await asked).toMatchObject({ best: undefined, have: 0, of: 3, silent: [gone] })
  })
})

describe('a query', () => {
  test('costs nothing before it is asked, and nothing after its last round', async () => {
    const hub = new MemoryHub()
    const nodes = await network(hub, 8, () => ({}))
    await hub.run(1_000)
    expect(nodes.map(({ search }) => search.counts.sentBytes)).toEqual(Array(8).fill(0))
    void nodes[0].search.find(LARGEST)
    await hub.run(100 * searchRoundsFor(8) + 200)
    const after = nodes.map(({ search }) => search.counts)
    expect(nodes.map(({ search }) => search.liveCount)).toEqual(Array(8).fill(0))
    await hub.run(1_000)
    expect(nodes.map(({ search }) => search.counts)).toEqual(after)
  })

  test('is answered to a peer that asks without end only so often', async () => {
    const hub = new MemoryHub()
    const flooder = puppet(hub)
    const node = await searcher(hub, { members: () => [flooder.id, node.id] })
    running.push(node.search)
    hub.link(node.network, flooder.network)
    const rounds = 10
    const message = await tellingQuery(flooder.network, LARGEST, { number: now(hub), rounds })
    let told = 0
    for (let tries = 0; tries < 5 * maxExchanges(rounds); tries++) {
      const [frame] = await collect(flooder.requests.send(node.id, 'search', message))
      if (frame !== undefined) told += decodeSearchMessage(frame).told.length
    }
    expect(told).toBe(ANSWERED_PER_ROUND * rounds)
  })

  test.each([
    ['search-not-a-member', { number: 0, isMember: false }],
    ['search-other-time', { number: MAX_QUERY_AGE_MS + 1, isMember: true }],
    ['search-other-time', { number: -MAX_QUERY_AGE_MS - 1, isMember: true }],
  ] as const)('is refused without blame: %s', async (reason, { number, isMember }) => {
    const hub = new MemoryHub()
    const asker = puppet(hub)
    const node = await searcher(hub, { members: () => (isMember ? [asker.id] : []) })
    hub.link(node.network, asker.network)
    const message = await tellingQuery(asker.network, LARGEST, { number: now(hub) + number })
    await collect(asker.requests.send(node.id, 'search', message))
    await hub.run(600)
    expect(node.search.counts).toMatchObject({ joined: 0, refused: { [reason]: 1 } })
    expect(node.network.dropped).toEqual([])
  })

  test('that has ended does not begin again, and of one asker only so many live', async () => {
    const hub = new MemoryHub()
    const asker = puppet(hub)
    const node = await searcher(hub, { members: () => [asker.id] })
    running.push(node.search)
    hub.link(node.network, asker.network)
    const tell = async (number: number): Promise<void> => {
      const message = await tellingQuery(asker.network, LARGEST, { number, rounds: 10 })
      await collect(asker.requests.send(node.id, 'search', message))
    }
    const first = now(hub)
    for (let at = 0; at <= MAX_LIVE_PER_ORIGIN; at++) await tell(first + at)
    expect(node.search.counts).toMatchObject({
      joined: MAX_LIVE_PER_ORIGIN,
      refused: { 'search-too-many': 1 },
    })
    await hub.run(2_000)
    await tell(first)
    expect(node.search.counts.refused).toMatchObject({ 'search-over': 1 })
  })

  test('that another signed costs who brings it the connection', async () => {
    const hub = new MemoryHub()
    const [liar, asker] = [puppet(hub), puppet(hub)]
    const node = await searcher(hub, { members: () => [asker.id, liar.id] })
    hub.link(node.network, liar.network)
    const message = await tellingQuery(asker.network, LARGEST, { number: now(hub) })
    const forged = message.with(message.indexOf(0x6e, 60), 0x6f)
    await expect(collect(liar.requests.send(node.id, 'search', forged))).rejects.toThrow(
      'reset the stream',
    )
    await hub.run(600)
    expect(node.network.dropped).toMatchObject([{ peer: liar.id }])
  })

  test('keeps its life whatever a peer says of its round', async () => {
    const hub = new MemoryHub()
    const asker = puppet(hub)
    const node = await searcher(hub, { members: () => [asker.id] })
    running.push(node.search)
    hub.link(node.network, asker.network)
    const facts = { number: now(hub), rounds: 20 }
    for (const round of [0, 19])
      await collect(
        asker.requests.send(
          node.id,
          'search',
          await tellingQuery(asker.network, LARGEST, { ...facts, round }),
        ),
      )
    await hub.run(1_500)
    expect(node.search.liveCount).toBe(1)
  })
})

function now(hub: MemoryHub): number {
  return Math.floor(hub.clock.wallMs())
}
