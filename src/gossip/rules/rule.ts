/**
 * Rules are data: the judge, the table in the documentation, the metric labels and the test that
 * demands a case for every rule all read the same lists.
 */
import type { ItemKind } from '../../item/itemKinds.ts'
import type { VerdictReason } from './reasons.ts'

/** What a message gets that breaks a rule; see verdict.ts for what each means. */
export type Refusal = 'reject' | 'ignore' | 'hold'

/** One row of the table of verdicts. */
export interface VerdictRule {
  readonly topic: ItemKind
  /** Place in the order of judging, from 1. Rules of one step share the step's name. */
  readonly order: number
  readonly step: string
  readonly reason: VerdictReason
  readonly action: Refusal
  /** What is demanded. */
  readonly sentence: string
  /** The specification, client or measurement that the rule comes from. */
  readonly source: string
}

/** What is known of a rule besides its check. */
export interface RuleText {
  readonly reason: VerdictReason
  readonly otherwise: Refusal
  readonly sentence: string
  readonly source: string
}

/** A demand on an item: where it does not hold, the item gets `otherwise` with `reason`. */
export interface Rule<Item, Context> extends RuleText {
  readonly holds: (item: Item, context: Context) => boolean
}

/** The first rule, in order, that `item` breaks. */
export function firstBroken<Item, Context>(
  rules: readonly Rule<Item, Context>[],
  item: Item,
  context: Context,
): Rule<Item, Context> | undefined {
  for (const rule of rules) if (!rule.holds(item, context)) return rule
  return undefined
}
