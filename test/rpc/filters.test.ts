import { describe, expect, test } from 'vitest'
import { bytesToHex } from '../../src/lib/bytes.ts'
import { isNewlyPending } from '../../src/rpc/filters.ts'
import type { PoolPlace } from '../../src/mempool/entry.ts'
import type { PoolEvent } from '../../src/mempool/events.ts'
import { isWanted, type LogFilter } from '../../src/rpc/logFilter.ts'
import type { Address } from '../../src/crypto/address.ts'
import type { Hash } from '../../src/crypto/keccak.ts'
import { extend, nextBlock } from '../builders/chain.ts'
import { rpcCaller, rpcNode } from '../builders/rpc.ts'
import { signedTransfer, testAccount } from '../builders/tx.ts'

const FIVE_MINUTES = 5 * 60_000

describe('filters', () => {
  test('collect the hashes of blocks between polls', async () => {
    const node = rpcNode()
    const caller = rpcCaller(node)
    const id = await caller.result('eth_newBlockFilter')
    expect(await caller.result('eth_getFilterChanges', id)).toEqual([])
    const blocks = [node.seal(), node.seal()]
    expect(await caller.result('eth_getFilterChanges', id)).toEqual(blocks.map(({ hash }) => hash))
    expect(await caller.result('eth_getFilterChanges', id)).toEqual([])
  })

  test('tell of both branches of a reorganisation', async () => {
    const node = rpcNode({ chain: { signers: 3 } })
    const caller = rpcCaller(node)
    const id = await caller.result('eth_newBlockFilter')
    const { chain } = node
    const [left, right] = [nextBlock(chain), nextBlock(chain, { lateS: 1 })]
    chain.import(left.block, left.senders)
    chain.import(right.block, right.senders)
    extend(chain, { parent: right.block })
    const seen = (await caller.result('eth_getFilterChanges', id)) as Hash[]
    expect(seen).toContain(left.block.hash)
    expect(seen.at(-1)).toBe(chain.head.hash)
    expect(seen).toContain(right.block.hash)
  })

  test('collect transactions when they become executable, as hashes or in full', async () => {
    const node = rpcNode()
    const caller = rpcCaller(node)
    const hashes = await caller.result('eth_newPendingTransactionFilter')
    const full = await caller.result('eth_newPendingTransactionFilter', true)
    const [second, first] = [signedTransfer({ nonce: 1n }), signedTransfer()]
    await caller.result('eth_sendRawTransaction', bytesToHex(second.raw))
    expect(await caller.result('eth_getFilterChanges', hashes)).toEqual([])
    await caller.result('eth_sendRawTransaction', bytesToHex(first.raw))
    expect(await caller.result('eth_getFilterChanges', hashes)).toEqual([first.hash, second.hash])
    expect(await caller.result('eth_getFilterChanges', full)).toMatchObject([
      { hash: first.hash, nonce: '0x0', blockHash: null },
      { hash: second.hash, nonce: '0x1' },
    ])
  })

  test('tell again of a transaction that a reorganisation gives back, as far as it is executable', async () => {
    const node = rpcNode({ chain: { signers: 3 } })
    const caller = rpcCaller(node)
    const { chain } = node
    const [first, second] = [signedTransfer(), signedTransfer({ nonce: 1n })]
    const left = nextBlock(chain, { txs: [first, second] })
    const right = nextBlock(chain, { lateS: 1 })
    chain.import(left.block, left.senders)
    const hashes = await caller.result('eth_newPendingTransactionFilter')
    const full = await caller.result('eth_newPendingTransactionFilter', true)
    chain.import(right.block, right.senders)
    extend(chain, { parent: right.block })
    expect(await caller.result('eth_getFilterChanges', hashes)).toEqual([first.hash, second.hash])
    expect(await caller.result('eth_getFilterChanges', full)).toMatchObject([
      { hash: first.hash, blockHash: null },
      { hash: second.hash, blockHash: null },
    ])
    expect(isNewlyPending(returned('queued'))).toBe(false)
    expect(isNewlyPending(returned('pending'))).toBe(true)
  })

  function returned(place: PoolPlace): PoolEvent {
    const tx = signedTransfer()
    const sender = testAccount(0).address
    return { kind: 'returned', pooled: { tx, sender, origin: 'remote', addedMs: 0, place } }
  }

  test('of logs collect none on a chain of transfers', async () => {
    const node = rpcNode()
    const caller = rpcCaller(node)
    const id = await caller.result('eth_newFilter', {})
    node.seal([signedTransfer()])
    expect(await caller.result('eth_getFilterChanges', id)).toEqual([])
    expect(await caller.result('eth_getFilterLogs', id)).toEqual([])
    const blocks = await caller.result('eth_newBlockFilter')
    expect(await caller.error('eth_getFilterLogs', blocks)).toMatchObject({
      message: 'filter not found',
    })
  })

  test('end when they are uninstalled', async () => {
    const caller = rpcCaller(rpcNode())
    const id = await caller.result('eth_newBlockFilter')
    expect(await caller.result('eth_uninstallFilter', id)).toBe(true)
    expect(await caller.result('eth_uninstallFilter', id)).toBe(false)
    expect(await caller.error('eth_getFilterChanges', id)).toEqual({
      code: -32000,
      message: 'filter not found',
      data: { reason: 'filter-not-found' },
    })
  })

  test('end five minutes after the last poll', async () => {
    const node = rpcNode()
    const caller = rpcCaller(node)
    const polled = await caller.result('eth_newBlockFilter')
    await caller.result('eth_newBlockFilter')
    node.clock.advance(FIVE_MINUTES - 1_000)
    await caller.result('eth_getFilterChanges', polled)
    node.clock.advance(31_000)
    expect(caller.filters.size).toBe(1)
    expect(await caller.result('eth_getFilterChanges', polled)).toEqual([])
    node.clock.advance(FIVE_MINUTES + 31_000)
    expect(caller.filters.size).toBe(0)
  })

  test('are bounded in number: the one polled longest ago leaves', async () => {
    const caller = rpcCaller(rpcNode(), { maxFilters: 2 })
    const [first, second] = [
      await caller.result('eth_newBlockFilter'),
      await caller.result('eth_newBlockFilter'),
    ]
    await caller.result('eth_getFilterChanges', first)
    await caller.result('eth_newBlockFilter')
    caller.filters.assertInvariants()
    expect(await caller.error('eth_getFilterChanges', second)).toMatchObject({ code: -32000 })
    expect(await caller.result('eth_getFilterChanges', first)).toEqual([])
  })

  test('are bounded in length: one that overflows ends rather than losing something in silence', async () => {
    const node = rpcNode()
    const caller = rpcCaller(node, { maxFilterItems: 2 })
    const id = await caller.result('eth_newBlockFilter')
    node.seal()
    node.seal()
    expect(await caller.result('eth_getFilterChanges', id)).toHaveLength(2)
    for (let i = 0; i < 3; i++) node.seal()
    caller.filters.assertInvariants()
    expect(await caller.error('eth_getFilterChanges', id)).toMatchObject({ code: -32000 })
  })

  test('listen to nothing after they are closed', () => {
    const node = rpcNode()
    const caller = rpcCaller(node)
    caller.filters.add({ kind: 'blocks' })
    caller.filters.close()
    node.seal()
    node.clock.advance(FIVE_MINUTES)
    expect(caller.filters.size).toBe(0)
  })
})

describe('eth_getLogs', () => {
  const cases: readonly [string, object, string][] = [
    [
      'a block and a range',
      { blockHash: `0x${'00'.repeat(32)}`, toBlock: '0x1' },
      'cannot specify both',
    ],
    [
      'a range that ends before it begins',
      { fromBlock: '0x2', toBlock: '0x1' },
      'invalid block range',
    ],
    ['blocks that are not there yet', { fromBlock: '0x0', toBlock: '0x9' }, 'beyond current head'],
    ['five topics', { topics: [null, null, null, null, null] }, 'exceed max topics'],
    ['a topic that is none', { topics: ['0x12'] }, 'invalid topic'],
    ['an address that is none', { address: ['0x12'] }, 'invalid address at index 0'],
  ]

  test.each(cases)('refuses %s with -32602', async (_, filter, message) => {
    const error = await rpcCaller(rpcNode()).error('eth_getLogs', filter)
    expect(error.code).toBe(-32602)
    expect(error.message).toContain(message)
  })

  test('answers with no logs for a range, a block and tags', async () => {
    const node = rpcNode()
    const caller = rpcCaller(node)
    const { hash } = node.seal()
    expect(await caller.result('eth_getLogs', {})).toEqual([])
    expect(
      await caller.result('eth_getLogs', { fromBlock: 'earliest', toBlock: 'latest' }),
    ).toEqual([])
    expect(await caller.result('eth_getLogs', { blockHash: hash })).toEqual([])
    const unknown = { blockHash: `0x${'11'.repeat(32)}` }
    expect(await caller.error('eth_getLogs', unknown)).toMatchObject({ message: 'unknown block' })
  })

  const address = `0x${'aa'.repeat(20)}` as Address
  const [a, b, c] = ['a1', 'b2', 'c3'].map((byte) => `0x${byte.repeat(32)}` as Hash) as [
    Hash,
    Hash,
    Hash,
  ]
  const everything: LogFilter = {
    blockHash: undefined,
    from: undefined,
    to: undefined,
    addresses: [],
    topics: [],
  }
  const log = { address, topics: [a, b], data: new Uint8Array(0) }

  const matches: readonly [Partial<LogFilter>, boolean][] = [
    [{}, true],
    [{ addresses: [address] }, true],
    [{ addresses: [`0x${'bb'.repeat(20)}` as Address] }, false],
    [{ topics: [[a]] }, true],
    [{ topics: [[b]] }, false],
    [{ topics: [[], [b]] }, true],
    [{ topics: [[c, a], [b]] }, true],
    [{ topics: [[a], [b], []] }, false],
  ]

  test.each(matches)('of a log with two topics, %j wants it: %s', (filter, wanted) => {
    expect(isWanted(log, { ...everything, ...filter })).toBe(wanted)
  })
})
