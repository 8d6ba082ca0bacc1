import { describe, expect, test } from 'vitest'
import type { Chain } from '../../src/chain/chain.ts'
import type { PeerId } from '../../src/gossip/network.ts'
import { bytesToHex } from '../../src/lib/bytes.ts'
import type { ItemKind } from '../../src/item/itemKinds.ts'
import { finalityFeed } from '../../src/rpc/methods/finality.ts'
import { methodTable } from '../../src/rpc/methodTable.ts'
import { extend } from '../builders/chain.ts'
import { rpcCaller, rpcNode, type RpcNode } from '../builders/rpc.ts'
import { signedTransfer, testAccount } from '../builders/tx.ts'
import { linkOf, noBlock, voteOf } from '../builders/votes.ts'

/** Head 13, justified 8, final 4: each of the three has another block and another balance. */
function settledNode(): RpcNode {
  const node = rpcNode({ chain: { signers: 4 } })
  for (let number = 0n; number < 13n; number++)
    extend(node.chain, { txs: [signedTransfer({ nonce: number })] })
  const { chain, clock, finality } = node
  for (const [source, target] of [
    [0, 4],
    [4, 8],
  ] as const) {
    for (const index of [0, 1, 3]) finality.add(voteOf(chain, index, linkOf(chain, source, target)))
    clock.advance(1)
  }
  return node
}

const NUMBERS = { safe: '0x8', finalized: '0x4' } as const
const SLOT = '0x0'
const SENDER = testAccount().address

/** By method: its parameters with the block in its place. */
const WITH_BLOCK: Readonly<Record<string, (block: string) => readonly unknown[]>> = {
  eth_getBlockByNumber: (block) => [block, false],
  eth_getBlockTransactionCountByNumber: (block) => [block],
  eth_getUncleCountByBlockNumber: (block) => [block],
  eth_getUncleByBlockNumberAndIndex: (block) => [block, '0x0'],
  eth_getTransactionByBlockNumberAndIndex: (block) => [block, '0x0'],
  eth_getRawTransactionByBlockNumberAndIndex: (block) => [block, '0x0'],
  eth_getHeaderByNumber: (block) => [block],
  eth_getBlockReceipts: (block) => [block],
  eth_getBalance: (block) => [SENDER, block],
  eth_getTransactionCount: (block) => [SENDER, block],
  eth_getCode: (block) => [SENDER, block],
  eth_getStorageAt: (block) => [SENDER, SLOT, block],
  eth_call: (block) => [{ from: SENDER, to: SENDER }, block],
  eth_estimateGas: (block) => [{ from: SENDER, to: SENDER }, block],
  eth_createAccessList: (block) => [{ from: SENDER, to: SENDER }, block],
  eth_getProof: (block) => [SENDER, [], block],
  eth_feeHistory: (block) => ['0x2', block, [50]],
  eth_simulateV1: (block) => [{ blockStateCalls: [{}] }, block],
  eth_getLogs: (block) => [{ fromBlock: block, toBlock: block }],
  clique_getSnapshot: (block) => [block],
  clique_getSigners: (block) => [block],
  clique_getSigner: (block) => [block],
  debug_getRawBlock: (block) => [block],
  debug_getRawHeader: (block) => [block],
  debug_getRawReceipts: (block) => [block],
}

describe('safe and finalized', () => {
  test('stand for the same block in every method that takes a tag', async () => {
    const caller = rpcCaller(settledNode())
    const taking = methodTable()
      .filter(({ params }) => params.some(({ type }) => type.startsWith('block number')))
      .map(({ name }) => name)
    expect(taking.filter((name) => !(name in WITH_BLOCK))).toEqual([])
    for (const name of [...taking, 'eth_getLogs'])
      for (const [tag, number] of Object.entries(NUMBERS)) {
        const params = WITH_BLOCK[name]
        const [byTag, byNumber] = [
          await caller.ask(name, params?.(tag)),
          await caller.ask(name, params?.(number)),
        ]
        expect({ name, tag, ...byTag, id: 0 }).toEqual({ name, tag, ...byNumber, id: 0 })
      }
  })

  test('are the block two thirds justified and the one they finalized, with the accounts of that time', async () => {
    const caller = rpcCaller(settledNode())
    for (const [tag, number] of Object.entries(NUMBERS)) {
      expect(await caller.result('eth_getBlockByNumber', tag, false)).toMatchObject({ number })
      expect(await caller.result('eth_getTransactionCount', SENDER, tag)).toBe(number)
      expect(await caller.result('eth_feeHistory', '0x1', tag)).toMatchObject({
        oldestBlock: number,
      })
    }
  })

  test('are the head on a chain that has no signers', async () => {
    const node = rpcNode({
      chain: {
        ledger: 'none',
        file: (json) => ({ ...json, config: { ...json.config, clique: undefined } }),
      },
    })
    const caller = rpcCaller(node)
    const latest = await caller.result('eth_getBlockByNumber', 'latest', false)
    for (const tag of Object.keys(NUMBERS))
      expect(await caller.result('eth_getBlockByNumber', tag, false)).toEqual(latest)
  })
})

describe('gossip_finality and gossip_evidence', () => {
  test('say what is settled, who voted for what, and how long it took', async () => {
    const node = settledNode()
    expect(await rpcCaller(node).result('gossip_finality')).toMatchObject({
      interval: 4,
      signers: 4,
      quorum: 3,
      justified: { number: '0x8', hash: hashAt(node.chain, 8) },
      finalized: { number: '0x4', hash: hashAt(node.chain, 4) },
      votesSeen: 6,
      evidence: 0,
      conflict: null,
      links: [
        { source: { number: '0x4' }, target: { number: '0x8' } },
        { source: { number: '0x0' }, target: { number: '0x4' } },
      ],
      voter: null,
    })
  })

  test('give the two votes of a contradiction as they travel', async () => {
    const node = settledNode()
    const caller = rpcCaller(node)
    expect(await caller.result('gossip_evidence')).toEqual([])
    const second = voteOf(node.chain, 0, {
      ...linkOf(node.chain, 4, 8),
      target: { number: 8n, hash: noBlock() },
    })
    node.finality.add(second)
    const first = voteOf(node.chain, 0, linkOf(node.chain, 4, 8))
    expect(await caller.result('gossip_evidence')).toMatchObject([
      {
        kind: 'double-vote',
        signer: second.signer,
        first: { raw: bytesToHex(first.raw) },
        second: { target: { hash: noBlock() }, raw: bytesToHex(second.raw) },
      },
    ])
    expect(await caller.result('gossip_finality')).toMatchObject({ evidence: 1 })
  })
})

test('a subscriber to finality is told of each step and of each proof, and of nothing after the end', () => {
  const node = rpcNode({ chain: { signers: 4 } })
  for (let number = 0; number < 9; number++) extend(node.chain)
  const { chain, clock, finality } = node
  const told: unknown[] = []
  const end = finalityFeed(node.context)((result) => told.push(result))
  const voteFor = (source: number, target: number): void => {
    for (const index of [0, 1, 3]) finality.add(voteOf(chain, index, linkOf(chain, source, target)))
    clock.advance(1)
  }
  voteFor(0, 4)
  expect(told).toMatchObject([{ justified: { number: '0x4' }, finalized: { number: '0x0' } }])
  const second = { ...linkOf(chain, 0, 4), target: { number: 4n, hash: noBlock() } }
  finality.add(voteOf(chain, 0, second))
  expect(told[1]).toMatchObject({ evidence: [{ kind: 'double-vote' }] })
  end()
  voteFor(4, 8)
  expect(told).toHaveLength(2)
})

describe('gossip_story', () => {
  const tx = signedTransfer()
  const block = noBlock(7)

  function told(node: RpcNode, from: string, atMs: number, kind: ItemKind = 'tx'): void {
    node.timelines.sighting({
      kind,
      hash: kind === 'tx' ? tx.hash : block,
      from,
      route: 'push',
      bytes: 100,
      receivedMs: atMs,
      judgedMs: atMs + 1,
      queuedMs: 0,
      action: 'accept',
      reason: '',
    })
  }

  /** Beside this node these members are live, all of them peers. */
  function networked(names: readonly string[] = ['a', 'b', 'c', 'd']): RpcNode {
    const node = rpcNode()
    const peers = names.map((id) => ({
      id: id as PeerId,
      address: '',
      direction: 'outbound' as const,
    }))
    const network = { ...node.context.network, peers: () => peers }
    return { ...node, context: { ...node.context, network } }
  }

  test('is null for what nobody told of', async () => {
    expect(await rpcCaller(networked()).result('gossip_story', tx.hash)).toBeNull()
  })

  test('names each member that told of it once, by its first copy, and their share of the membership', async () => {
    const node = networked()
    told(node, 'b', 1_000)
    told(node, 'a', 1_004)
    told(node, 'b', 1_009)
    told(node, 'stranger', 1_010)
    expect(await rpcCaller(node).result('gossip_story', tx.hash)).toEqual({
      kind: 'tx',
      hash: tx.hash,
      firstMs: 1_000,
      senders: [
        { from: 'b', delayMs: 0 },
        { from: 'a', delayMs: 4 },
        { from: 'stranger', delayMs: 10 },
      ],
      sent: 2,
      members: 4,
      share: 0.5,
    })
  })

  test('is told of a block, too', async () => {
    const node = networked()
    told(node, 'd', 1_000, 'block')
    expect(await rpcCaller(node).result('gossip_story', block)).toMatchObject({
      kind: 'block',
      sent: 1,
      share: 0.25,
    })
  })

  test('has no share where there is no other member', async () => {
    const node = networked([])
    told(node, 'rpc', 1_000)
    expect(await rpcCaller(node).result('gossip_story', tx.hash)).toMatchObject({
      sent: 0,
      members: 0,
      share: null,
    })
  })

  test('needs a trace, and says so', async () => {
    const node = rpcNode({ context: { timelines: undefined } })
    expect(await rpcCaller(node).error('gossip_story', tx.hash)).toMatchObject({
      message: 'this node does not trace: start it with --trace',
      data: { reason: 'not-traced' },
    })
  })
})

function hashAt(chain: Chain, number: number): string {
  return chain.blockByNumber(BigInt(number))?.hash ?? ''
}
