import { describe, expect, test } from 'vitest'
import { STATELESS_RULES } from '../../src/chain/rules/blockCheck.ts'
import {
  BODY_RULE_REASONS,
  BODY_RULES,
  SENDER_RULE_REASONS,
  BLOCK_SENDER_RULES,
} from '../../src/chain/rules/bodyRules.ts'
import { inspectBlockLine } from '../../src/cli/inspect/inspectBlock.ts'
import { bytesToHex } from '../../src/lib/bytes.ts'
import { BODY_RULE_CASES, RIGHT_BLOCKS, type RuleCase } from '../builders/bodyRuleCases.ts'
import { sendersOf, testChain } from '../builders/chain.ts'

const REASONS = [...BODY_RULE_REASONS, ...SENDER_RULE_REASONS]

function inspected({ chain, block }: RuleCase): object {
  const { genesis, chainId } = chain
  return inspectBlockLine(bytesToHex(block.raw), { chainId, genesis, fork: undefined })
}

describe('the rules of a block that need no accounts', () => {
  test('have a reason each, and every reason has a rule', () => {
    expect([...BODY_RULES, ...BLOCK_SENDER_RULES].map(({ reason }) => reason)).toEqual(REASONS)
    const all = STATELESS_RULES.map(({ reason }) => reason)
    expect(new Set(all).size).toBe(all.length)
  })

  test.each(REASONS)('refuse a block that breaks %s, in a chain and in inspect', (reason) => {
    for (const make of BODY_RULE_CASES[reason]) {
      const made = make()
      const { chain, block } = made
      expect(chain.import(block, sendersOf(block))).toMatchObject({ status: 'refused', reason })
      expect(inspected(made)).toMatchObject({ error: { reason } })
    }
  })

  test.each(Object.entries(RIGHT_BLOCKS))('take a block %s', (_, make) => {
    const made = make()
    const { chain, block } = made
    expect(chain.import(block, sendersOf(block))).toMatchObject({ status: 'imported' })
    expect(inspected(made)).toMatchObject({ hash: block.hash })
  })

  test('are not judged again where a block was judged whole, and never for another chain', () => {
    const { chain, block } =
      RIGHT_BLOCKS['that used what is left after the largest refund']?.() ?? {}
    if (chain === undefined || block === undefined) throw new Error('there is such a block')
    const check = chain.check(block)
    if (check === undefined) throw new Error('its parent is known')
    expect(() => chain.take(check)).toThrow('judged whole')
    for (const broken of [check.header(), check.seal(), check.body()])
      expect(broken).toBeUndefined()
    expect(check.order(sendersOf(block))).toBeUndefined()
    expect(() => testChain({ ledger: 'none' }).take(check)).toThrow('by this chain')
    expect(chain.take(check)).toMatchObject({ status: 'imported' })
    expect(chain.take(check)).toEqual({ status: 'known' })
  })
})
