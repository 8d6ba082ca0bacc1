/**
 * Rules that both topics share. What they check is not an item yet, so the judges themselves hold
 * them.
 */
import type { RuleText } from './rule.ts'

/** The rule on the size of a message. */
export const OVERSIZED = {
  reason: 'oversized',
  otherwise: 'reject',
  sentence:
    'The message is no longer than its topic allows: 131,072 bytes for a transaction, 8 MiB for a block, 160 for a vote.',
  source: 'go-ethereum, reth, devp2p',
} as const satisfies RuleText

/** The rule on items that this node has. */
export const KNOWN = {
  reason: 'known',
  otherwise: 'ignore',
  sentence: 'The item is neither in the pool or the chain nor about to enter one of them.',
  source: 'every client',
} as const satisfies RuleText

/** What our own side can fail at; never the peer's fault. */
export const VERIFIER_RULES = [
  {
    reason: 'verifier-overloaded',
    otherwise: 'ignore',
    sentence: 'There is room in the queue of the signature verifier.',
    source: 'Lodestar, bounded queue per topic',
  },
  {
    reason: 'verifier-deadline',
    otherwise: 'ignore',
    sentence: 'The signature verifier answers within 3 s.',
    source: 'Mina 19462: a deadline that rejects splits the network',
  },
  {
    reason: 'verifier-closed',
    otherwise: 'ignore',
    sentence: 'The node is not stopping.',
    source: 'this node',
  },
] as const satisfies readonly RuleText[]

/** The answer where a judge fails. */
export const INTERNAL_ERROR = {
  reason: 'internal-error',
  otherwise: 'ignore',
  sentence: 'Validation itself does not fail. A failure is logged as an error of this node.',
  source: 'this node',
} as const satisfies RuleText
