/**
 * The rules of the topic `member`: what a signed statement about a member must be. `membership/`
 * judges by them.
 */
import { INTERNAL_ERROR, KNOWN, OVERSIZED } from './commonRules.ts'
import type { RuleText } from './rule.ts'

/** What the bytes alone tell. */
export const MEMBER_FORM_RULES = [
  {
    reason: 'member-malformed',
    otherwise: 'reject',
    sentence:
      'The message is a libp2p envelope in its one encoding, around the RLP of a record or of an accusation.',
    source: 'libp2p RFC 0002; membership/statements.ts',
  },
  {
    reason: 'member-other-network',
    otherwise: 'reject',
    sentence: 'The statement was signed for this network.',
    source: 'consul 843: without it clusters merge',
  },
  {
    reason: 'accused-self',
    otherwise: 'reject',
    sentence: 'Nobody accuses itself: a member that leaves says so in its record.',
    source: 'this project',
  },
] as const satisfies readonly RuleText[]

/** What is known of the member; checked before the signature, since it costs less. */
export const MEMBER_NEWS_RULES = [
  {
    reason: 'member-stale',
    otherwise: 'ignore',
    sentence: 'A record has a higher incarnation than the one that is known.',
    source: 'SWIM; al8n/memberlist 197: the highest seen is kept',
  },
  {
    reason: 'members-full',
    otherwise: 'ignore',
    sentence: 'There is room for another member: at most 32,768 are kept.',
    source: 'this project: a record costs nothing to make',
  },
  {
    reason: 'accused-unknown',
    otherwise: 'ignore',
    sentence: 'The accused is a member, and its record of that incarnation is known.',
    source: 'SWIM; only the member itself raises its incarnation',
  },
  {
    reason: 'accusation-stale',
    otherwise: 'ignore',
    sentence: 'The accused has not refuted the accusation, has not left and is not dead.',
    source: 'SWIM',
  },
  {
    reason: 'accusation-needless',
    otherwise: 'ignore',
    sentence:
      'The accusation is of an accuser, or a group of addresses, that has not been heard yet, and counts.',
    source: 'Lifeguard: k confirmations shorten a suspicion, more do nothing',
  },
  {
    reason: 'accuser-unknown',
    otherwise: 'ignore',
    sentence: 'The accuser is a live member.',
    source: 'this project',
  },
] as const satisfies readonly RuleText[]

/** What one peer may send; checked before the signature, which costs more. */
export const MEMBER_SENDER_RULES = [
  {
    reason: 'member-sender-rate',
    otherwise: 'ignore',
    sentence: 'A peer sends at most 64 statements a second (4,096 at once).',
    source: 'this project',
  },
] as const satisfies readonly RuleText[]

/** Costs the most of all checks. */
export const MEMBER_SIGNATURE_RULES = [
  {
    reason: 'member-bad-signature',
    otherwise: 'reject',
    sentence: 'The statement is signed by the key that it names.',
    source: 'libp2p RFC 0002',
  },
] as const satisfies readonly RuleText[]

/**
 * What one member may say. Checked after the signature: nobody can use up the budget of another.
 */
export const MEMBER_RATE_RULES = [
  {
    reason: 'member-rate',
    otherwise: 'ignore',
    sentence: 'A member renews its record at most once a second (8 at once).',
    source: 'this project',
  },
  {
    reason: 'accusation-rate',
    otherwise: 'ignore',
    sentence:
      'An accuser accuses one member at most once in 10 s, and all together at most 2 a second (32 at once).',
    source: 'this project',
  },
] as const satisfies readonly RuleText[]

/** The steps of judging a statement, each with its rules. */
export const MEMBER_STEPS: readonly {
  readonly step: string
  readonly rules: readonly RuleText[]
}[] = [
  { step: 'size', rules: [OVERSIZED] },
  { step: 'known', rules: [KNOWN] },
  { step: 'form', rules: MEMBER_FORM_RULES },
  { step: 'news', rules: MEMBER_NEWS_RULES },
  { step: 'sender', rules: MEMBER_SENDER_RULES },
  { step: 'signature', rules: MEMBER_SIGNATURE_RULES },
  { step: 'rate', rules: MEMBER_RATE_RULES },
  { step: 'any', rules: [INTERNAL_ERROR] },
]

/** A word that a statement about a member can be refused with. */
export type MemberReason =
  | (typeof MEMBER_FORM_RULES)[number]['reason']
  | (typeof MEMBER_NEWS_RULES)[number]['reason']
  | (typeof MEMBER_SENDER_RULES)[number]['reason']
  | (typeof MEMBER_RATE_RULES)[number]['reason']
  | (typeof MEMBER_SIGNATURE_RULES)[number]['reason']
