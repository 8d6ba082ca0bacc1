import type { Stream } from '@libp2p/interface'
import { afterEach, describe, expect, test } from 'vitest'
import type { PeerId } from '../../src/gossip/network.ts'
import type { Offence } from '../../src/p2p/peers/bans.ts'
import { StreamOpener } from '../../src/p2p/requests/streamOpener.ts'
import { Watchdog, type StreamState } from '../../src/p2p/peers/watchdog.ts'
import {
  eventually,
  Inbox,
  inMesh,
  MESHSUB,
  payload,
  RawPeer,
  startNetwork,
  stopAll,
  TX,
} from '../builders/p2p.ts'

afterEach(stopAll)

const PEER = 'peer' as PeerId

/**
 * A watchdog over one peer, whose state the test changes; its rounds are 1 s apart, its patience is
 * 3 s.
 */
function watched() {
  const state = { connected: true, stream: 'none' as StreamState, gossip: true }
  const offences: Offence[] = []
  let nowMs = 0
  const watchdog = new Watchdog({
    connected: () => (state.connected ? [PEER] : []),
    streamState: () => state.stream,
    speaksGossip: () => Promise.resolve(state.gossip),
    onOffence: (_, offence) => offences.push(offence),
    patienceMs: 3_000,
  })
  const beat = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      await watchdog.heartbeat(nowMs)
      nowMs += 1_000
    }
  }
  return { watchdog, state, offences, beat }
}

describe('the watchdog', () => {
  test('waits its patience for the first stream, then reports, and again if the peer stays', async () => {
    const { offences, beat } = watched()
    await beat(3)
    expect(offences).toEqual([])
    await beat(1)
    expect(offences).toEqual(['no-gossip-stream'])
    await beat(3)
    expect(offences).toEqual(['no-gossip-stream', 'no-gossip-stream'])
  })

  test('takes a stream that was there and is gone for a reader that stalled, at once', async () => {
    const { state, offences, beat } = watched()
    state.stream = 'lost'
    await beat(1)
    expect(offences).toEqual(['stalled-reader'])
  })

  test('begins anew when the stream comes, and with a new connection of the same peer', async () => {
    const { watchdog, state, offences, beat } = watched()
    await beat(3)
    state.stream = 'open'
    await beat(1)
    state.stream = 'none'
    await beat(3)
    watchdog.forget(PEER)
    await beat(3)
    expect(offences).toEqual([])
  })

  test('waits its patience for another stream of a peer that ended its own', async () => {
    const { state, offences, beat } = watched()
    state.stream = 'unheard'
    await beat(3)
    state.stream = 'open'
    await beat(1)
    state.stream = 'unheard'
    await beat(3)
    expect(offences).toEqual([])
    await beat(1)
    expect(offences).toEqual(['no-gossip-stream'])
  })

  test('leaves a peer that speaks no gossip alone', async () => {
    const { state, offences, beat } = watched()
    state.gossip = false
    await beat(10)
    expect(offences).toEqual([])
  })
})

describe('opening streams', () => {
  test('to a peer that never answers holds up nobody else', () => {
    const opener = new StreamOpener()
    const opened: string[] = []
    opener.request('silent', () => new Promise(() => {}))
    opener.request('other', async () => void opened.push('other'))
    expect(opened).toEqual(['other'])
  })

  test('to one peer happens once at a time, and of many requests meanwhile one is kept', async () => {
    const opener = new StreamOpener()
    const first = Promise.withResolvers<void>()
    const done = Promise.withResolvers<void>()
    const opened: number[] = []
    opener.request('peer', () => first.promise)
    for (let i = 0; i < 10; i++)
      opener.request('peer', async () => {
        opened.push(i)
        done.resolve()
      })
    expect(opened).toEqual([])
    first.resolve()
    await done.promise
    await Promise.resolve()
    expect(opened).toEqual([9])
    expect(opener.busyCount).toBe(0)
  })
})

/** The gossip streams of a raw peer that the other side opened, or that it opened itself. */
function streamsOf({ libp2p }: RawPeer, direction: 'inbound' | 'outbound'): readonly Stream[] {
  return libp2p
    .getConnections()
    .flatMap(({ streams }) => streams)
    .filter((stream) => stream.protocol === MESHSUB && stream.direction === direction)
}

describe('on a running network', () => {
  test('a peer that resets our gossip stream is disconnected, as the stream would never reopen', async () => {
    const [network, peer] = await Promise.all([startNetwork(), RawPeer.start()])
    Inbox.join(network)
    await peer.connect(network)
    await peer.receives((frames) => frames.length > 0)
    streamsOf(peer, 'inbound')[0]?.abort(new Error('the test resets it'))
    await peer.closed()
    await eventually(network, () => network.peers().length === 0)
    expect(network.scores()).toEqual([])
  })

  test('a mesh peer that closes its end of our stream is deaf: it loses its slot and its connection', async () => {
    const [network, peer] = await Promise.all([startNetwork(), RawPeer.start()])
    Inbox.join(network)
    await peer.connect(network)
    peer.subscribe()
    peer.graft()
    await eventually(network, () => inMesh(network, peer.id))
    await peer.receives((frames) => frames.length > 0)
    await streamsOf(peer, 'inbound')[0]?.close()
    await peer.closed()
    await eventually(network, () => !inMesh(network, peer.id))
    expect(network.peers()).toEqual([])
  })

  test('a mesh peer that ends its own stream and opens no other loses its connection', async () => {
    const limits = { gossipStreamPatienceMs: 300 }
    const [network, peer] = await Promise.all([startNetwork({ limits }), RawPeer.start()])
    Inbox.join(network)
    await peer.connect(network)
    peer.subscribe()
    await eventually(network, () => inMesh(network, peer.id))
    await streamsOf(peer, 'outbound')[0]?.close()
    await peer.closed()
    await eventually(network, () => !inMesh(network, peer.id))
    expect(network.peers()).toEqual([])
  })

  test('a peer that ends its own stream again and again and opens another each time is heard', async () => {
    const limits = { gossipStreamPatienceMs: 300 }
    const [network, peer] = await Promise.all([startNetwork({ limits }), RawPeer.start()])
    const inbox = new Inbox(network)
    await peer.connect(network)
    for (let round = 1; round <= 4; round++) {
      peer.send({ messages: [{ topic: TX, data: payload(round) }] })
      await inbox.count(round)
      await peer.reopen()
    }
    let heartbeats = 0
    network.onHeartbeat(() => heartbeats++)
    await eventually(network, () => heartbeats >= 8)
    expect(peer.connected).toBe(true)
  })

  test('a peer that does not speak gossip stays connected', async () => {
    const limits = { gossipStreamPatienceMs: 200 }
    const [network, peer] = await Promise.all([startNetwork({ limits }), RawPeer.start()])
    await peer.libp2p.unhandle(MESHSUB)
    let heartbeats = 0
    network.onHeartbeat(() => heartbeats++)
    await network.dial(String(peer.libp2p.getMultiaddrs()[0]))
    await eventually(network, () => heartbeats >= 8)
    expect(network.peers().map(({ id }) => id)).toEqual([peer.id])
  })
})
