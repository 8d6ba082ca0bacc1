import { describe, expect, test } from 'vitest'
import { GOSSIP_REASONS } from '../../src/gossip/rules/reasons.ts'
import { allVerdictRules } from '../../src/gossip/rules/verdictTable.ts'
import { KINDS, type ItemKind } from '../../src/item/itemKinds.ts'
import { gossipNode, type GossipNode } from '../builders/gossipNode.ts'
import { BLOCK_CASES } from './blockCases.ts'
import { MEMBER_CASES } from './memberCases.ts'
import { VOTE_CASES } from './voteCases.ts'
import { TX_CASES, type Case } from './txCases.ts'
import { TX_DEFECT_REASONS } from '../../src/tx/defect.ts'
import { POOL_REFUSALS } from '../../src/mempool/refusals.ts'

const CASES: Readonly<Record<ItemKind, Readonly<Record<string, () => Case>>>> = {
  tx: TX_CASES,
  block: BLOCK_CASES,
  member: MEMBER_CASES,
  vote: VOTE_CASES,
}

const rulesOf = (topic: ItemKind) => allVerdictRules().filter((rule) => rule.topic === topic)

describe.each(KINDS)('the table of verdicts of %s', (topic) => {
  const rules = rulesOf(topic)

  test('has every reason once', () => {
    const reasons = rules.map((rule) => rule.reason)
    expect(reasons.filter((reason, at) => reasons.indexOf(reason) !== at)).toEqual([])
  })

  test('has a case in the tests for every reason, and no case without a reason', () => {
    expect(Object.keys(CASES[topic]).sort()).toEqual(rules.map((rule) => rule.reason).sort())
  })

  test('is in the order of judging and says what every rule demands and where it comes from', () => {
    expect(rules.map((rule) => rule.order)).toEqual(rules.map((_, at) => at + 1))
    for (const { reason, sentence, source, step } of rules) {
      expect(reason).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      expect(sentence).toMatch(/^[A-Z].*\.$/)
      expect(sentence).not.toBe(reason)
      expect([source, step]).not.toContain('')
    }
  })

  test.each(rules.map((rule) => [rule.action, rule.reason] as const))(
    'answers %s to %s, keeps it out of the pool and the chain, and forwards nothing',
    async (action, reason) => {
      const { data, options = {}, prepare } = caseOf(topic, reason)
      const node = gossipNode(options)
      await prepare?.(node)
      await node.hub.settle()
      const count = () =>
        reason === 'known' ? node.count(topic, 'duplicate') : node.count(topic, action, reason)
      const before = { count: count(), pending: node.mempool.pendingCount, head: node.chain.head }
      const sent = forwardedFrom(node)
      void node.receive(topic, data)
      await node.hub.settle()
      expect(count()).toBe(before.count + 1)
      expect(node.mempool.pendingCount).toBe(before.pending)
      expect(node.chain.head).toBe(before.head)
      expect(sent).toEqual([])
      node.mempool.assertInvariants()
    },
  )
})

function caseOf(topic: ItemKind, reason: string): Case {
  const made = CASES[topic][reason]?.()
  if (made === undefined) throw new Error(`no case for ${topic} ${reason}`)
  return made
}

/** Whom the node sends anything to from now on; somebody listens. */
function forwardedFrom({ hub, network }: GossipNode): string[] {
  const sent: string[] = []
  hub.link(network, hub.join('listener'))
  network.onRouter((event) => event.kind === 'forwarded' && sent.push(event.to))
  return sent
}

test('every word of the decoder, of the static rules and of the pool is in the table or out of reach', () => {
  const inTable = new Set<string>(rulesOf('tx').map((rule) => rule.reason))
  const words = [...TX_DEFECT_REASONS, ...Object.keys(POOL_REFUSALS)]
  const banned = ['blob-none', 'blob-too-many', 'blob-version']
  expect(words.filter((word) => !inTable.has(word))).toEqual(banned)
})

test('every word of the topics themselves is that of a rule', () => {
  const inTable = new Set(allVerdictRules().map((rule) => rule.reason))
  expect(GOSSIP_REASONS.filter((reason) => !inTable.has(reason))).toEqual([])
})
