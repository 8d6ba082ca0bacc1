/**
 * The one judge of everything about a block that needs no accounts. Import, gossip and sync go
 * through it, and `inspect` reads its lists: so a block is valid everywhere or nowhere, and each
 * rule runs once a block.
 */
import type { Block } from '../../block/block.ts'
import type { Header } from '../../block/header.ts'
import type { Address } from '../../crypto/address.ts'
import { assert } from '../../lib/assert.ts'
import type { ChainConfig } from '../genesis/config.ts'
import { consensusOf } from '../genesis/consensus.ts'
import {
  BODY_RULES,
  bodyFacts,
  BLOCK_SENDER_RULES,
  type BlockRule,
  type BodyFacts,
  type BodyRuleReason,
  type SenderRuleReason,
} from './bodyRules.ts'
import { firstBrokenHeaderRule, HEADER_RULES, type HeaderRuleReason } from './headerRules.ts'
import { firstBrokenSealRule, SEAL_RULES, type SealRuleReason, type SealView } from './sealRules.ts'

/** A word of any of the rules of {@link STATELESS_RULES}. */
export type StatelessReason = HeaderRuleReason | SealRuleReason | BodyRuleReason | SenderRuleReason

/** What is known of a rule besides its check. */
export interface StatelessRule {
  readonly reason: StatelessReason
  readonly otherwise: 'reject'
  readonly source: string
  /** Completes "refused because ...". */
  readonly message: string
}

/** Every rule of a block that needs no accounts, in the order of judging. */
export const STATELESS_RULES: readonly StatelessRule[] = [
  ...HEADER_RULES,
  ...SEAL_RULES,
  ...BODY_RULES,
  ...BLOCK_SENDER_RULES,
]

/** The rule that a block breaks. */
export interface BrokenRule {
  readonly reason: StatelessReason
  /** For people: the rule, and where it is broken. */
  readonly message: string
  /** Whether the block's hash is bad for ever; see {@link BlockRule}. */
  readonly isFinal: boolean
}

const STAGES = ['header', 'seal', 'body', 'senders'] as const
type Stage = (typeof STAGES)[number]

/**
 * The judging of one block as a child of its parent, stage by stage. Once all stages have passed it
 * is the proof of that, which the chain takes instead of judging again.
 */
export class BlockCheck {
  readonly block: Block
  /** Of the chain that asks: a proof for one chain is none for another. */
  readonly chain: SealView
  readonly #parent: Header
  readonly #bodyRule: typeof brokenBodyRule
  readonly #passed = new Set<Stage>()
  #senders: readonly Address[] = []

  /** @param bodyRule judges the body, where several chains share that work. */
  constructor(
    block: Block,
    parent: Header,
    chain: SealView,
    bodyRule: typeof brokenBodyRule = brokenBodyRule,
  ) {
    this.#bodyRule = bodyRule
    this.block = block
    this.chain = chain
    this.#parent = parent
  }

  /** Who signed each transaction, once that was looked at. */
  get senders(): readonly Address[] {
    return this.#senders
  }

  /** Whether all stages were passed. */
  get isPassed(): boolean {
    return this.#passed.size === STAGES.length
  }

  /** The fields of the header, beside those of the parent. */
  header(): BrokenRule | undefined {
    const reason = firstBrokenHeaderRule(this.block.header, this.#parent, this.chain.config)
    return this.#conclude('header', reason && brokenBy(HEADER_RULES, reason))
  }

  /**
   * Who sealed the block and whether it was allowed to; of a chain without signers nothing is
   * asked.
   */
  seal(): BrokenRule | undefined {
    const { header } = this.block
    const isSealed = consensusOf(header, this.#parent, this.chain.config) === 'clique'
    const reason = isSealed ? firstBrokenSealRule(this.block, this.chain) : undefined
    return this.#conclude('seal', reason && brokenBy(SEAL_RULES, reason))
  }

  /** What needs neither signatures nor accounts. */
  body(): BrokenRule | undefined {
    return this.#conclude('body', this.#bodyRule(this.block, this.chain.config))
  }

  /**
   * What needs to know who signed.
   *
   * @param senders one for each transaction, in their order. They are trusted.
   */
  order(senders: readonly Address[]): BrokenRule | undefined {
    assert(senders.length === this.block.transactions.length, 'each transaction has a sender')
    this.#senders = senders
    const facts = { ...this.#facts(), senders }
    return this.#conclude('senders', firstBrokenBlockRule(BLOCK_SENDER_RULES, this.block, facts))
  }

  #facts(): BodyFacts {
    return bodyFacts(this.chain.config, this.block.header)
  }

  #conclude(stage: Stage, broken: BrokenRule | undefined): BrokenRule | undefined {
    if (broken === undefined) this.#passed.add(stage)
    return broken
  }
}

/** The first rule of bodies that a block breaks; it asks for neither signatures nor accounts. */
export function brokenBodyRule(block: Block, config: ChainConfig): BrokenRule | undefined {
  return firstBrokenBlockRule(BODY_RULES, block, bodyFacts(config, block.header))
}

/** The first of `rules` that a block breaks; `undefined` if it breaks none. */
export function firstBrokenBlockRule<Reason extends StatelessReason, Facts>(
  rules: readonly BlockRule<Reason, Facts>[],
  block: Block,
  facts: Facts,
): BrokenRule | undefined {
  for (const rule of rules) {
    const defect = rule.defect(block, facts)
    if (defect === undefined) continue
    return { reason: rule.reason, message: `${rule.message}: ${defect}`, isFinal: rule.isFinal }
  }
  return undefined
}

/** A rule of a header that is broken: its hash is bad for ever. */
function brokenBy<Reason extends StatelessReason>(
  rules: readonly { readonly reason: Reason; readonly message: string }[],
  reason: Reason,
): BrokenRule {
  const message = rules.find((rule) => rule.reason === reason)?.message ?? reason
  return { reason, message, isFinal: true }
}
