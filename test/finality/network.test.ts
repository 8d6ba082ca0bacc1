import { describe, expect, test } from 'vitest'
import { passSeconds, voterNetwork, voterNode } from '../builders/voters.ts'
import { syncHub, type SyncNode } from '../builders/syncNode.ts'

function heights({ node }: SyncNode) {
  const { justified, finalized } = node.chain.settled
  return {
    head: Number(node.chain.head.header.number),
    justified: Number(justified.number),
    finalized: Number(finalized.number),
  }
}

describe('a network of four signers', () => {
  test('finalizes checkpoint after checkpoint, the same on every node', async () => {
    const hub = syncHub()
    const nodes = await voterNetwork(hub, { signers: 4 })
    await passSeconds(hub, 20)
    const [first] = nodes.map(heights)
    expect(first?.finalized).toBeGreaterThanOrEqual(12)
    expect(first?.justified).toBe((first?.finalized ?? 0) + 4)
    for (const one of nodes) {
      expect(heights(one)).toEqual(first)
      expect(one.node.finality.evidence.count).toBe(0)
      one.node.chain.assertInvariants()
      one.node.stop()
    }
  })

  test('goes on finalizing with one signer off, and stops with two off while the chain cannot go on either', async () => {
    const hub = syncHub()
    const nodes = await voterNetwork(hub, { signers: 4 }, [0, 1, 2])
    await passSeconds(hub, 40)
    for (const one of nodes) expect(heights(one).finalized).toBeGreaterThanOrEqual(8)
    nodes[2]?.node.stop()
    const before = nodes.slice(0, 2).map(heights)
    await passSeconds(hub, 40)
    for (const [index, one] of nodes.slice(0, 2).entries()) {
      expect(heights(one).finalized).toBeLessThanOrEqual((before[index]?.justified ?? 0) + 4)
      one.node.stop()
    }
  })

  test('tells a newcomer what is final, though it saw no vote', async () => {
    const hub = syncHub()
    const nodes = await voterNetwork(hub, { signers: 4 })
    await passSeconds(hub, 20)
    const late = await voterNode(hub, 9, { signers: 4, name: 'late' })
    for (const { network } of nodes) hub.link(network, late.network)
    await hub.settle()
    for (const { node } of nodes) node.stop()
    await passSeconds(hub, 1)
    expect(late.node.chain.settled.finalized.number).toBeGreaterThanOrEqual(12n)
    late.node.stop()
  })
})
