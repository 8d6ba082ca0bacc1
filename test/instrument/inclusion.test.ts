import { expect, test } from 'vitest'
import { Inclusion } from '../../src/instrument/inclusion.ts'
import type { MeasuredPeer } from '../../src/instrument/measuredNetwork.ts'
import type { Submission } from '../../src/instrument/workload.ts'

/** A peer whose chain is these blocks, from number 1: hash and transactions of each. */
function peerWith(
  chain: () => readonly (readonly [hash: string, ...txs: string[]])[],
): MeasuredPeer {
  const call = async (method: string, [number]: readonly unknown[] = []): Promise<unknown> => {
    if (method === 'eth_blockNumber') return `0x${chain().length.toString(16)}`
    const [hash, ...transactions] = chain()[Number(number) - 1] ?? ['']
    return { hash, transactions }
  }
  return { index: 0, peerId: 'id', rpc: { url: '', call } }
}

const gone: MeasuredPeer = {
  index: 1,
  peerId: 'gone',
  rpc: { url: '', call: () => Promise.reject(new Error('gone')) },
}

test('a transaction is included from its block on, those from before do not count', async () => {
  const chain: [string, ...string[]][] = [['a', 'old']]
  const inclusion = new Inclusion({ peers: [gone, peerWith(() => chain)] })
  await inclusion.start()
  chain.push(['b', 't1'], ['c', 't2', 't3'])
  await inclusion.update()
  expect(['old', 't1', 't2', 't3'].map((hash) => inclusion.blockOf(hash))).toEqual([
    undefined,
    2,
    3,
    3,
  ])
  expect([inclusion.count, inclusion.head]).toEqual([3, 3])
  expect(inclusion.holdsAll([{ hash: 't1' } as unknown as Submission])).toBe(true)
})

test('after a reorganisation the new chain counts, also where it is shorter', async () => {
  let chain: [string, ...string[]][] = [
    ['a', 't1'],
    ['b', 't2'],
    ['c', 't3'],
  ]
  const inclusion = new Inclusion({ peers: [peerWith(() => chain)] })
  await inclusion.update()
  chain = [
    ['a', 't1'],
    ['x', 't3'],
  ]
  await inclusion.update()
  expect(['t1', 't2', 't3'].map((hash) => inclusion.blockOf(hash))).toEqual([1, undefined, 2])
  expect([inclusion.count, inclusion.head]).toEqual([2, 2])
})

test('a network in which nobody answers is an error', async () => {
  await expect(new Inclusion({ peers: [gone] }).update()).rejects.toThrow('gone')
})
