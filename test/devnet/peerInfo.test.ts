import { expect, test } from 'vitest'
import { peerInfo } from '../../src/devnet/peerProcess.ts'

const plan = { index: 3, dataDir: '/data/3', settings: {} }
const ready = {
  chainId: 1337,
  pid: 42,
  peerId: '12D3KooW',
  multiaddrs: ['/ip4/127.0.0.1/tcp/9000'],
  rpcUrl: 'http://127.0.0.1:8545',
  metricsUrl: null,
}

test('a peer is known by what its node says when it is ready, and by its plan', () => {
  expect(peerInfo(ready, plan)).toEqual({
    index: 3,
    pid: 42,
    peerId: '12D3KooW',
    multiaddrs: ['/ip4/127.0.0.1/tcp/9000'],
    rpcUrl: 'http://127.0.0.1:8545',
    metricsUrl: undefined,
    dataDir: '/data/3',
  })
})

test.each([
  ['nothing', undefined, ''],
  ['an error', { error: 'no port' }, 'pid'],
  ['no address of its JSON-RPC', { ...ready, rpcUrl: null }, 'rpcUrl'],
  ['addresses that are none', { ...ready, multiaddrs: [7] }, 'multiaddrs.0'],
])('a node that says %s is refused with the place that is wrong', (_, said, place) => {
  expect(() => peerInfo(said, plan)).toThrow(
    `peer 3 said something unexpected when it started: ${place}`,
  )
})
