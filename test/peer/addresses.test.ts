import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, expect, test } from 'vitest'
import { announced } from '../../src/p2p/peers/announced.ts'
import { warnOfExposure } from '../../src/peer/exposure.ts'
import { genesisFile, startPeer, stopPeers } from '../builders/runningPeer.ts'
import { recordingLog, testSettings } from '../builders/syncNode.ts'

afterEach(stopPeers)

test('loopback is told to peers only where there is nothing else to tell', () => {
  const told = (...addresses: string[]) =>
    announced(addresses.map((one) => multiaddr(one))).map(String)
  expect(told('/ip4/127.0.0.1/tcp/1', '/ip4/10.0.0.7/tcp/1')).toEqual(['/ip4/10.0.0.7/tcp/1'])
  expect(told('/ip6/::1/tcp/1', '/ip4/127.3.2.1/tcp/1', '/dns4/a.example/tcp/2')).toEqual([
    '/dns4/a.example/tcp/2',
  ])
  expect(told('/ip4/127.0.0.1/tcp/1')).toEqual(['/ip4/127.0.0.1/tcp/1'])
})

test('a node listens on several addresses and announces what it is told to', async () => {
  const genesis = genesisFile()
  const announce = ['/dns4/node.example/tcp/9000']
  const node = await startPeer({ genesis, host: ['127.0.0.1', '127.0.0.2'] })
  const listening = node.network.addresses()
  const hosts = new Set(listening.map((address) => address.split('/')[2]))
  expect(hosts).toEqual(new Set(['127.0.0.1', '127.0.0.2']))
  const other = await startPeer({ genesis, announce })
  expect(other.network.addresses()).toEqual([`/dns4/node.example/tcp/9000/p2p/${other.id}`])
})

test('servers that other machines reach are warned of, those of this machine are not', () => {
  const warnings = (changes: Parameters<typeof testSettings>[0]) => {
    const { log, lines } = recordingLog()
    warnOfExposure(testSettings(changes), log)
    return lines
  }
  expect(warnings({ admin: true })).toEqual([])
  expect(warnings({ rpcHost: 'localhost', metricsHost: '::1', admin: true })).toEqual([])
  expect(warnings({ rpcHost: '0.0.0.0', rpc: false })).toEqual([])
  expect(warnings({ rpcHost: '0.0.0.0' })).toMatchObject([{ rpcHost: '0.0.0.0' }])
  expect(warnings({ rpcHost: '::', admin: true })).toMatchObject([
    { risk: expect.stringContaining('--admin') as string },
  ])
  expect(warnings({ metricsHost: '10.0.0.7' })).toMatchObject([{ metricsHost: '10.0.0.7' }])
})
