import { describe, expect, test } from 'vitest'
import type { GenesisJson } from '../../src/chain/genesis/devnetGenesis.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { seededRandom } from '../../src/lib/random.ts'
import { Sealer } from '../../src/node/sealer.ts'
import { testChain, testSigners } from '../builders/chain.ts'
import { gossipNode } from '../builders/gossipNode.ts'
import { signedTransfer } from '../builders/tx.ts'

/** A node that seals, on a chain whose Clique configuration is this. */
function sealingNode(clique: object, signers = 1) {
  const file = (json: GenesisJson) => ({ ...json, config: { ...json.config, clique } })
  const node = gossipNode({ chain: testChain({ signers, file }) })
  const [signer] = testSigners(signers)
  if (signer === undefined) throw new Error('there is a signer')
  const sealer = new Sealer({
    ...node,
    random: seededRandom(1),
    log: silentLogger,
    privateKey: signer.privateKey,
  })
  sealer.start()
  const { hub, chain } = node
  return {
    ...node,
    sealer,
    submit: (nonce: bigint, from = 0) =>
      node.relay.submit('tx', signedTransfer({ nonce, from }).raw, 'rpc'),
    /** Lets time pass a second at a time. */
    pass: async (seconds: number) => {
      for (let passed = 0; passed < seconds; passed++) {
        hub.clock.advance(1_000)
        await hub.settle()
      }
    },
    sealed: () => Number(chain.head.header.number),
  }
}

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
