import { forkIdAt } from '../../src/chain/genesis/forkId.ts'
import { genesisRules } from '../../src/chain/genesis/genesisRules.ts'
import { describe, expect, test } from 'vitest'
import { cryptoPaths } from '../../src/crypto/paths.ts'
import { machineReport } from '../../src/lib/machineClock.ts'
import { bytesToHex } from '../../src/lib/bytes.ts'
import { encodeHeader } from '../../src/block/header.ts'
import { encodeReceipt } from '../../src/block/receipt.ts'
import type { PeerId } from '../../src/gossip/network.ts'
import { checksumAddress } from '../../src/crypto/address.ts'
import { rpcCaller, rpcNode } from '../builders/rpc.ts'
import { GWEI, RECIPIENT, signedTransfer, testAccount } from '../builders/tx.ts'

const UNKNOWN = `0x${'11'.repeat(32)}`
const [LEGACY, TYPED] = [
  signedTransfer({ type: 0 }),
  signedTransfer({ type: 2, nonce: 1n, data: Uint8Array.of(1, 2), gasLimit: 30_000n }),
]

function sealed() {
  const node = rpcNode()
  const block = node.seal([LEGACY, TYPED])
  return { node, block, caller: rpcCaller(node) }
}

describe('blocks', () => {
  test('are found by hash and number, with transactions as hashes or in full', async () => {
    const { block, caller } = sealed()
    const short = await caller.result('eth_getBlockByHash', block.hash)
    expect(short).toMatchObject({
      number: '0x1',
      transactions: [LEGACY.hash, TYPED.hash],
      uncles: [],
      size: `0x${block.raw.length.toString(16)}`,
    })
    expect(short).not.toHaveProperty('totalDifficulty')
    expect(short).not.toHaveProperty('withdrawals')
    expect(await caller.result('eth_getBlockByNumber', '0x1', false)).toEqual(short)
    const full = (await caller.result('eth_getBlockByNumber', 'latest', true)) as {
      transactions: unknown[]
    }
    expect(full.transactions).toEqual([
      await caller.result('eth_getTransactionByBlockNumberAndIndex', 'latest', '0x0'),
      await caller.result('eth_getTransactionByHash', TYPED.hash),
    ])
    const { transactions, uncles, size, ...header } = short as Record<string, unknown>
    expect([transactions, uncles, size].length).toBe(3)
    expect(await caller.result('eth_getHeaderByHash', block.hash)).toEqual(header)
    expect(await caller.result('eth_getHeaderByNumber', '0x1')).toEqual(header)
  })

  const missing = [
    ['eth_getBlockByHash', UNKNOWN, true],
    ['eth_getBlockByNumber', '0x9', true],
    ['eth_getHeaderByHash', UNKNOWN],
    ['eth_getHeaderByNumber', '0x9'],
    ['eth_getBlockReceipts', '0x9'],
    ['eth_getBlockReceipts', UNKNOWN],
    ['eth_getBlockTransactionCountByHash', UNKNOWN],
    ['eth_getBlockTransactionCountByNumber', '0x9'],
    ['eth_getUncleCountByBlockHash', UNKNOWN],
    ['eth_getUncleCountByBlockNumber', '0x9'],
    ['eth_getUncleByBlockHashAndIndex', UNKNOWN, '0x0'],
    ['eth_getUncleByBlockNumberAndIndex', '0x1', '0x0'],
    ['eth_getTransactionByHash', UNKNOWN],
    ['eth_getTransactionByBlockHashAndIndex', UNKNOWN, '0x0'],
    ['eth_getTransactionByBlockNumberAndIndex', '0x1', '0x9'],
    ['eth_getRawTransactionByHash', UNKNOWN],
    ['eth_getRawTransactionByBlockHashAndIndex', UNKNOWN, '0x0'],
    ['eth_getRawTransactionByBlockNumberAndIndex', '0x1', '0x9'],
    ['eth_getTransactionReceipt', UNKNOWN],
    ['gossip_timeline', UNKNOWN],
  ] as const

  test.each(missing)('%s answers null for what is not there', async (method, ...params) => {
    expect(await sealed().caller.result(method, ...params)).toBeNull()
  })

  test('count their transactions and uncles', async () => {
    const { block, caller } = sealed()
    expect(await caller.result('eth_getBlockTransactionCountByHash', block.hash)).toBe('0x2')
    expect(await caller.result('eth_getBlockTransactionCountByNumber', '0x1')).toBe('0x2')
    expect(await caller.result('eth_getUncleCountByBlockHash', block.hash)).toBe('0x0')
    expect(await caller.result('eth_getUncleCountByBlockNumber', '0x1')).toBe('0x0')
  })
})

describe('transactions', () => {
  test('of a block name it and what they paid', async () => {
    const { block, caller } = sealed()
    const baseFee = block.header.baseFeePerGas ?? 0n
    expect(await caller.result('eth_getTransactionByHash', TYPED.hash)).toMatchObject({
      blockHash: block.hash,
      blockNumber: '0x1',
      blockTimestamp: '0x1',
      transactionIndex: '0x1',
      from: testAccount().address,
      to: RECIPIENT,
      type: '0x2',
      gasPrice: `0x${(baseFee + GWEI).toString(16)}`,
      maxFeePerGas: '0x77359400',
      input: '0x0102',
      accessList: [],
      chainId: '0x539',
    })
    const legacy = await caller.result('eth_getTransactionByHash', LEGACY.hash)
    expect(legacy).toMatchObject({ type: '0x0', gasPrice: '0x77359400', chainId: '0x539' })
    expect(legacy).not.toHaveProperty('accessList')
    expect(legacy).not.toHaveProperty('yParity')
  })

  test('of the pool have no block and their whole fee cap as price', async () => {
    const node = rpcNode()
    const caller = rpcCaller(node)
    await node.context.submit(LEGACY.raw)
    await node.context.submit(TYPED.raw)
    expect(await caller.result('eth_getTransactionByHash', TYPED.hash)).toMatchObject({
      blockHash: null,
      blockNumber: null,
      transactionIndex: null,
      gasPrice: '0x77359400',
      from: testAccount().address,
    })
    expect(await caller.result('eth_getTransactionReceipt', TYPED.hash)).toBeNull()
    expect(await caller.result('eth_getRawTransactionByHash', TYPED.hash)).toBe(
      bytesToHex(TYPED.raw),
    )
  })

  test('have receipts that add up', async () => {
    const { block, caller } = sealed()
    const receipts = (await caller.result('eth_getBlockReceipts', 'latest')) as unknown[]
    expect(receipts).toMatchObject([
      { transactionHash: LEGACY.hash, gasUsed: '0x5208', cumulativeGasUsed: '0x5208', type: '0x0' },
      { transactionHash: TYPED.hash, gasUsed: '0x5228', cumulativeGasUsed: '0xa430', type: '0x2' },
    ])
    expect(await caller.result('eth_getTransactionReceipt', TYPED.hash)).toEqual(receipts[1])
    expect(receipts[1]).toMatchObject({
      blockHash: block.hash,
      contractAddress: null,
      logs: [],
      logsBloom: `0x${'00'.repeat(256)}`,
      status: '0x1',
      effectiveGasPrice: `0x${((block.header.baseFeePerGas ?? 0n) + GWEI).toString(16)}`,
    })
  })
})

describe('debug', () => {
  test('gives the bytes of blocks, headers, receipts and transactions', async () => {
    const { node, block, caller } = sealed()
    const receipts = node.chain.receipts(block.hash) ?? []
    expect(await caller.result('debug_getRawBlock', block.hash)).toBe(bytesToHex(block.raw))
    const header = bytesToHex(encodeHeader(block.header))
    expect(await caller.result('debug_getRawHeader', 'latest')).toBe(header)
    expect(await caller.result('debug_getRawReceipts', '0x1')).toEqual(
      receipts.map((receipt) => bytesToHex(encodeReceipt(receipt))),
    )
    expect(await caller.result('debug_getRawTransaction', LEGACY.hash)).toBe(bytesToHex(LEGACY.raw))
    expect(await caller.result('debug_getRawTransaction', UNKNOWN)).toBe('0x')
    expect(await caller.error('debug_getRawBlock', '0x9')).toMatchObject({ code: -32000 })
  })
})

describe('the pool', () => {
  test('shows its content by sender and nonce, parked ones among the queued', async () => {
    const node = rpcNode()
    const caller = rpcCaller(node)
    const txs = [signedTransfer(), signedTransfer({ nonce: 3n }), signedTransfer({ nonce: 40n })]
    for (const tx of txs) await node.context.submit(tx.raw)
    const sender = testAccount().address
    const key = checksumAddress(sender)
    expect(key).toBe('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266')
    expect(await caller.result('txpool_status')).toEqual({ pending: '0x1', queued: '0x2' })
    expect(await caller.result('txpool_content')).toMatchObject({
      pending: { [key]: { '0': { hash: txs[0]?.hash, blockHash: null } } },
      queued: { [key]: { '3': { hash: txs[1]?.hash }, '40': { hash: txs[2]?.hash } } },
    })
    expect(await caller.result('txpool_contentFrom', sender)).toMatchObject({
      pending: { '0': { hash: txs[0]?.hash } },
      queued: { '3': {}, '40': {} },
    })
    expect(await caller.result('txpool_contentFrom', RECIPIENT)).toEqual({
      pending: {},
      queued: {},
    })
    expect(await caller.result('txpool_inspect')).toMatchObject({
      pending: {
        [key]: { '0': `${checksumAddress(RECIPIENT)}: 1 wei + 21000 gas × 2000000000 wei` },
      },
    })
  })
})

describe('the node', () => {
  test('says who it is', async () => {
    const node = rpcNode({ context: { adminEnabled: true } })
    const caller = rpcCaller(node)
    const single = ['eth_chainId', 'eth_accounts', 'eth_syncing', 'net_version', 'net_listening']
    const answers = await Promise.all(single.map((method) => caller.result(method)))
    expect(answers).toEqual(['0x539', [], false, '1337', true])
    expect(await caller.result('net_peerCount')).toBe('0x1')
    expect(await caller.result('web3_clientVersion')).toBe('grapevine/test')
    expect(await caller.result('web3_sha3', '0x')).toBe(
      '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
    )
    expect(await caller.result('admin_nodeInfo')).toMatchObject({
      id: 'peer-0',
      protocols: { grapevine: { network: '1337', head: node.chain.head.hash, difficulty: '0x1' } },
    })
    expect(await caller.result('admin_addPeer', '/ip4/127.0.0.1/tcp/9001/p2p/peer-1')).toBe(true)
    expect(await caller.result('admin_removePeer', '/ip4/127.0.0.1/tcp/9001/p2p/peer-1')).toBe(true)
    expect(await caller.result('admin_removePeer', 'peer-7')).toBe(false)
  })

  test('tells how far it is behind', async () => {
    const progress = { startingBlock: 1n, currentBlock: 2n, highestBlock: 30n }
    const node = rpcNode({ context: { syncStatus: () => progress } })
    expect(await rpcCaller(node).result('eth_syncing')).toEqual({
      startingBlock: '0x1',
      currentBlock: '0x2',
      highestBlock: '0x1e',
    })
  })

  test('reports a dial that failed as an error of the caller', async () => {
    const base = rpcNode({ context: { adminEnabled: true } })
    const network = {
      ...base.context.network,
      dial: () => Promise.reject(new Error('cannot dial /ip4/203.0.113.1/tcp/1: no route')),
    }
    expect(
      await rpcCaller({ ...base.context, network }).error(
        'admin_addPeer',
        '/ip4/203.0.113.1/tcp/1',
      ),
    ).toEqual({
      code: -32000,
      message: 'cannot dial /ip4/203.0.113.1/tcp/1: no route',
      data: { reason: 'dial-failed' },
    })
  })
})

describe('gossip', () => {
  test('tells the story of an item and hands out sightings from a cursor on', async () => {
    const node = rpcNode()
    const caller = rpcCaller(node)
    const copy = {
      kind: 'tx',
      hash: LEGACY.hash,
      route: 'push',
      judgedMs: 12,
      queuedMs: 1,
      bytes: 110,
    } as const
    node.timelines.sighting({ ...copy, from: 'rpc', receivedMs: 10, action: 'accept', reason: '' })
    node.timelines.sighting({ ...copy, from: 'p', receivedMs: 15, action: 'duplicate', reason: '' })
    node.timelines.fate('tx', LEGACY.hash, { kind: 'forwarded', to: 'p' }, 13)
    node.timelines.fate('tx', LEGACY.hash, { kind: 'included', block: TYPED.hash, number: 4n }, 20)
    expect(await caller.result('gossip_timeline', LEGACY.hash)).toEqual({
      kind: 'tx',
      hash: LEGACY.hash,
      firstSeen: { from: 'rpc', receivedMs: 10, bytes: 110 },
      verdict: 'accept',
      reason: '',
      queueMs: 1,
      validationMs: 2,
      duplicates: [{ from: 'p', delayMs: 5 }],
      forwardedTo: [{ to: 'p', atMs: 13 }],
      fates: [{ kind: 'included', block: TYPED.hash, number: 4, atMs: 20 }],
      counts: { duplicates: 1, forwarded: 1, fates: 1 },
    })
    expect(await caller.result('gossip_sightings')).toMatchObject({ cursor: 2, lost: 0 })
    expect(await caller.result('gossip_sightings', 1, 5)).toMatchObject({
      cursor: 2,
      sightings: [{ from: 'p', action: 'duplicate' }],
    })
  })

  test('shows the peers, with what they say of themselves where they were asked', async () => {
    const address = '/ip4/127.0.0.1/tcp/9001'
    const connection = { peer: 'peer-1', address, direction: 'inbound', score: 1.5 }
    const { context } = rpcNode()
    expect(await rpcCaller(context).result('gossip_peers')).toEqual([connection])
    const { genesis } = context.chain
    const status = {
      version: 2,
      genesis: genesis.hash,
      chainId: genesis.config.chainId,
      genesisRules: genesisRules(genesis),
      forkId: forkIdAt(genesis, genesis.header),
      head: TYPED.hash,
      headNumber: 16n,
      totalDifficulty: 32n,
      client: 'grapevine/test',
      receivedUs: 1,
      sentUs: 2,
      refusal: '',
    }
    const clock = { roundTripMs: 0.5, offsetMs: -0.1 }
    const clockSamples = [{ atMs: 10, offsetMs: -0.1, roundTripMs: 0.5 }]
    const peerStates = () => [{ peer: 'peer-1' as PeerId, status, clock, clockSamples }]
    expect(await rpcCaller({ ...context, peerStates }).result('gossip_peers')).toEqual([
      {
        ...connection,
        client: 'grapevine/test',
        head: TYPED.hash,
        headNumber: '0x10',
        totalDifficulty: '0x20',
        roundTripMs: 0.5,
        clockOffsetMs: -0.1,
      },
    ])
    const caller = rpcCaller({ ...context, peerStates })
    expect(await caller.result('gossip_clockSamples')).toEqual([
      { peer: 'peer-1', samples: [[10, -0.1, 0.5]] },
    ])
  })

  test('says which clock it reads and what that says', async () => {
    const { context } = rpcNode()
    expect(await rpcCaller(context).result('gossip_clock')).toEqual({
      peer: context.network.self,
      id: 'clock-1',
      nowMs: context.clock.monotonicMs(),
    })
    expect(await rpcCaller(context).result('gossip_clockSamples')).toEqual([])
  })

  test('says what it runs on, and what its signatures are recovered by', async () => {
    const { context } = rpcNode()
    const host = await rpcCaller(context).result('gossip_host')
    expect(host).toEqual({
      client: context.clientVersion,
      machine: machineReport(),
      loadPerCore: expect.any(Number),
      crypto: cryptoPaths(),
    })
  })

  test('shows the mesh, the scores, the counts and the settings', async () => {
    const caller = rpcCaller(rpcNode())
    expect(await caller.result('gossip_mesh')).toMatchObject([{ mesh: ['peer-1'] }])
    expect(await caller.result('gossip_scores')).toEqual([{ peer: 'peer-1', score: 1.5 }])
    expect(await caller.result('gossip_counts')).toEqual({ judged: 0 })
    expect(await caller.result('gossip_settings')).toEqual({ rpcPort: 0 })
  })

  test('says so where the node does not trace', async () => {
    const caller = rpcCaller(rpcNode({ context: { timelines: undefined } }))
    expect(await caller.error('gossip_timeline', UNKNOWN)).toMatchObject({
      data: { reason: 'not-traced' },
    })
  })
})
