/** Everything that a message on the topic of votes can be refused for, in the order of judging. */
import {
  KEPT_FINAL_HEIGHTS,
  MAX_CHECKPOINTS_AHEAD,
  MAX_VOTED_HEIGHTS,
  MAX_VOTES_PER_HEIGHT,
  VOTE_CHECK_RATE,
} from '../../finality/limits.ts'
import type { Finality } from '../../finality/finality.ts'
import type { SignedLink } from '../../finality/vote.ts'
import { INTERNAL_ERROR, KNOWN, OVERSIZED } from './commonRules.ts'
import type { Rule, RuleText } from './rule.ts'

/** What the rules look at beside the vote. */
export type VoteFacts = Pick<
  Finality,
  'domain' | 'interval' | 'signers' | 'votes' | 'highestTarget'
>

/** The rule on the form. */
export const MALFORMED_VOTE = {
  reason: 'malformed-vote',
  otherwise: 'reject',
  sentence:
    'It is the canonical RLP of two numbers, two hashes and a signature whose s is in the lower half.',
  source: 'this project, finality/vote.ts; EIP-2 on the lower half',
} as const satisfies RuleText

/** What needs no signature: cheap, and before it. */
export const EARLY_VOTE_RULES: readonly Rule<SignedLink, VoteFacts>[] = [
  {
    reason: 'no-signers',
    otherwise: 'ignore',
    sentence: 'The genesis names signers: without them nobody has a vote.',
    source: 'this project',
    holds: (_, { signers }) => signers.length > 0,
  },
  {
    reason: 'not-a-checkpoint',
    otherwise: 'reject',
    sentence:
      'Both numbers are multiples of the interval, the source is below the target, and a source of number 0 is the genesis.',
    source: 'Buterin and Griffith 2017, section 2',
    holds: ({ source, target }, { domain, interval }) =>
      source.number < target.number &&
      source.number % interval === 0n &&
      target.number % interval === 0n &&
      (source.number > 0n || source.hash === domain.genesisHash),
  },
  {
    reason: 'vote-too-far-ahead',
    otherwise: 'ignore',
    sentence: `Its target is at most ${MAX_CHECKPOINTS_AHEAD} checkpoints above the head: a node further behind asks for votes when it has caught up.`,
    source: 'BSC, BEP-126, vote pool',
    holds: ({ target }, { highestTarget }) => target.number <= highestTarget,
  },
]

/** The rule on how fast one peer may have signatures checked. */
export const TOO_MANY_VOTES = {
  reason: 'too-many-votes',
  otherwise: 'ignore',
  sentence: `Its sender has not used up its checks of signatures: ${VOTE_CHECK_RATE.burst} at once, then ${VOTE_CHECK_RATE.perSecond} a second. Asked for ones are not counted.`,
  source: 'this project',
} as const satisfies RuleText

/** The rule on the signature itself. */
export const BAD_VOTE_SIGNATURE = {
  reason: 'bad-signature',
  otherwise: 'reject',
  sentence: 'Its signature is one that some key can have made.',
  source: 'Yellow Paper, appendix F',
} as const satisfies RuleText

/** The rule on who votes. */
export const NOT_A_SIGNER = {
  reason: 'not-a-signer',
  otherwise: 'reject',
  sentence:
    'Its signer is one of the genesis. The network and the interval of checkpoints are part of what is signed.',
  source: 'BSC, BEP-126: check the signer first; EIP-225',
} as const satisfies RuleText

/** The rule on votes that cannot count any more. */
export const OLD_VOTE = {
  reason: 'old-vote',
  otherwise: 'ignore',
  sentence: `Votes for its height are still kept, which is so for ${KEPT_FINAL_HEIGHTS} checkpoints below the finalized block and for ${MAX_VOTED_HEIGHTS} heights at most; or it contradicts another vote of its signer.`,
  source: 'BSC, BEP-126, vote pool',
} as const satisfies RuleText

/** The rule on further votes of one signer for one height. */
export const ENOUGH_VOTES = {
  reason: 'enough-votes',
  otherwise: 'ignore',
  sentence: `Its signer has fewer than ${MAX_VOTES_PER_HEIGHT} other votes for its height, or more than a third of the signers has the same vote. The second vote is forwarded: everybody is to see the contradiction.`,
  source: 'this project, finality/voteStore.ts',
} as const satisfies RuleText

/**
 * The steps of judging a vote. Blocks that are not known yet are no reason: the vote counts when
 * they come.
 */
export const VOTE_STEPS: readonly { readonly step: string; readonly rules: readonly RuleText[] }[] =
  [
    { step: 'size', rules: [OVERSIZED] },
    { step: 'known', rules: [KNOWN] },
    { step: 'form', rules: [MALFORMED_VOTE] },
    { step: 'heights', rules: EARLY_VOTE_RULES },
    { step: 'rate', rules: [TOO_MANY_VOTES] },
    { step: 'signer', rules: [BAD_VOTE_SIGNATURE, NOT_A_SIGNER] },
    { step: 'other votes of the signer', rules: [OLD_VOTE, ENOUGH_VOTES] },
    { step: 'any', rules: [INTERNAL_ERROR] },
  ]
