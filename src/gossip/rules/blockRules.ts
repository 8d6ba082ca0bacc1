/** Everything that a message on the block topic can be refused for, in the order of judging. */
import type { BlockDefectReason } from '../../block/defect.ts'
import type { Header } from '../../block/header.ts'
import type { StatelessRule } from '../../chain/rules/blockCheck.ts'
import { BODY_RULES, BLOCK_SENDER_RULES } from '../../chain/rules/bodyRules.ts'
import { HEADER_RULES } from '../../chain/rules/headerRules.ts'
import { SEAL_RULES, type SealRuleReason, type SealView } from '../../chain/rules/sealRules.ts'
import type { Chain } from '../../chain/chain.ts'
import type { Hash } from '../../crypto/keccak.ts'
import { keysOf } from '../../lib/records.ts'
import { INTERNAL_ERROR, KNOWN, OVERSIZED, VERIFIER_RULES } from './commonRules.ts'
import { BLOCK_WINDOW, MAX_BLOCKS_AHEAD, MAX_BLOCKS_PER_SEAL, MAX_FUTURE_MS } from '../limits.ts'
import type { Rule, RuleText } from './rule.ts'

/** What the rules of a header look at before its body is read. */
export interface HeaderFacts {
  readonly chain: SealView & Pick<Chain, 'leavesFinal'>
  /** Of the block. */
  readonly hash: Hash
  readonly headNumber: bigint
  readonly wallMs: number
  /** We asked for it: it may be old, and may be a third one. */
  readonly isAsked: boolean
}

/** The rule on branches that can never be the head. */
export const LEAVES_FINAL = {
  reason: 'conflicts-with-finalized',
  otherwise: 'ignore',
  sentence:
    'Its number is above that of the final block, or it is one of the final chain. Who has not seen that it is final may send another in good faith.',
  source: 'Buterin and Griffith 2017, section 3',
} as const satisfies RuleText

/**
 * The rules that bound what a stranger can make us keep: by number, by time, by seal. They need no
 * parent.
 */
export const EARLY_HEADER_RULES: readonly Rule<Header, HeaderFacts>[] = [
  {
    reason: 'too-old',
    otherwise: 'ignore',
    sentence: `It is at most ${BLOCK_WINDOW} blocks below the head, unless we asked for it.`,
    source: 'Lotus, head minus finality',
    holds: ({ number }, { headNumber, isAsked }) =>
      isAsked || number + BigInt(BLOCK_WINDOW) >= headNumber,
  },
  {
    reason: 'too-far-ahead',
    otherwise: 'ignore',
    sentence: `It is at most ${MAX_BLOCKS_AHEAD} blocks above the head: beyond that sync comes first.`,
    source: 'Lotus; the most that one range request brings',
    holds: ({ number }, { headNumber, isAsked }) =>
      isAsked || number <= headNumber + BigInt(MAX_BLOCKS_AHEAD),
  },
  {
    reason: 'too-early',
    otherwise: 'ignore',
    sentence: `Its time is at most ${MAX_FUTURE_MS / 1000} s in the future.`,
    source: 'op-node, 5 s',
    holds: ({ timestamp }, { wallMs }) => Number(timestamp) * 1000 <= wallMs + MAX_FUTURE_MS,
  },
  {
    reason: 'no-signers',
    otherwise: 'ignore',
    sentence:
      'The genesis names signers: without them anybody could use up the bandwidth of all peers.',
    source: 'op-node, ignores blocks while no sequencer is configured',
    holds: (_, { chain }) => chain.signers.length > 0,
  },
  {
    ...LEAVES_FINAL,
    holds: ({ number }, { chain, hash }) => !chain.leavesFinal(hash, number),
  },
]

const SIGNER_REASONS: readonly SealRuleReason[] = ['bad-seal', 'unauthorized-signer']

function isOfSigner({ reason }: { readonly reason: SealRuleReason }): boolean {
  return SIGNER_REASONS.includes(reason)
}

/** Who sealed it: one recovery, and everything that costs more comes after it. */
export const SIGNER_RULES: readonly Rule<Header, HeaderFacts>[] = SEAL_RULES.filter(isOfSigner).map(
  (rule) => ({
    ...textOf(rule),
    holds: (header, { chain, hash }) =>
      rule.holds(header, { chain, signer: chain.sealer(hash, header) }),
  }),
)

const PARENT_RULES = [
  {
    reason: 'refused-parent',
    otherwise: 'ignore',
    sentence: 'It does not descend from a block that failed here when it was executed.',
    source: 'Lodestar, known-bad blocks',
  },
  {
    reason: 'unknown-parent',
    otherwise: 'hold',
    sentence:
      'Its parent is known. Otherwise the block is held while the parent is fetched, and then judged again.',
    source: 'Lodestar, Bitcoin',
  },
] as const satisfies readonly RuleText[]

export const [REFUSED_PARENT, UNKNOWN_PARENT] = PARENT_RULES

/** The rule on further blocks of one signer at one height. */
export const THIRD_BLOCK = {
  reason: 'third-block',
  otherwise: 'ignore',
  sentence: `Its signer has sealed fewer than ${MAX_BLOCKS_PER_SEAL} others at its height, unless we asked for it.`,
  source: 'Lodestar, op-node; the second is relayed, since it proves that the signer sealed twice',
} as const satisfies RuleText

/** The rule on blocks that come before their time. */
export const FUTURE_BLOCK = {
  reason: 'future-block',
  otherwise: 'hold',
  sentence: 'Its time has come: else it waits for it here.',
  source: 'Lodestar',
} as const satisfies RuleText

/** The words that decoding answers; the sizes and roots among them have rules of their own. */
type FormReason = Exclude<
  BlockDefectReason,
  | 'block-too-large'
  | 'uncles-hash-mismatch'
  | 'withdrawals-root-mismatch'
  | 'transactions-root-mismatch'
>

const FORM_SENTENCES: Readonly<Record<FormReason, string>> = {
  'rlp-empty': 'The message is not empty.',
  'rlp-truncated': 'No length in its RLP points past its end.',
  'rlp-trailing-bytes': 'Nothing follows the RLP item.',
  'rlp-non-canonical-size': 'Every RLP length has its shortest form.',
  'rlp-single-byte-prefixed': 'A byte below 0x80 stands for itself in RLP.',
  'rlp-too-deep': 'Lists are nested no deeper than any block needs.',
  'block-not-a-list': 'The block is a list.',
  'block-field-count': 'It has a header, transactions, uncles and, from Shanghai on, withdrawals.',
  'header-not-a-list': 'The header is a list.',
  'header-field-count': 'The header has as many fields as those of some fork.',
  'header-field-malformed': 'Every field of the header has its size and no leading zeros.',
  'header-too-large': 'The header is no longer than one that lists all signers.',
  'header-extra-data-too-large': 'Extra data is no longer than a list of all signers.',
  'transactions-not-a-list': 'The transactions are a list.',
  'transactions-too-many': 'There are at most 10,000 transactions.',
  'transaction-malformed': 'Every transaction decodes strictly and is in canonical form.',
  'uncles-not-a-list': 'The uncles are a list.',
  'uncles-too-many': 'There are at most two uncles.',
  'withdrawals-not-a-list': 'The withdrawals are a list.',
  'withdrawals-too-many': 'There are at most 256 withdrawals.',
  'withdrawals-missing': 'A header with a withdrawals root has withdrawals.',
  'withdrawals-unexpected': 'A header without a withdrawals root has none.',
  'withdrawal-malformed': 'Every withdrawal has its four fields.',
}

const FORM_RULES: readonly RuleText[] = keysOf(FORM_SENTENCES).map((reason) => ({
  reason,
  otherwise: 'reject',
  sentence: FORM_SENTENCES[reason],
  source: 'Yellow Paper, section 4.3 and appendix B; EIP-4895',
}))

const SIGNATURE_RULE = {
  reason: 'bad-signature',
  otherwise: 'reject',
  sentence: 'Every transaction has a signature that some key can have made.',
  source: 'Yellow Paper, appendix F',
} as const satisfies RuleText

/** The rule on blocks that come faster than they are executed. */
export const CHAIN_BEHIND = {
  reason: 'chain-behind',
  otherwise: 'ignore',
  sentence: 'There is room in the queue of blocks to execute.',
  source: 'Lodestar, bounded queue per topic',
} as const satisfies RuleText

/**
 * How the table of verdicts names a rule of the chain, which judges a block by it
 * (chain/rules/blockCheck.ts).
 */
function textOf({ reason, otherwise, message, source }: StatelessRule): RuleText {
  return { reason, otherwise, sentence: `Refused because ${message}.`, source }
}

/**
 * The steps of judging a block, each with its rules. Execution comes after the answer: only signers
 * can spend the network's bandwidth, and execution must not add to every hop.
 */
export const BLOCK_STEPS: readonly {
  readonly step: string
  readonly rules: readonly RuleText[]
}[] = [
  { step: 'size', rules: [OVERSIZED] },
  { step: 'known', rules: [KNOWN] },
  { step: 'number and time', rules: EARLY_HEADER_RULES },
  { step: 'signer', rules: SIGNER_RULES },
  { step: 'form', rules: FORM_RULES },
  { step: 'parent', rules: PARENT_RULES },
  { step: 'header', rules: HEADER_RULES.map(textOf) },
  { step: 'turn', rules: SEAL_RULES.filter((rule) => !isOfSigner(rule)).map(textOf) },
  { step: 'equivocation', rules: [THIRD_BLOCK] },
  { step: 'due time', rules: [FUTURE_BLOCK] },
  { step: 'body', rules: BODY_RULES.map(textOf) },
  { step: 'signatures', rules: [SIGNATURE_RULE, ...VERIFIER_RULES] },
  { step: 'order of nonces', rules: BLOCK_SENDER_RULES.map(textOf) },
  { step: 'queue', rules: [CHAIN_BEHIND] },
  { step: 'any', rules: [INTERNAL_ERROR] },
]
