import { describe, expect, test } from 'vitest'
import type { Block } from '../../src/block/block.ts'
import type { Hash } from '../../src/crypto/keccak.ts'
import { FutureBlockHold, type BlockHold } from '../../src/gossip/hold/hold.ts'
import { FORWARD_WINDOW_MS, MAX_FUTURE_BLOCKS, MAX_HOLDS } from '../../src/gossip/limits.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import type { Tx } from '../../src/tx/tx.ts'
import { extend, nextBlock, resealed, testChain, testSigners } from '../builders/chain.ts'
import { gossipNode } from '../builders/gossipNode.ts'
import { MemoryHub } from '../builders/network.ts'
import { signedTransfer } from '../builders/tx.ts'

/** The node under test between a peer that sends and one that listens. */
function nodeWithListener() {
  const hub = new MemoryHub()
  const [network, other] = hub.line(2)
  if (network === undefined || other === undefined) throw new Error('two nodes')
  return { hub, node: gossipNode({ hub, network }), listener: gossipNode({ hub, network: other }) }
}

function twoBlocks(): readonly [Block, Block] {
  const source = testChain()
  return [extend(source), extend(source)]
}

/** Transactions of one account by nonce. */
const byNonce = (...nonces: readonly number[]): readonly Tx[] =>
  nonces.map((nonce) => signedTransfer({ nonce: BigInt(nonce) }))

describe('a block without its parent', () => {
  test('is forwarded when the parent has come within the window, and not before', async () => {
    const { hub, node, listener } = nodeWithListener()
    const [parent, child] = twoBlocks()
    void node.receive('block', child.raw)
    await hub.settle()
    expect(node.hold.kept).toMatchObject([{ block: child, reason: 'unknown-parent' }])
    expect(listener.count('block', 'hold', 'unknown-parent')).toBe(0)
    await node.relay.judgeFetched('block', parent.raw, 'peer')
    await listener.relay.judgeFetched('block', parent.raw, 'peer')
    await hub.settle()
    expect(node.chain.head.hash).toBe(parent.hash)
    hub.clock.advance(FORWARD_WINDOW_MS - 1)
    node.hold.release(child.hash)
    await hub.settle()
    expect(node.chain.head.hash).toBe(child.hash)
    expect(listener.chain.head.hash).toBe(child.hash)
    expect(node.trace.timeline(child.hash)).toMatchObject({
      verdict: 'accept',
      forwardedTo: [{ to: '1' }],
      counts: { duplicates: 0 },
    })
  })

  test('is imported but not forwarded when the parent comes after the window', async () => {
    const { hub, node, listener } = nodeWithListener()
    const [parent, child] = twoBlocks()
    const answered = node.receive('block', child.raw)
    await hub.settle()
    hub.clock.advance(FORWARD_WINDOW_MS)
    await answered
    await node.relay.judgeFetched('block', parent.raw, 'peer')
    node.hold.release(child.hash)
    await hub.settle()
    expect(node.chain.head.hash).toBe(child.hash)
    expect(listener.count('block', 'accept')).toBe(0)
    expect(node.trace.timeline(child.hash)?.forwardedTo).toEqual([])
  })

  test('is dropped when its parent will not come, which the trace tells', async () => {
    const { hub, node, listener } = nodeWithListener()
    const [, child] = twoBlocks()
    const answered = node.receive('block', child.raw)
    await hub.settle()
    node.hold.release(child.hash, 'gone')
    await answered
    expect(listener.relay.counts()).toEqual([])
    expect(node.trace.timeline(child.hash)).toMatchObject({
      verdict: 'hold',
      reason: 'unknown-parent',
      fates: [{ kind: 'dropped', reason: 'unknown-parent' }],
    })
    expect(node.relay.copyBytes()).toMatchObject({ refusedBytes: child.raw.length, openBytes: 0 })
  })

  test('is refused when it turns out to be wrong beside its parent', async () => {
    const { hub, node, listener } = nodeWithListener()
    const [parent, child] = twoBlocks()
    const [signer] = testSigners(1)
    if (signer === undefined) throw new Error('one signer')
    const wrong = resealed(child, signer, { baseFeePerGas: 7n })
    const answered = node.receive('block', wrong.raw)
    await hub.settle()
    await node.relay.judgeFetched('block', parent.raw, 'peer')
    await hub.settle()
    node.hold.release(wrong.hash)
    await answered
    expect(node.count('block', 'reject', 'wrong-base-fee')).toBe(1)
    expect(node.chain.head.hash).toBe(parent.hash)
    expect(listener.relay.counts()).toEqual([])
  })

  test('is held again when it is released too soon, but not for ever', async () => {
    const { hub, node } = nodeWithListener()
    const [, child] = twoBlocks()
    const answered = node.receive('block', child.raw)
    for (let holds = 0; holds < MAX_HOLDS; holds++) {
      await hub.settle()
      node.hold.release(child.hash)
    }
    await answered
    expect(node.hold.kept).toHaveLength(MAX_HOLDS)
    expect(node.trace.timeline(child.hash)?.fates).toMatchObject([{ kind: 'dropped' }])
    expect(node.relay.copyBytes()).toMatchObject({ refusedBytes: child.raw.length, openBytes: 0 })
  })

  test('waits for a parent that is accepted and not yet executed, and asks nobody', async () => {
    const { hub, node } = nodeWithListener()
    const [parent, child] = twoBlocks()
    void node.receive('block', parent.raw)
    void node.receive('block', child.raw)
    await hub.settle()
    expect(node.hold.kept).toEqual([])
    expect(node.chain.head.hash).toBe(child.hash)
  })
})

describe('a block before its time', () => {
  const EARLY_MS = 4_000

  test('is forwarded and imported when its time has come, and not before', async () => {
    const hub = new MemoryHub()
    const [network, other] = hub.line(2)
    if (network === undefined || other === undefined) throw new Error('two nodes')
    const source = testChain()
    const nowS = Math.floor(hub.clock.wallMs() / 1000)
    const node = gossipNode({ hub, network })
    const listener = gossipNode({ hub, network: other })
    const { block } = nextBlock(source, { lateS: nowS + EARLY_MS / 1000 - 1 })
    void node.receive('block', block.raw)
    await hub.settle()
    hub.clock.advance(EARLY_MS - 1)
    await hub.settle()
    expect(node.count('block', 'hold', 'future-block')).toBe(1)
    expect(node.chain.has(block.hash)).toBe(false)
    expect(listener.relay.counts()).toEqual([])
    hub.clock.advance(1)
    await hub.settle()
    expect(node.chain.head.hash).toBe(block.hash)
    expect(listener.chain.head.hash).toBe(block.hash)
    expect(node.hold.kept).toEqual([])
  })

  test('waits among a bounded number of others', async () => {
    const clock = new ManualClock()
    const inner: BlockHold = { keep: () => Promise.resolve('gone') }
    const hold = new FutureBlockHold(inner, clock)
    const block = nextBlock(testChain()).block
    const outcomes = Array.from({ length: MAX_FUTURE_BLOCKS + 1 }, () =>
      hold.keep(block, 'future-block', 'peer', 10),
    )
    clock.advance(10)
    const all = await Promise.all(outcomes)
    expect(all.filter((outcome) => outcome === 'ready')).toHaveLength(MAX_FUTURE_BLOCKS)
    expect(all.at(-1)).toBe('gone')
  })

  test('is given up when the node stops', async () => {
    const hold = new FutureBlockHold({ keep: () => Promise.resolve('ready') }, new ManualClock())
    const outcome = hold.keep(nextBlock(testChain()).block, 'future-block', 'peer', 10)
    hold.close()
    await expect(outcome).resolves.toBe('gone')
  })
})

describe('a transaction far behind a nonce gap', () => {
  test('is forwarded when the gap is small enough within the window, and not before', async () => {
    const { hub, node, listener } = nodeWithListener()
    const [first, second, far] = byNonce(0, 1, 18)
    if (first === undefined || second === undefined || far === undefined) throw new Error('three')
    void node.receive('tx', far.raw)
    await node.receive('tx', first.raw)
    await hub.settle()
    expect(node.mempool.get(far.hash)?.place).toBe('parked')
    expect(listener.mempool.has(far.hash)).toBe(false)
    await node.receive('tx', second.raw)
    await hub.settle()
    expect(node.mempool.get(far.hash)?.place).toBe('queued')
    expect(listener.mempool.has(far.hash)).toBe(true)
    expect(node.trace.timeline(far.hash)).toMatchObject({ verdict: 'accept', reason: '' })
  })

  test('is released to another route after the window, since the router carries it no more', async () => {
    const { hub, node, listener } = nodeWithListener()
    const released: Hash[] = []
    node.relay.released.on((hashes) => released.push(...hashes))
    const [first, far] = byNonce(0, 17)
    if (first === undefined || far === undefined) throw new Error('two')
    void node.receive('tx', far.raw)
    await hub.settle()
    hub.clock.advance(FORWARD_WINDOW_MS)
    await hub.settle()
    expect(released).toEqual([])
    await node.receive('tx', first.raw)
    await hub.settle()
    expect(released).toEqual([far.hash])
    expect(listener.mempool.has(far.hash)).toBe(false)
    expect(node.mempool.has(far.hash)).toBe(true)
  })

  test('that was submitted here is published then, however late', async () => {
    const { hub, node, listener } = nodeWithListener()
    const [first, far] = byNonce(0, 17)
    if (first === undefined || far === undefined) throw new Error('two')
    const { verdict } = await node.relay.submit('tx', far.raw, 'rpc')
    expect(verdict).toMatchObject({ action: 'hold', reason: 'nonce-gap' })
    hub.clock.advance(60_000)
    await hub.settle()
    expect(listener.mempool.has(far.hash)).toBe(false)
    await node.relay.submit('tx', first.raw, 'rpc')
    await hub.settle()
    expect(listener.mempool.has(far.hash)).toBe(true)
  })

  test('that leaves the pool is neither forwarded nor released', async () => {
    const { hub, node, listener } = nodeWithListener()
    const released: Hash[] = []
    node.relay.released.on((hashes) => released.push(...hashes))
    const [far] = byNonce(17)
    if (far === undefined) throw new Error('one')
    const answered = node.receive('tx', far.raw)
    await hub.settle()
    node.mempool.expire(hub.clock.monotonicMs() + node.mempool.limits.lifeMs)
    await answered
    expect(released).toEqual([])
    expect(listener.relay.counts()).toEqual([])
    expect(node.relay.copyBytes()).toMatchObject({ refusedBytes: far.raw.length, openBytes: 0 })
  })

  test('whose gap the blocks fill and which comes in one itself has its verdict with that', async () => {
    const { hub, node, listener } = nodeWithListener()
    const nonces = Array.from({ length: 18 }, (_, nonce) => nonce)
    const all = byNonce(...nonces)
    const far = all.at(-1)
    if (far === undefined) throw new Error('18 transactions were made')
    void node.receive('tx', far.raw)
    await hub.settle()
    expect(node.relay.copyBytes()).toMatchObject({ openBytes: far.raw.length })
    const { block } = nextBlock(testChain(), { txs: all })
    await node.relay.judgeFetched('block', block.raw, 'peer')
    await hub.settle()
    expect(node.chain.head.hash).toBe(block.hash)
    expect(node.mempool.has(far.hash)).toBe(false)
    expect(listener.relay.counts()).toEqual([])
    expect(node.relay.copyBytes()).toMatchObject({ refusedBytes: far.raw.length, openBytes: 0 })
  })
})

test('a relay that stops answers everything it held, and forwards none of it', async () => {
  const { hub, node, listener } = nodeWithListener()
  const [, child] = twoBlocks()
  const [far] = byNonce(17)
  const answers = [node.receive('block', child.raw), node.receive('tx', far?.raw ?? child.raw)]
  await hub.settle()
  node.relay.stop()
  await Promise.all(answers)
  await hub.settle()
  expect(listener.relay.counts()).toEqual([])
})
