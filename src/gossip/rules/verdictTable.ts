import { KINDS, type ItemKind } from '../../item/itemKinds.ts'
import { BLOCK_STEPS } from './blockRules.ts'
import { MEMBER_STEPS } from './memberRules.ts'
import type { RuleText, VerdictRule } from './rule.ts'
import { TX_STEPS } from './txRules.ts'
import { VOTE_STEPS } from './voteRules.ts'

const STEPS: Readonly<Record<ItemKind, typeof TX_STEPS>> = {
  tx: TX_STEPS,
  block: BLOCK_STEPS,
  member: MEMBER_STEPS,
  vote: VOTE_STEPS,
}

/**
 * Every reason for which a message can be refused or held, by topic and in the order of judging.
 */
export function allVerdictRules(): readonly VerdictRule[] {
  return KINDS.flatMap(rowsOf)
}

function rowsOf(topic: ItemKind): VerdictRule[] {
  return STEPS[topic]
    .flatMap(({ step, rules }) => rules.map((rule) => ({ step, rule })))
    .map(({ step, rule }, index) => rowOf(topic, index + 1, step, rule))
}

function rowOf(topic: ItemKind, order: number, step: string, rule: RuleText): VerdictRule {
  const { reason, otherwise, sentence, source } = rule
  return { topic, order, step, reason, action: otherwise, sentence, source }
}
