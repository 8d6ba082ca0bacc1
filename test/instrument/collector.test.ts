import { describe, expect, test } from 'vitest'
import { Collector } from '../../src/instrument/readings/collector.ts'
import type { PeerPort } from '../../src/instrument/port.ts'
import { hashOf, peerPort } from '../builders/port.ts'

/** A peer that has these sightings, and forgets them when it starts again. */
class FakePeer {
  readonly index: number
  hashes: string[] = []
  instance = {}
  calls = 0

  constructor(index: number) {
    this.index = index
  }

  sees(...hashes: string[]): void {
    this.hashes.push(...hashes)
  }

  restart(): void {
    this.hashes = []
    this.instance = {}
  }

  get port(): PeerPort {
    return peerPort({
      index: this.index,
      instance: this.instance,
      sightings: async (from) => {
        this.calls += 1
        const sightings = this.hashes.slice(from).map((name) => ({
          kind: 'tx' as const,
          hash: hashOf(name),
          route: 'push' as const,
          from: 'id-0',
          receivedMs: 1,
          judgedMs: 2,
          queuedMs: 0,
          action: 'accept' as const,
          reason: '',
          bytes: 100,
        }))
        return { sightings, lost: 0, cursor: this.hashes.length }
      },
    })
  }
}

function collectorOf(peers: readonly FakePeer[]): Collector {
  return new Collector({
    get peers() {
      return peers.map((peer) => peer.port)
    },
  })
}

function seen(collector: Collector): unknown[] {
  return [...collector.deliveries('tx')].map(({ hash, node, from }) => [hash, node, from])
}

describe('the collector', () => {
  test('reads each sighting once, also when it is asked twice at the same time', async () => {
    const peer = new FakePeer(1)
    const collector = collectorOf([peer])
    peer.sees('a', 'b')
    await Promise.all([collector.collect(), collector.collect([1])])
    peer.sees('c')
    await collector.collect()
    expect([...collector.deliveries('tx')].map(({ hash }) => hash)).toEqual(
      ['a', 'b', 'c'].map(hashOf),
    )
  })

  test('reads a restarted peer from its beginning and keeps what it had seen before', async () => {
    const [peer, other] = [new FakePeer(0), new FakePeer(1)]
    const collector = collectorOf([peer, other])
    other.sees('a', 'b')
    await collector.collect()
    other.restart()
    other.sees('c')
    await collector.collect()
    expect(seen(collector)).toEqual([
      [hashOf('a'), 1, 0],
      [hashOf('b'), 1, 0],
      [hashOf('c'), 1, 0],
    ])
  })

  test('takes in a peer that comes later, and only the peers that are asked for', async () => {
    const peers = [new FakePeer(0)]
    const collector = collectorOf(peers)
    await collector.skipPast()
    const late = new FakePeer(1)
    late.sees('a')
    peers.push(late)
    await collector.collect([1])
    expect(seen(collector)).toEqual([[hashOf('a'), 1, 0]])
    expect(peers[0]?.calls).toBe(1)
  })

  test('skips what was before the run', async () => {
    const peer = new FakePeer(0)
    const collector = collectorOf([peer])
    peer.sees('a')
    await collector.skipPast()
    peer.sees('b')
    await collector.collect()
    expect(seen(collector)).toEqual([[hashOf('b'), 0, 0]])
  })
})
