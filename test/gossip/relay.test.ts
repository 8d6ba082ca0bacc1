import { describe, expect, test } from 'vitest'
import { silentLogger } from '../../src/lib/log.ts'
import type { Hash } from '../../src/crypto/keccak.ts'
import { makeBlock } from '../../src/block/block.ts'
import { extend, nextBlock, testChain } from '../builders/chain.ts'
import { gossipNode } from '../builders/gossipNode.ts'
import { MemoryHub } from '../builders/network.ts'
import { signedTransfer } from '../builders/tx.ts'
import { TX_CASES } from './txCases.ts'

const TRANSFERS = 100
const ACCOUNTS = 10

/** Transfers of ten accounts, each account's in nonce order. */
function transfers(count: number) {
  return Array.from({ length: count }, (_, at) =>
    signedTransfer({ from: at % ACCOUNTS, nonce: BigInt(Math.floor(at / ACCOUNTS)) }),
  )
}

function nodesInLine(count: number) {
  const hub = new MemoryHub({ latencyMs: 1 })
  return { hub, nodes: hub.line(count).map((network) => gossipNode({ hub, network })) }
}

describe('a line of five nodes', () => {
  test('carries 100 transactions to all, exactly once each', async () => {
    const { hub, nodes } = nodesInLine(5)
    const txs = transfers(TRANSFERS)
    for (const tx of txs) await nodes[0]?.relay.submit('tx', tx.raw, 'rpc')
    await hub.run(10)
    for (const node of nodes) {
      expect(node.mempool.pendingCount).toBe(TRANSFERS)
      expect(node.count('tx', 'accept')).toBe(TRANSFERS)
      expect(node.count('tx', 'duplicate')).toBe(0)
    }
  })

  test('carries a sealed block to all, who come to the same head', async () => {
    const { hub, nodes } = nodesInLine(5)
    const txs = transfers(20)
    for (const tx of txs) await nodes[2]?.relay.submit('tx', tx.raw, 'rpc')
    await hub.run(10)
    const { block } = nextBlock(testChain(), { txs })
    const { verdict } = (await nodes[4]?.relay.submit('block', block.raw, 'sealer')) ?? {}
    await hub.run(10)
    expect(verdict).toEqual({ action: 'accept' })
    expect(nodes.map((node) => node.chain.head.hash)).toEqual(nodes.map(() => block.hash))
    expect(nodes.map((node) => node.mempool.pendingCount)).toEqual(nodes.map(() => 0))
  })

  test('does not carry what the first node refuses', async () => {
    const { hub, nodes } = nodesInLine(5)
    await nodes[0]?.receive('tx', signedTransfer({ chainId: 1n }).raw)
    await hub.run(10)
    expect(nodes.map((node) => node.count('tx', 'reject', 'wrong-chain-id'))).toEqual([
      1, 0, 0, 0, 0,
    ])
  })
})

describe('a local submission', () => {
  test('meets the same judge as a message of a peer, for every reason of the table', async () => {
    for (const [reason, make] of Object.entries(TX_CASES)) {
      const { data, options = {}, prepare } = make()
      const node = gossipNode(options)
      await prepare?.(node)
      const { verdict, published } = await node.relay.submit('tx', data, 'rpc')
      expect(verdict).toMatchObject({ reason })
      expect(published).toBeUndefined()
    }
  })

  test('is published once it is accepted', async () => {
    const hub = new MemoryHub()
    const [first, second] = hub.line(2).map((network) => gossipNode({ hub, network }))
    const tx = signedTransfer()
    const submission = await first?.relay.submit('tx', tx.raw, 'rpc')
    expect(submission).toEqual({
      hash: tx.hash,
      verdict: { action: 'accept' },
      published: { recipients: ['1'], duplicate: false },
    })
    await hub.settle()
    expect(second?.mempool.has(tx.hash)).toBe(true)
    expect(first?.mempool.get(tx.hash)?.origin).toBe('local')
    expect(second?.mempool.get(tx.hash)?.origin).toBe('remote')
  })

  test('is accepted though the router fails to publish it', async () => {
    const node = gossipNode()
    node.network.publish = () => Promise.reject(new Error('no peers'))
    const { verdict, published } = await node.relay.submit('tx', signedTransfer().raw, 'rpc')
    expect(verdict).toEqual({ action: 'accept' })
    expect(published).toBeUndefined()
  })

  test('of a known transaction is told so', async () => {
    const node = gossipNode()
    await node.relay.submit('tx', signedTransfer().raw, 'rpc')
    const { verdict } = await node.relay.submit('tx', signedTransfer().raw, 'rpc')
    expect(verdict).toEqual({ action: 'ignore', reason: 'known' })
  })

  test('of what was refused for good is told the same reason again', async () => {
    const node = gossipNode()
    const { raw } = signedTransfer({ gasLimit: 20_999n })
    const first = await node.relay.submit('tx', raw, 'rpc')
    const second = await node.relay.submit('tx', raw, 'rpc')
    expect(second).toEqual(first)
    expect(second.verdict).toMatchObject({ action: 'reject', reason: 'gas-below-intrinsic' })
  })
})

describe('an item that answers a request', () => {
  test('is judged and kept, and published only where asked for', async () => {
    const hub = new MemoryHub()
    const [first, second] = hub.line(2).map((network) => gossipNode({ hub, network }))
    const [quiet, loud] = transfers(2)
    if (quiet === undefined || loud === undefined) throw new Error('two transfers')
    await first?.relay.judgeFetched('tx', quiet.raw, 'peer')
    await first?.relay.judgeFetched('tx', loud.raw, 'peer', { publish: true })
    await hub.settle()
    expect([quiet, loud].map(({ hash }) => first?.mempool.has(hash))).toEqual([true, true])
    expect([quiet, loud].map(({ hash }) => second?.mempool.has(hash))).toEqual([false, true])
  })

  test('may be a block below the window or a third one of its signer, which gossip may not bring', async () => {
    const node = gossipNode()
    const rivals = [0, 1, 2].map((lateS) => nextBlock(testChain(), { lateS }).block)
    for (const { raw } of rivals) await node.receive('block', raw)
    expect(node.count('block', 'ignore', 'third-block')).toBe(1)
    const third = rivals[2]?.raw ?? new Uint8Array()
    const { verdict } = await node.relay.judgeFetched('block', third, 'peer')
    expect(verdict).toEqual({ action: 'accept' })
  })
})

describe('a refusal', () => {
  test('of a mutated body does not shadow the honest block of the same hash', async () => {
    const node = gossipNode()
    const { block } = nextBlock(testChain(), { txs: [signedTransfer()] })
    const mutated = makeBlock(block.header, [])
    expect(mutated.hash).toBe(block.hash)
    await node.receive('block', mutated.raw)
    await node.receive('block', block.raw)
    await node.hub.settle()
    expect(node.count('block', 'reject', 'transactions-root-mismatch')).toBe(1)
    expect(node.chain.head.hash).toBe(block.hash)
  })

  test('of a malleated twin does not shadow the original transaction', async () => {
    const node = gossipNode()
    const twin = TX_CASES['signature-high-s']?.().data ?? new Uint8Array()
    await node.receive('tx', twin)
    await node.receive('tx', signedTransfer().raw)
    expect(node.mempool.has(signedTransfer().hash)).toBe(true)
  })

  test('of an unauthorised block costs no decoding of its body', async () => {
    const { data } = (await import('./blockCases.ts')).BLOCK_CASES['unauthorized-signer']?.() ?? {}
    if (data === undefined) throw new Error('no case')
    const node = gossipNode()
    await node.receive('block', data.with(data.length - 2, 0xff))
    expect(node.count('block', 'reject', 'unauthorized-signer')).toBe(1)
  })
})

describe('a fault of the node itself', () => {
  test('is ignored without penalty, counted, and logged as an error', async () => {
    const errors: string[] = []
    const log = { ...silentLogger, error: (message: string) => errors.push(message) }
    const isSyncing = () => {
      throw new Error('a fault of this node')
    }
    const node = gossipNode({ log, isSyncing })
    await node.receive('tx', signedTransfer().raw)
    expect(node.count('tx', 'ignore', 'internal-error')).toBe(1)
    expect(errors).toEqual(['the judge failed on a message'])
  })
})

describe('the import of accepted blocks', () => {
  test('comes after the router was answered, in the order of acceptance', async () => {
    const node = gossipNode()
    const source = testChain()
    const blocks = [extend(source), extend(source), extend(source)]
    const imported: Hash[] = []
    node.imports.imported.on(({ block }) => imported.push(block.hash))
    const first = blocks[0]
    if (first === undefined) throw new Error('no block')
    await node.receive('block', first.raw)
    expect(node.count('block', 'accept')).toBe(1)
    expect(node.chain.has(first.hash)).toBe(false)
    for (const { raw } of blocks.slice(1)) void node.receive('block', raw)
    await node.hub.settle()
    expect(imported).toEqual(blocks.map(({ hash }) => hash))
    expect(node.chain.head.hash).toBe(blocks.at(-1)?.hash)
    expect(node.hold.kept).toEqual([])
  })
})

describe('the trace', () => {
  test('shows a transaction from its submission to its block, at every node', async () => {
    const { hub, nodes } = nodesInLine(3)
    const tx = signedTransfer()
    await nodes[0]?.relay.submit('tx', tx.raw, 'rpc')
    await hub.run(5)
    const { block } = nextBlock(testChain(), { txs: [tx] })
    await nodes[2]?.relay.submit('block', block.raw, 'sealer')
    await hub.run(5)
    const timeline = nodes[1]?.trace.timeline(tx.hash)
    expect(timeline).toMatchObject({
      kind: 'tx',
      firstSeen: { from: '0', bytes: tx.raw.length },
      verdict: 'accept',
      forwardedTo: [{ to: '2' }],
      fates: [{ kind: 'pending' }, { kind: 'included', block: block.hash, number: 1 }],
    })
    expect(nodes[1]?.trace.timeline(block.hash)).toMatchObject({
      kind: 'block',
      firstSeen: { from: '2' },
      verdict: 'accept',
      forwardedTo: [{ to: '0' }],
      fates: [{ kind: 'became-head' }, { kind: 'imported' }],
    })
  })

  test('tells by which route each copy came, and its bytes by what became of it', async () => {
    const hub = new MemoryHub()
    const [node, peer] = hub.line(2).map((network) => gossipNode({ hub, network }))
    if (node === undefined || peer === undefined) throw new Error('two nodes were made')
    const [own, pushed, fetched] = transfers(3)
    if (own === undefined || pushed === undefined || fetched === undefined)
      throw new Error('three transfers were made')
    await node.relay.submit('tx', own.raw, 'rpc')
    await node.relay.judgeFetched('tx', fetched.raw, 'peer-b')
    await node.receive('tx', pushed.raw, 'peer-a')
    await node.receive('tx', pushed.raw, 'peer-b')
    await node.receive('tx', fetched.raw, 'peer-a')
    await node.receive('tx', signedTransfer({ chainId: 1n }).raw, 'peer-a')
    const sightings = node.trace.sightings(0, 10).sightings
    expect(sightings.map(({ route, action }) => [route, action])).toEqual([
      ['local', 'accept'],
      ['request', 'accept'],
      ['push', 'accept'],
      ['push', 'duplicate'],
      ['push', 'duplicate'],
      ['push', 'reject'],
    ])
    expect(node.relay.copyBytes()).toEqual({
      firstBytes: pushed.raw.length,
      duplicateBytes: pushed.raw.length + fetched.raw.length,
      refusedBytes: signedTransfer({ chainId: 1n }).raw.length,
      openBytes: 0,
      requestedBytes: fetched.raw.length,
    })
  })

  test('counts a transaction as come with the block that overtook it, and its own copy as a duplicate', async () => {
    const node = gossipNode()
    const [pooled, overtaken] = transfers(2)
    if (pooled === undefined || overtaken === undefined) throw new Error('two transfers were made')
    await node.relay.submit('tx', pooled.raw, 'rpc')
    const { block } = nextBlock(testChain(), { txs: [pooled, overtaken] })
    await node.receive('block', block.raw, 'peer-a')
    await node.hub.run(5)
    await node.receive('tx', overtaken.raw, 'peer-b')
    const of = node.trace.sightings(0, 10).sightings.filter(({ hash }) => hash === overtaken.hash)
    expect(of.map(({ from, route, action, bytes }) => ({ from, route, action, bytes }))).toEqual([
      { from: 'peer-a', route: 'block', action: 'accept', bytes: overtaken.raw.length },
      { from: 'peer-b', route: 'push', action: 'duplicate', bytes: overtaken.raw.length },
    ])
    expect(node.count('tx', 'accept')).toBe(1)
  })

  test('counts the bytes of a held copy as open until it is judged again', async () => {
    const node = gossipNode()
    const { clock } = node.hub
    const nowS = Math.floor(clock.wallMs() / 1000)
    const { block } = nextBlock(testChain(), { lateS: nowS + 3 })
    void node.receive('block', block.raw, 'peer-a')
    await node.hub.settle()
    expect(node.relay.copyBytes()).toMatchObject({ firstBytes: 0, openBytes: block.raw.length })
    clock.advance(4_000)
    await node.hub.settle()
    expect(node.relay.copyBytes()).toMatchObject({ firstBytes: block.raw.length, openBytes: 0 })
  })

  test('finds the block of a duplicate, which the router knows by the digest alone', async () => {
    const node = gossipNode()
    const { block } = nextBlock(testChain())
    const first = node.receive('block', block.raw, 'peer-a')
    await node.receive('block', block.raw, 'peer-b')
    await first
    expect(node.trace.timeline(block.hash)).toMatchObject({
      firstSeen: { from: 'peer-a' },
      duplicates: [{ from: 'peer-b', delayMs: 0 }],
    })
    expect(node.trace.size).toBe(1)
  })

  test('tells which transaction took the place of another', async () => {
    const node = gossipNode()
    const cheap = signedTransfer()
    const dear = signedTransfer({
      maxFeePerGas: 4n * cheap.maxFeePerGas,
      maxPriorityFeePerGas: 4n * cheap.maxPriorityFeePerGas,
    })
    await node.receive('tx', cheap.raw)
    await node.receive('tx', dear.raw)
    expect(node.trace.timeline(cheap.hash)?.fates).toMatchObject([
      { kind: 'pending' },
      { kind: 'replaced', by: dear.hash },
    ])
  })

  test('counts how long judging took, duplicates left out', async () => {
    const node = gossipNode()
    await node.receive('tx', signedTransfer().raw)
    await node.receive('tx', signedTransfer().raw)
    const latency = node.relay.latencies().find(({ topic }) => topic === 'tx')
    expect(latency?.judgeMs.count).toBe(1)
    expect(latency?.judgeMs.counts.reduce((sum, count) => sum + count)).toBe(1)
  })
})

test('a stopped relay ignores every message', async () => {
  const node = gossipNode()
  node.relay.stop()
  await node.receive('tx', signedTransfer().raw)
  expect(node.mempool.pendingCount).toBe(0)
  expect(node.relay.counts()).toEqual([])
})

describe('nodes that take their time to judge', () => {
  test('delay what peers send and not what is their own, many at once', async () => {
    const hub = new MemoryHub({ latencyMs: 1 })
    const nodes = hub.line(3).map((network) => gossipNode({ hub, network, validationDelayMs: 50 }))
    for (const tx of transfers(20)) await nodes[0]?.relay.submit('tx', tx.raw, 'rpc')
    const pending = (): unknown => nodes.map(({ mempool }) => mempool.pendingCount)
    expect(pending()).toEqual([20, 0, 0])
    await hub.run(40)
    expect(pending()).toEqual([20, 0, 0])
    await hub.run(20)
    expect(pending()).toEqual([20, 20, 0])
    await hub.run(60)
    expect(pending()).toEqual([20, 20, 20])
  })

  test('judge nothing any more when they have stopped meanwhile', async () => {
    const node = gossipNode({ validationDelayMs: 50 })
    const [tx] = transfers(1)
    const received = node.receive('tx', tx?.raw ?? new Uint8Array())
    node.relay.stop()
    node.clock.advance(50)
    await received
    expect(node.mempool.pendingCount).toBe(0)
    expect(node.count('tx', 'accept')).toBe(0)
  })
})
