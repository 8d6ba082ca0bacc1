/**
 * Everything that a message on the transaction topic can be refused for, in the order of judging.
 */
import type { Block } from '../../block/block.ts'
import type { LedgerKind } from '../../chain/ledgerKind.ts'
import type { AccountView } from '../../chain/state.ts'
import { TRANSFER_SCOPE_RULES } from '../../chain/rules/transferRules.ts'
import { POOL_TX_RULES } from '../../mempool/admission.ts'
import { POOL_REFUSALS, type PoolRefusal } from '../../mempool/refusals.ts'
import { TX_DEFECT_REASONS, type TxDefectReason } from '../../tx/defect.ts'
import type { Fork } from '../../tx/fork.ts'
import { TX_RULES } from '../../tx/rules.ts'
import type { Tx } from '../../tx/tx.ts'
import { keysOf } from '../../lib/records.ts'
import { INTERNAL_ERROR, KNOWN, OVERSIZED, VERIFIER_RULES } from './commonRules.ts'
import type { VerdictReason } from './reasons.ts'
import type { Refusal, Rule, RuleText } from './rule.ts'

/** What the static rules look at besides the transaction. */
export interface TxRuleFacts {
  readonly head: Block
  /** The accounts at the head. */
  readonly state: AccountView
  /** Of the block after the head. */
  readonly fork: Fork
  readonly chainId: bigint
  readonly allowUnprotected: boolean
  readonly isSyncing: boolean
  /** `transfers` runs value transfers only; `none` relays whatever it is. */
  readonly ledger: LedgerKind
}

/** How much a block's gas limit may grow over its parent's: less than a 1,024th. */
const GAS_LIMIT_STEP = 1024n

const BLOB_RULE: Rule<Tx, TxRuleFacts> = {
  reason: 'blob-transaction',
  otherwise: 'reject',
  sentence: 'It carries no blobs: blobs travel in a sidecar, and this topic carries none.',
  source: 'EIP-4844',
  holds: (tx) => tx.type !== 3,
}

/**
 * The consensus rules that an honest peer may see otherwise, so that whoever forwards is not at
 * fault: at another head another fork is active, and another node's owner may allow what ours does
 * not.
 */
const NOBODYS_FAULT: readonly TxDefectReason[] = [
  'type-not-active',
  'replay-protection-not-active',
  'unprotected',
]

/** What is banned or not active whenever these could be broken. */
const OUT_OF_REACH: readonly VerdictReason[] = [
  'blob-none',
  'blob-too-many',
  'blob-version',
  'type-not-executable',
]

const CONSENSUS_RULES: readonly Rule<Tx, TxRuleFacts>[] = TX_RULES.filter(isInReach).map(
  (rule) => ({
    reason: rule.reason,
    otherwise: NOBODYS_FAULT.includes(rule.reason) ? 'ignore' : rule.otherwise,
    sentence: `Refused because ${rule.message}.`,
    source: rule.source,
    holds: (tx, facts) => rule.holds(tx, facts),
  }),
)

function isInReach({ reason }: { readonly reason: VerdictReason }): boolean {
  return !OUT_OF_REACH.includes(reason)
}

const GAS_RULE: Rule<Tx, TxRuleFacts> = {
  reason: 'gas-above-block-limit',
  otherwise: 'reject',
  sentence: 'Its gas limit fits into the next block, however far that block raises its own limit.',
  source: 'go-ethereum, reth',
  holds: (tx, { head }) => {
    const { gasLimit } = head.header
    return tx.gasLimit <= gasLimit + gasLimit / GAS_LIMIT_STEP
  },
}

/** The ledger is this node's choice, so its bounds are nobody's fault. */
const LEDGER_RULES: readonly Rule<Tx, TxRuleFacts>[] = TRANSFER_SCOPE_RULES.filter(isInReach).map(
  (rule) => ({
    reason: rule.reason,
    otherwise: 'ignore',
    sentence: `Refused because ${rule.message}.`,
    source: rule.source,
    holds: (tx, facts) => facts.ledger === 'none' || rule.holds(tx, facts),
  }),
)

const SYNCING_RULE: Rule<Tx, TxRuleFacts> = {
  reason: 'syncing',
  otherwise: 'ignore',
  sentence:
    'The node has caught up with its peers: before that it knows no nonces and no balances.',
  source: 'go-ethereum',
  holds: (_, { isSyncing }) => !isSyncing,
}

/** The rules of a decoded transaction that need neither its sender nor the pool. */
export const TX_STATIC_RULES: readonly Rule<Tx, TxRuleFacts>[] = [
  BLOB_RULE,
  ...CONSENSUS_RULES,
  GAS_RULE,
  ...LEDGER_RULES,
  SYNCING_RULE,
]

/**
 * What the owner of a node added by the library: the verdict and the sentence are those of the
 * rule.
 */
const OWN_RULE = {
  reason: 'own-rule',
  otherwise: 'ignore',
  sentence:
    'It keeps the rules that the owner of the node added by the library, of which there are none otherwise; such a rule may also reject.',
  source: 'docs/library.md',
} as const satisfies RuleText

const FORM_SENTENCES: Readonly<Partial<Record<TxDefectReason, string>>> = {
  empty: 'The message is not empty.',
  'unknown-type': 'It is legacy RLP or begins with a type byte from 0x01 to 0x04.',
  'rlp-truncated': 'No length in its RLP points past its end.',
  'rlp-trailing-bytes': 'Nothing follows the transaction.',
  'rlp-non-canonical-size': 'Every RLP length has its shortest form.',
  'rlp-single-byte-prefixed': 'A byte below 0x80 stands for itself in RLP.',
  'list-expected': 'There is a list wherever its type has a list.',
  'string-expected': 'There is a byte string wherever its type has one.',
  'wrong-field-count': 'It has exactly the fields of its type.',
  'leading-zero': 'No integer has leading zeros.',
  'integer-too-large': 'Every integer fits its field.',
  'wrong-length': 'Addresses have 20 bytes and hashes 32.',
  'recipient-missing': 'A transaction of type 3 or 4 has a recipient.',
  'bad-signature-v': 'A legacy v is 27, 28 or, by EIP-155, from 35 on.',
  'bad-y-parity': 'The parity of y is 0 or 1.',
  'blob-network-form': 'It is the canonical form without blobs.',
}

const STATIC_REASONS = new Set<string>(TX_RULES.map((rule) => rule.reason))

/**
 * What decoding can answer, one row per word: everything a fault can be but for the static rules
 * and the signature.
 */
const FORM_RULES: readonly RuleText[] = TX_DEFECT_REASONS.filter(
  (reason) => reason !== 'bad-signature' && !STATIC_REASONS.has(reason),
).map((reason) => ({
  reason,
  otherwise: 'reject',
  sentence: FORM_SENTENCES[reason] ?? reason,
  source: 'EIP-2718; Yellow Paper, appendix B',
}))

const SIGNATURE_RULE = {
  reason: 'bad-signature',
  otherwise: 'reject',
  sentence: 'Its signature is one that some key can have made.',
  source: 'Yellow Paper, appendix F',
} as const satisfies RuleText

/** How the topic answers what the pool refuses. */
export function poolAction(reason: PoolRefusal): Refusal {
  return POOL_REFUSALS[reason].action
}

/**
 * Refusals that stay what they are for as long as they are remembered: a used nonce does not come
 * back but by a reorganisation, while funds and fees change with every block.
 */
export function isFinal(reason: PoolRefusal): boolean {
  return poolAction(reason) === 'reject' || reason === 'nonce-too-low'
}

const BEFORE_SIGNATURE = new Set<PoolRefusal>(POOL_TX_RULES.map((rule) => rule.reason))
const BEFORE_POOL = new Set<PoolRefusal>([OVERSIZED.reason, KNOWN.reason])

/** A sentence as it goes on after a first word: its own begins small. */
function afterIf(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1)
}

function poolRules(wanted: (reason: PoolRefusal) => boolean): RuleText[] {
  return keysOf(POOL_REFUSALS)
    .filter((reason) => !BEFORE_POOL.has(reason) && wanted(reason))
    .map((reason) => ({
      reason,
      otherwise: poolAction(reason),
      sentence: `Refused if ${afterIf(POOL_REFUSALS[reason].sentence)}`,
      source: 'go-ethereum, reth; see mempool/mempool.ts',
    }))
}

/** The steps of judging a transaction, each with its rules. */
export const TX_STEPS: readonly { readonly step: string; readonly rules: readonly RuleText[] }[] = [
  { step: 'size', rules: [OVERSIZED] },
  { step: 'known', rules: [KNOWN] },
  { step: 'form', rules: FORM_RULES },
  { step: 'static', rules: [...TX_STATIC_RULES, OWN_RULE] },
  {
    step: 'pool, before the signature',
    rules: poolRules((reason) => BEFORE_SIGNATURE.has(reason)),
  },
  { step: 'signature', rules: [SIGNATURE_RULE, ...VERIFIER_RULES] },
  { step: 'pool', rules: poolRules((reason) => !BEFORE_SIGNATURE.has(reason)) },
  { step: 'any', rules: [INTERNAL_ERROR] },
]
