import { publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { encode } from 'it-length-prefixed'
import { createLibp2p } from 'libp2p'
import { afterEach, describe, expect, test } from 'vitest'
import { silentLogger } from '../../src/lib/log.ts'
import { ObservedAddresses } from '../../src/p2p/peers/observedAddresses.ts'
import { OwnAddresses } from '../../src/p2p/peers/ownAddresses.ts'
import type { Libp2pNetwork } from '../../src/p2p/libp2pNetwork.ts'
import { addressOf, startNetwork, stopAll } from '../builders/p2p.ts'

afterEach(stopAll)

const LIMITS = { maxConnections: 100, observersOfAddress: 3, identifyMaxObservedAddresses: 4 }
const LISTENING = ['/ip4/127.0.0.1/tcp/9000', '/ip4/10.0.0.5/tcp/9000', '/ip6/fd00::5/tcp/9000']

interface Said {
  readonly from: string
  readonly sees: string
  readonly observer?: string
  readonly direction?: 'inbound' | 'outbound'
}

/**
 * The addresses that are believed after all that was said, each by a peer of its own unless it says
 * which.
 */
function believed(said: readonly Said[], limits = LIMITS): readonly string[] {
  const observed = new ObservedAddresses(limits)
  for (const [
    at,
    { from, sees, observer = `peer ${at}`, direction = 'outbound' },
  ] of said.entries())
    observed.observe({
      observer,
      observerAddress: multiaddr(from),
      observed: multiaddr(sees),
      direction,
    })
  return observed.confirmed(LISTENING.map((one) => multiaddr(one))).map(String)
}

/** What peers at so many addresses say. */
function from(count: number, sees: string, more: Partial<Said> = {}): readonly Said[] {
  return Array.from({ length: count }, (_, at) => ({
    from: `/ip4/203.0.${113 + at}.7/tcp/4000`,
    sees,
    ...more,
  }))
}

describe('an address that peers see', () => {
  test('is believed when peers at three addresses say it, with the port of the listener', () => {
    expect(believed(from(2, '/ip4/198.51.100.9/tcp/50123'))).toEqual([])
    expect(believed(from(3, '/ip4/198.51.100.9/tcp/50123'))).toEqual(['/ip4/198.51.100.9/tcp/9000'])
  })

  test('is believed with its port when they dialled it, as behind a port that is forwarded', () => {
    expect(believed(from(3, '/ip4/198.51.100.9/tcp/30303', { direction: 'inbound' }))).toEqual([
      '/ip4/198.51.100.9/tcp/30303',
    ])
  })

  test('is not believed because many peers at one address say it', () => {
    const one = { from: '/ip4/203.0.113.7/tcp/4000' }
    expect(believed(from(50, '/ip4/198.51.100.9/tcp/1', one))).toEqual([])
    const site = Array.from({ length: 50 }, (_, at) => ({
      from: `/ip6/2001:db8:0:ff00:${at + 1}::1/tcp/4000`,
      sees: '/ip6/2001:db8:1::9/tcp/1',
    }))
    expect(believed(site)).toEqual([])
  })

  test('is not believed because one peer says it again and again from different addresses', () => {
    expect(believed(from(50, '/ip4/198.51.100.9/tcp/1', { observer: 'one' }))).toEqual([])
  })

  test('is not believed any more when those who said it have left or say something else', () => {
    const observed = new ObservedAddresses(LIMITS)
    const say = (at: number, sees: string): void =>
      observed.observe({
        observer: `peer ${at}`,
        observerAddress: multiaddr(`/ip4/203.0.113.${at}/tcp/1`),
        observed: multiaddr(sees),
        direction: 'inbound',
      })
    const now = (): readonly string[] => observed.confirmed([]).map(String)
    for (const at of [1, 2, 3, 4]) say(at, '/ip4/198.51.100.9/tcp/1')
    expect(now()).toHaveLength(1)
    observed.forget('peer 1')
    expect(now()).toHaveLength(1)
    say(2, '/ip4/198.51.100.10/tcp/1')
    expect(now()).toEqual([])
  })

  test.each([
    '/ip4/0.0.0.0/tcp/1',
    '/ip4/224.0.0.1/tcp/1',
    '/ip4/255.255.255.255/tcp/1',
    '/ip4/169.254.1.1/tcp/1',
    '/ip4/127.0.0.1/tcp/1',
    '/ip6/::1/tcp/1',
    '/ip6/fe80::1/tcp/1',
    '/ip6/ff02::1/tcp/1',
    '/ip4/198.51.100.9/udp/1',
    '/ip4/198.51.100.9/tcp/1/ws',
    '/dns4/victim.example/tcp/1',
  ])('is not believed where no stranger could reach this node: %s', (sees) => {
    expect(believed(from(9, sees, { direction: 'inbound' }))).toEqual([])
  })

  test('is not believed of peers on loopback, who see nothing but loopback', () => {
    const said = from(9, '/ip4/198.51.100.9/tcp/1').map((one, at) => ({
      ...one,
      from: `/ip4/127.0.0.${at + 1}/tcp/1`,
    }))
    expect(believed(said)).toEqual([])
  })

  test('is one of four at most: those that most peers see', () => {
    const addresses = Array.from({ length: 6 }, (_, at) =>
      from(3 + at, `/ip4/198.51.100.${at}/tcp/1`, { direction: 'inbound' }),
    )
    expect(believed(addresses.flat())).toEqual(
      [5, 4, 3, 2].map((at) => `/ip4/198.51.100.${at}/tcp/1`),
    )
  })
})

/** Peers at addresses of their own, on loopback. */
function peersAt(first: number, count: number): Promise<Libp2pNetwork[]> {
  return Promise.all(
    Array.from({ length: count }, (_, at) =>
      startNetwork({ listen: [`/ip4/127.0.0.${first + at}/tcp/0`] }),
    ),
  )
}

/** Resolves when a network has been told by so many peers where they see it. */
function identified(network: Libp2pNetwork, count: number): Promise<void> {
  const told = new Set<string>()
  return new Promise((resolve) => {
    network.libp2p.addEventListener('peer:identify', ({ detail }) => {
      told.add(detail.peerId.toString())
      if (told.size === count) setImmediate(resolve)
    })
  })
}

const ownAddress = (network: Libp2pNetwork): string => {
  const port = /\/tcp\/(\d+)/.exec(addressOf(network))?.[1]
  return `/ip4/127.0.0.1/tcp/${port}/p2p/${network.self}`
}

describe('a running node', () => {
  test('tells peers where three others see it, until one of those leaves', async () => {
    const [node] = await peersAt(9, 1)
    const peers = await peersAt(2, 3)
    if (node === undefined) throw new Error('no node')
    const all = identified(node, peers.length)
    for (const peer of peers) await node.dial(addressOf(peer))
    await all
    expect(node.addresses()).toContain(ownAddress(node))
    const left = new Promise((resolve) => node.onPeer(resolve))
    await peers[0]?.stop()
    await left
    expect(node.addresses()).not.toContain(ownAddress(node))
  })

  test('tells peers nothing else where it was told what to announce', async () => {
    const announce = ['/dns4/node.example/tcp/9000']
    const node = await startNetwork({ listen: ['/ip4/127.0.0.9/tcp/0'], announce })
    const peers = await peersAt(2, 3)
    const all = identified(node, peers.length)
    for (const peer of peers) await node.dial(addressOf(peer))
    await all
    expect(node.addresses()).toEqual([`${announce[0]}/p2p/${node.self}`])
  })

  test('is not made to tell of a victim by a peer that lies', async () => {
    const victim = '/ip4/127.0.0.66/tcp/443'
    const [node] = await peersAt(9, 1)
    const peers = await peersAt(2, 2)
    if (node === undefined) throw new Error('no node')
    const all = identified(node, 3)
    const before = node.addresses()
    const liar = await startLiar(victim)
    try {
      await liar.dial(multiaddr(addressOf(node)))
      for (const peer of peers) await node.dial(addressOf(peer))
      await all
      expect(node.addresses()).toEqual(before)
    } finally {
      await liar.stop()
    }
  })

  test('tells peers of the public address that it listens on, and of loopback no more', async () => {
    const node = await startNetwork()
    const own = new OwnAddresses({ announce: [], limits: LIMITS, log: silentLogger })
    own.service({
      peerId: node.libp2p.peerId,
      events: new EventTarget(),
      transportManager: {
        getAddrs: () =>
          ['/ip4/127.0.0.1/tcp/1', '/ip4/198.51.100.9/tcp/1', '/ip6/fe80::1/tcp/1'].map((one) =>
            multiaddr(one),
          ),
      },
      addressManager: {},
    })
    expect(own.filter([]).map(String)).toEqual([`/ip4/198.51.100.9/tcp/1/p2p/${node.self}`])
  })

  test('tells strangers of no loopback where it listens on all addresses of a machine that has others', async () => {
    const node = await startNetwork({ listen: ['/ip4/0.0.0.0/tcp/0'] })
    const loopback = node.addresses().filter((one) => one.startsWith('/ip4/127.'))
    expect(loopback.length === 0 || loopback.length === node.addresses().length).toBe(true)
  })
})

/** A libp2p node that tells whoever asks that it sees them at `victim`. */
async function startLiar(victim: string) {
  const libp2p = await createLibp2p({
    addresses: { listen: [] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
  })
  const { publicKey } = libp2p.peerId
  if (publicKey === undefined) throw new Error('no key')
  const message = Buffer.concat([
    field(1, publicKeyToProtobuf(publicKey)),
    field(4, multiaddr(victim).bytes),
  ])
  await libp2p.handle('/ipfs/id/1.0.0', async (stream) => {
    for (const part of encode([message])) stream.send(part)
    await stream.close()
  })
  return libp2p
}

/** A field of bytes in protobuf, shorter than 128 bytes. */
function field(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes])
}
