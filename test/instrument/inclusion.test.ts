import { expect, test } from 'vitest'
import { Inclusion, inclusionPatienceMs } from '../../src/instrument/inclusion.ts'
import type { PeerPort } from '../../src/instrument/port.ts'
import type { SubmittedTx } from '../../src/instrument/workload.ts'
import { hashOf, peerPort } from '../builders/port.ts'

/** A peer whose chain is these blocks, from number 1: hash and transactions of each. */
function peerWith(chain: () => readonly (readonly [hash: string, ...txs: string[]])[]): PeerPort {
  return peerPort({
    head: async () => ({ number: chain().length, hash: hashOf('head'), baseFeeWei: 0n }),
    block: async (number) => {
      const [name = '', ...txs] = chain()[number - 1] ?? []
      return { number, hash: hashOf(name), timestampS: number, transactions: txs.map(hashOf) }
    },
  })
}

const gone: PeerPort = peerPort({ index: 1, head: () => Promise.reject(new Error('gone')) })

test('a transaction is included from its block on, those from before do not count', async () => {
  const chain: [string, ...string[]][] = [['a', 'old']]
  const inclusion = new Inclusion({ peers: [gone, peerWith(() => chain)] })
  await inclusion.start()
  chain.push(['b', 't1'], ['c', 't2', 't3'])
  await inclusion.update()
  expect(['old', 't1', 't2', 't3'].map((name) => inclusion.blockOf(hashOf(name)))).toEqual([
    undefined,
    2,
    3,
    3,
  ])
  expect([inclusion.count, inclusion.head]).toEqual([3, 3])
  const submission: SubmittedTx = {
    hash: hashOf('t1'),
    url: '',
    status: 'accepted',
    reason: '',
    lateMs: 0,
  }
  expect(inclusion.holdsAll([submission])).toBe(true)
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
  expect(['t1', 't2', 't3'].map((name) => inclusion.blockOf(hashOf(name)))).toEqual([
    1,
    undefined,
    2,
  ])
  expect([inclusion.count, inclusion.head]).toEqual([2, 2])
})

test('a network in which nobody answers is an error', async () => {
  await expect(new Inclusion({ peers: [gone] }).update()).rejects.toThrow('gone')
})

test.each([
  ['6 blocks of a usual period', 2, 12_000],
  ['6 blocks of the longest period that is waited for', 60, 360_000],
  ['nothing where the next block is an hour away', 3_600, 0],
])('a run waits after its load for %s', (_, periodS, waitMs) => {
  expect(inclusionPatienceMs(periodS)).toBe(waitMs)
})
