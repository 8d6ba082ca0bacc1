import { UserError } from '../../src/lib/userError.ts'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PEER_KEY_FILE } from '../../src/p2p/peers/peerKey.ts'
import { addressOf, eventually, startNetwork, stopAll } from '../builders/p2p.ts'

let dataDir = ''

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'grapevine-p2p-'))
})

afterEach(async () => {
  await stopAll()
  await rm(dataDir, { recursive: true })
})

describe('a libp2p node', () => {
  test('on a busy port says in one line what to do', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await expect(startNetwork({ listen: [`/ip4/127.0.0.1/tcp/${port}`] })).rejects.toThrow(
      new UserError(`port ${port} on 127.0.0.1 is in use: choose another with --port`),
    )
    await new Promise((resolve) => server.close(resolve))
  })

  test('on an address that the machine does not have says in one line what to do', async () => {
    // 203.0.113.0/24 is kept for documentation (RFC 5737).
    await expect(startNetwork({ listen: ['/ip4/203.0.113.1/tcp/0'] })).rejects.toThrow(
      new UserError('this machine has no address 203.0.113.1: choose another with --host'),
    )
  })

  test('frees its port when it stops, and may be stopped twice', async () => {
    const first = await startNetwork()
    const listen = addressOf(first).replace(/\/p2p\/.*/, '')
    await first.stop()
    await first.stop()
    const second = await startNetwork({ listen: [listen] })
    expect(addressOf(second)).toBe(`${listen}/p2p/${second.self}`)
  })

  test('without an address to listen on still dials', async () => {
    const [silent, open] = await Promise.all([startNetwork({ listen: [] }), startNetwork()])
    expect(silent.addresses()).toEqual([])
    expect(await silent.dial(addressOf(open))).toBe(open.self)
  })

  test('tells who connects and who goes', async () => {
    const [a, b] = await Promise.all([startNetwork(), startNetwork()])
    const events: string[] = []
    a.onPeer((event) => events.push(event.kind))
    await b.dial(addressOf(a))
    await eventually(a, () => a.peers().length === 1)
    expect(a.peers()).toMatchObject([{ id: b.self, direction: 'inbound' }])
    expect(a.connectionCounts()).toEqual({ inbound: 1, outbound: 0 })
    await a.disconnect(b.self, 'the test says so')
    await eventually(b, () => b.peers().length === 0)
    expect(events).toEqual(['connected', 'disconnected'])
  })

  test('answers a dial to nowhere or to nonsense with one error that names the address', async () => {
    const network = await startNetwork()
    for (const address of ['/ip4/127.0.0.1/tcp/1', 'nonsense', '/dns4/localhost/udp/1'])
      await expect(network.dial(address)).rejects.toThrow(`cannot dial ${address}: `)
  })

  test('takes 30 connections at once from one address in the devnet profile', async () => {
    const hub = await startNetwork()
    const others = await Promise.all(Array.from({ length: 30 }, () => startNetwork()))
    await Promise.all(others.map((other) => other.dial(addressOf(hub))))
    await eventually(hub, () => hub.peers().length === 30)
    expect(hub.peers().length).toBe(30)
  })

  test('takes no more than the limit of new connections a second in the public profile', async () => {
    const hub = await startNetwork({ profile: 'public' })
    const others = await Promise.all(Array.from({ length: 9 }, () => startNetwork()))
    const dials = await Promise.allSettled(others.map((other) => other.dial(addressOf(hub))))
    expect(hub.peers().length).toBeLessThanOrEqual(hub.limits.inboundConnectionsPerSecond)
    expect(dials.some(({ status }) => status === 'rejected')).toBe(true)
  })
})

describe('the peer key', () => {
  test('is kept in the data directory, for its owner alone, and gives the same peer id again', async () => {
    const first = await startNetwork({ dataDir })
    const { mode } = await stat(join(dataDir, PEER_KEY_FILE))
    await first.stop()
    const second = await startNetwork({ dataDir })
    expect(second.self).toBe(first.self)
    expect(mode & 0o777).toBe(0o600)
  })

  test('is new each time without a data directory', async () => {
    const [a, b] = await Promise.all([startNetwork(), startNetwork()])
    expect(a.self).not.toBe(b.self)
  })

  test('is one and the same for two starts at once', async () => {
    const [a, b] = await Promise.all([startNetwork({ dataDir }), startNetwork({ dataDir })])
    expect(a.self).toBe(b.self)
  })

  test('that is damaged is named, and left as it is', async () => {
    const path = join(dataDir, PEER_KEY_FILE)
    await writeFile(path, 'not a key')
    await expect(startNetwork({ dataDir })).rejects.toThrow(`${path} is not a peer key`)
    expect(await readFile(path, 'utf8')).toBe('not a key')
  })
})
