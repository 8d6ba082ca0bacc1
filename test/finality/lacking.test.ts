/**
 * A node that lacks what the others have of finality gets it: blocks that were voted for, votes,
 * proofs.
 */
import { beforeEach, describe, expect, test } from 'vitest'
import type { Block } from '../../src/block/block.ts'
import type { Chain } from '../../src/chain/chain.ts'
import type { FinalityKeeper } from '../../src/finality/finalityFile.ts'
import type { PeerId } from '../../src/gossip/network.ts'
import { extend, testChain, testGenesis } from '../builders/chain.ts'
import type { MemoryHub } from '../builders/network.ts'
import { syncHub, syncNode, type SyncNode, type SyncNodeOptions } from '../builders/syncNode.ts'
import { passSeconds } from '../builders/voters.ts'
import { linkOf, noBlock, voteOf } from '../builders/votes.ts'

const STRANGER = 'stranger' as PeerId

interface Branch {
  readonly chain: Chain
  readonly blocks: readonly Block[]
}

/** Blocks of four signers, each `lateS` later than the first could be. */
function branch(count: number, lateS = 0): Branch {
  const chain = testChain({ signers: 4 })
  return { chain, blocks: Array.from({ length: count }, () => extend(chain, { lateS })) }
}

let hub: MemoryHub
beforeEach(() => {
  hub = syncHub()
})

function start(options: SyncNodeOptions = {}): Promise<SyncNode> {
  return syncNode(hub, { genesis: testGenesis({ signers: 4 }), ...options })
}

describe('a block that more than two thirds voted for', () => {
  test.each([
    ['a short branch', 5, 8, 3],
    ['a branch longer than blocks are held for', 41, 60, 20],
  ])(
    'comes to a node that lacks it, on %s of less difficulty',
    async (_what, light, heavy, waitS) => {
      const [voted, other] = [branch(light, 1), branch(heavy)]
      const left = await start({ blocks: voted.blocks })
      const right = await start({ blocks: other.blocks })
      hub.link(left.network, right.network)
      await hub.settle()
      expect(left.node.chain.head.hash).toBe(other.blocks.at(-1)?.hash)
      const target = light - 1
      for (const index of [0, 1, 2]) {
        const { raw } = voteOf(voted.chain, index, linkOf(voted.chain, 0, target))
        for (const one of [left, right]) await one.receive('vote', raw, STRANGER)
      }
      await passSeconds(hub, waitS)
      for (const { node } of [left, right]) {
        expect(node.chain.settled.justified.hash).toBe(voted.blocks[target - 1]?.hash)
        expect(node.chain.head.hash).toBe(voted.blocks.at(-1)?.hash)
        expect(node.finality.missing()).toEqual([])
        node.chain.assertInvariants()
        node.stop()
      }
    },
  )

  test('is not asked for while gossip may still bring it', async () => {
    const { chain, blocks } = branch(5)
    const late = await start({ blocks: blocks.slice(0, 3) })
    for (const index of [0, 1, 2])
      await late.receive('vote', voteOf(chain, index, linkOf(chain, 0, 4)).raw, STRANGER)
    await hub.settle()
    expect(late.node.finality.missing()).toEqual([linkOf(chain, 0, 4).target])
    await late.receive('block', blocks[3]?.raw ?? new Uint8Array(0), STRANGER)
    await passSeconds(hub, 1)
    expect(late.node.chain.settled.justified.number).toBe(4n)
    expect(late.node.finality.missing()).toEqual([])
    late.node.stop()
  })
})

describe('a proof against a signer', () => {
  const { chain } = branch(5)
  const link = linkOf(chain, 0, 4)
  const pair = [
    voteOf(chain, 0, link),
    voteOf(chain, 0, { ...link, target: { number: 4n, hash: noBlock() } }),
  ]

  async function witness(): Promise<SyncNode> {
    const one = await start()
    for (const { raw } of pair) await one.receive('vote', raw, STRANGER)
    expect(one.node.finality.evidence.count).toBe(1)
    return one
  }

  test('comes to a newcomer', async () => {
    const [one, newcomer] = [await witness(), await start()]
    hub.link(one.network, newcomer.network)
    await passSeconds(hub, 1)
    expect(newcomer.node.finality.evidence.all()).toMatchObject([{ kind: 'double-vote' }])
    for (const { node } of [one, newcomer]) node.stop()
  })

  test('comes to a node for which both votes are too old to count', async () => {
    const far = { number: 4_000n, hash: noBlock(9) }
    const finalityKeeper: FinalityKeeper = {
      found: { settled: { justified: far, finalized: far }, votes: [], evidence: [] },
      keep: () => {},
      close: async () => {},
    }
    const [one, ahead] = [await witness(), await start({ finalityKeeper })]
    hub.link(one.network, ahead.network)
    await passSeconds(hub, 1)
    expect(ahead.node.finality.votes.count).toBe(0)
    expect(ahead.node.finality.evidence.all()).toMatchObject([{ kind: 'double-vote' }])
    for (const { node } of [one, ahead]) node.stop()
  })
})
