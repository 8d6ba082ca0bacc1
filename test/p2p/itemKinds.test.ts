import { afterEach, describe, expect, test } from 'vitest'
import { asHash, keccak256Hash } from '../../src/crypto/keccak.ts'
import { Relay } from '../../src/gossip/relay.ts'
import type { Topic } from '../../src/gossip/topics/topic.ts'
import { kindOfTopic, topicNames } from '../../src/gossip/topics/topicNames.ts'
import { ACCEPT, reject } from '../../src/gossip/rules/verdict.ts'
import { ITEM_KINDS, KINDS, kindsOf } from '../../src/item/itemKinds.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { Mempool } from '../../src/mempool/mempool.ts'
import type { Libp2pNetwork } from '../../src/p2p/libp2pNetwork.ts'
import { topicOptions } from '../../src/p2p/router/topics.ts'
import type { Sighting } from '../../src/trace/trace.ts'
import { testChain } from '../builders/chain.ts'
import { mesh, startNetwork, stopAll } from '../builders/p2p.ts'

/** The project's table with one kind more, as a change would add it. */
const TABLE = {
  ...ITEM_KINDS,
  note: {
    ...ITEM_KINDS.tx,
    topic: 'note',
    byte: 77,
    metricsLabel: 'note',
    singular: 'note',
    reportLabel: 'notes',
  },
} as const
type Kind = keyof typeof TABLE

const { genesis } = testChain()
const names = topicNames(genesis.hash, TABLE)

function topicOf<One extends Kind>(kind: One): Topic<One> {
  return {
    kind,
    isOffered: false,
    judge: ({ data, digest }) => ({
      verdict: data[0] === 1 ? ACCEPT : reject('wrong-length'),
      hash: digest,
      queuedMs: 0,
    }),
  }
}

/** A peer that relays all kinds of {@link TABLE}, and what its trace saw. */
async function startPeer() {
  const network = await startNetwork({
    topics: kindsOf(TABLE).map((kind) => topicOptions(names[kind], TABLE[kind])),
  })
  const chain = testChain()
  const sightings: Sighting<Kind>[] = []
  let wake = (): void => {}
  const relay = new Relay<Kind>({
    network,
    genesisHash: genesis.hash,
    kinds: TABLE,
    topics: {
      tx: topicOf('tx'),
      block: topicOf('block'),
      member: topicOf('member'),
      vote: topicOf('vote'),
      note: topicOf('note'),
    },
    hold: { keep: () => Promise.resolve('gone') },
    mempool: new Mempool({ clock: systemClock, state: chain.state, baseFee: 0n }),
    chain,
    trace: {
      sighting: (one: Sighting<Kind>) => {
        sightings.push(one)
        wake()
      },
      fate: () => {},
    },
    clock: systemClock,
    log: silentLogger,
  })
  relay.start()
  const seen = async (count: number): Promise<readonly Sighting<Kind>[]> => {
    while (sightings.length < count) await new Promise<void>((resolve) => (wake = resolve))
    return sightings
  }
  return { network, relay, seen }
}

async function meshed(a: Libp2pNetwork, b: Libp2pNetwork): Promise<void> {
  await mesh(a, b, names.note)
}

describe('a kind of item added to the table', () => {
  afterEach(stopAll)

  test('travels between two peers on its own topic, judged, traced and counted as itself', async () => {
    const [a, b] = [await startPeer(), await startPeer()]
    await meshed(a.network, b.network)
    const note = Uint8Array.of(1, 2, 3)
    const { verdict } = await a.relay.submit('note', note, 'rpc')
    expect(verdict).toEqual(ACCEPT)
    const [copy] = await b.seen(1)
    expect(copy).toMatchObject({
      kind: 'note',
      hash: keccak256Hash(note),
      from: a.network.self,
      action: 'accept',
      bytes: 3,
    })
    expect(b.relay.counts()).toEqual([{ topic: 'note', action: 'accept', reason: '', count: 1 }])
    const topics = b.relay.latencies().map(({ topic }) => topic)
    expect(topics).toEqual(['tx', 'block', 'member', 'vote', 'note'])
  })

  test('is judged by its own topic, before it is forwarded', async () => {
    const [a, b] = [await startPeer(), await startPeer()]
    await meshed(a.network, b.network)
    await a.network.publish(names.note, Uint8Array.of(2))
    const [copy] = await b.seen(1)
    expect(copy).toMatchObject({ kind: 'note', action: 'reject', reason: 'wrong-length' })
  })
})

describe('the table of kinds', () => {
  test('gives each kind a byte, a topic and labels of its own', () => {
    const rows = KINDS.map((kind) => ITEM_KINDS[kind])
    for (const field of ['byte', 'topic', 'metricsLabel', 'reportLabel', 'singular'] as const)
      expect(new Set(rows.map((row) => row[field])).size).toBe(rows.length)
  })

  test('finds the kind of a topic by its name, and none for a name that is not ours', () => {
    const ours = topicNames(asHash(new Uint8Array(32)))
    for (const kind of KINDS) expect(kindOfTopic(ours[kind])).toBe(kind)
    for (const name of [
      '',
      '/grapevine/00000000/tx/2',
      '/grapevine/00000000/note/1',
      '/eth/x/tx/1',
    ])
      expect(kindOfTopic(name)).toBeUndefined()
  })
})
