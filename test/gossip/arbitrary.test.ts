import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Verdict } from '../../src/gossip/rules/verdict.ts'
import { bytesToHex } from '../../src/lib/bytes.ts'
import { KINDS, type ItemKind } from '../../src/item/itemKinds.ts'
import { allVerdictRules } from '../../src/gossip/rules/verdictTable.ts'
import { nextBlock, testChain } from '../builders/chain.ts'
import { accusationBy, recordBy } from '../builders/members.ts'
import { gossipNode, type GossipNode } from '../builders/gossipNode.ts'
import { noBlock, voteOf } from '../builders/votes.ts'
import { signedTransfer } from '../builders/tx.ts'

const ACTIONS = new Map<string, string>(
  allVerdictRules().map(({ topic, reason, action }) => [`${topic} ${reason}`, action]),
)

const BLOCKS = [
  nextBlock(testChain()).block,
  nextBlock(testChain(), { txs: [signedTransfer()] }).block,
]

/** Valid bytes of every shape that the two topics know. */
const VALID = {
  tx: ([0, 1, 2, 3, 4] as const).map((type) => signedTransfer({ type }).raw),
  block: BLOCKS.map(({ raw }) => raw),
  member: [recordBy('stranger'), accusationBy('stranger', 'node')],
  vote: [1, 4, 40].map((height) => voteFor(height).raw),
} as const

/** Of a signer, for a block that nobody has. */
function voteFor(height: number) {
  const chain = testChain()
  const source = { number: 0n, hash: chain.genesis.hash }
  const target = { number: 4n * BigInt(height), hash: noBlock(height) }
  return voteOf(chain, 0, { source, target })
}

const VALID_TXS = VALID.tx.map((raw) => bytesToHex(raw))
const VALID_VOTES = VALID.vote.map((raw) => bytesToHex(raw))
const HEADS = [testChain().head.hash, ...BLOCKS.map(({ hash }) => hash)]

function votesOf({ finality }: GossipNode): string[] {
  const { votes } = finality
  return votes
    .heights()
    .flatMap((height) => votes.votesAt(height).map(({ raw }) => bytesToHex(raw)))
}

/** What the table says of a verdict's reason. */
function actionOf(kind: ItemKind, verdict: Verdict): string | undefined {
  return verdict.action === 'accept' ? 'accept' : ACTIONS.get(`${kind} ${verdict.reason}`)
}

/** A copy of valid bytes with some of them changed, cut off or added. */
function mutated(kind: ItemKind): fc.Arbitrary<Uint8Array> {
  const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) })
  return fc
    .record({
      from: fc.constantFrom(...VALID[kind]),
      changes: fc.array(change, { minLength: 1, maxLength: 4 }),
      cut: fc.nat({ max: 3 }),
      tail: fc.uint8Array({ maxLength: 3 }),
    })
    .map(({ from, changes, cut, tail }) => {
      const bytes = Uint8Array.from([...from.subarray(0, from.length - cut), ...tail])
      for (const { at, to } of changes) bytes[at % bytes.length] = to
      return bytes
    })
}

const anything = fc.uint8Array({ maxLength: 600 })

describe.each(KINDS)('whatever stands on the topic of %s', (kind) => {
  test.each([
    ['arbitrary bytes', anything],
    ['mutated valid bytes', mutated(kind)],
  ] as const)(
    '%s get a verdict of the table, and nothing that was not signed enters',
    async (_, arbitrary) => {
      const node = gossipNode()
      await fc.assert(
        fc.asyncProperty(arbitrary, async (bytes) => {
          const { verdict } = await node.relay.judgeFetched(kind, bytes, 'stranger')
          await node.hub.settle()
          expect(verdict.action).toBe(actionOf(kind, verdict))
          expect(verdict).not.toMatchObject({ reason: 'internal-error' })
          const pooled = [...node.mempool.entries()].map(({ tx }) => bytesToHex(tx.raw))
          expect(VALID_TXS).toEqual(expect.arrayContaining(pooled))
          expect(HEADS).toContain(node.chain.head.hash)
          expect(VALID_VOTES).toEqual(expect.arrayContaining(votesOf(node)))
          node.mempool.assertInvariants()
        }),
        { numRuns: 200 },
      )
    },
  )
})
