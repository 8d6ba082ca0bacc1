import { describe, expect, test } from 'vitest'
import { sealingNode } from '../builders/sealingNode.ts'
import { signedTransfer } from '../builders/tx.ts'

describe('a signer', () => {
  test.each([{}, { epoch: 30_000 }, { period: 0, epoch: 30_000 }])(
    'without a period (%j) seals when there are transactions, at once, and no empty blocks',
    async (clique) => {
      const node = sealingNode(clique)
      await node.pass(30)
      expect(node.sealed()).toBe(0)
      await node.submit(0n)
      await node.hub.settle()
      expect(node.sealed()).toBe(1)
      expect(node.chain.head.transactions).toHaveLength(1)
      await node.pass(30)
      expect(node.sealed()).toBe(1)
      for (const nonce of [1n, 2n, 3n]) await node.submit(nonce)
      await node.pass(5)
      expect(node.mempool.pendingCount).toBe(0)
      expect(node.chain.location(signedTransfer({ nonce: 3n }).hash)).toBeDefined()
      node.sealer.stop()
    },
  )

  test('without a period waits with what is behind a gap', async () => {
    const node = sealingNode({ period: 0, epoch: 30_000 })
    await node.submit(1n)
    await node.pass(30)
    expect(node.sealed()).toBe(0)
    await node.submit(0n)
    await node.hub.settle()
    expect(node.chain.head.transactions).toHaveLength(2)
    node.sealer.stop()
  })

  test('with a period seals a block in each, with transactions or without', async () => {
    const node = sealingNode({ period: 2, epoch: 30_000 })
    node.hub.clock.advance(0)
    await node.pass(10)
    const { number, timestamp } = node.chain.head.header
    expect(Number(number)).toBeGreaterThanOrEqual(5)
    await node.pass(10)
    const { header } = node.chain.head
    expect(header.timestamp - timestamp).toBe(2n * (header.number - number))
    node.sealer.stop()
  })

  test('that was stopped seals no more', async () => {
    const node = sealingNode({ period: 0, epoch: 30_000 })
    node.sealer.stop()
    await node.submit(0n)
    await node.pass(5)
    expect(node.sealed()).toBe(0)
  })
})
