import type { Chain } from '../../chain/chain.ts'
import { forkAt } from '../../chain/genesis/forks.ts'
import type { Hash } from '../../crypto/keccak.ts'
import type { Recovered, VerifierFailure } from '../../crypto/verifier.ts'
import { ownedBytes } from '../../lib/bytes.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Mempool } from '../../mempool/mempool.ts'
import { POOL_REFUSALS, type PoolRefusal } from '../../mempool/refusals.ts'
import { decodeTx, isTxDefect } from '../../tx/decodeTx.ts'
import { noteTxRulesHold } from '../../tx/rules.ts'
import type { Senders } from '../../tx/senders.ts'
import type { Tx } from '../../tx/tx.ts'
import { OVERSIZED } from '../rules/commonRules.ts'
import { MAX_TX_MESSAGE_BYTES } from '../limits.ts'
import type { VerdictReason } from '../rules/reasons.ts'
import { RecentVerdicts } from './recentVerdicts.ts'
import { firstBroken, type Rule } from '../rules/rule.ts'
import { KNOWN_VERDICT, type Candidate, type Judgement, type Topic } from './topic.ts'
import { isFinal, poolAction, TX_STATIC_RULES, type TxRuleFacts } from '../rules/txRules.ts'
import { ACCEPT, reject, type Verdict } from '../rules/verdict.ts'

/** What judging a transaction needs of the node. */
export interface TxTopicContext {
  /** Its ledger says what can be executed: `none` relays whatever it is. */
  readonly chain: Pick<Chain, 'chainId' | 'config' | 'head' | 'ledger' | 'state' | 'location'>
  readonly mempool: Pick<Mempool, 'has' | 'precheck' | 'add'>
  readonly senders: Pick<Senders, 'known' | 'recover'>
  readonly clock: Clock
  /** Take legacy transactions without a chain id. */
  readonly allowUnprotected: boolean
  /**
   * Rules that the owner of the node added, asked after those of the network; none unless given.
   */
  readonly ownRules?: readonly Rule<Tx, TxRuleFacts>[]
  /** How a transaction is decoded, unless as everywhere. */
  readonly decodeTx?: typeof decodeTx
  /** While the node catches up it cannot judge nonces and balances. */
  isSyncing(): boolean
}

const OVERSIZED_VERDICT = Object.freeze(reject(OVERSIZED.reason))

/**
 * Judges transactions, cheap before costly: size, known or recently refused, decoding, static
 * rules, pool pre-check, signature (verifier thread, unless the sender is known), state and
 * admission to the pool.
 */
export class TxTopic implements Topic<'tx'> {
  readonly kind = 'tx'
  readonly isOffered = true
  readonly #context: TxTopicContext
  readonly #recent: RecentVerdicts
  #facts: TxRuleFacts | undefined

  constructor(context: TxTopicContext) {
    this.#context = context
    this.#recent = new RecentVerdicts(context.clock)
  }

  judge(candidate: Candidate): Judgement | Promise<Judgement> {
    const { data, digest } = candidate
    if (data.length > MAX_TX_MESSAGE_BYTES) return judged(digest, OVERSIZED_VERDICT)
    if (this.#isKnown(digest)) return judged(digest, KNOWN_VERDICT)
    const recent = this.#recent.get(digest)
    if (recent !== undefined) return judged(digest, recent)
    const tx = (this.#context.decodeTx ?? decodeTx)(ownedBytes(data), digest)
    if (isTxDefect(tx)) return this.#rejected(digest, tx.reason, tx.message)
    return this.#refusalOf(tx) ?? this.#checkSignature(tx, candidate)
  }

  #isKnown(hash: Hash): boolean {
    const { mempool, chain } = this.#context
    return mempool.has(hash) || chain.location(hash) !== undefined
  }

  /** What needs no signature. */
  #refusalOf(tx: Tx): Judgement | undefined {
    const facts = this.#ruleFacts()
    const broken =
      firstBroken(TX_STATIC_RULES, tx, facts) ??
      firstBroken(this.#context.ownRules ?? [], tx, facts)
    if (broken?.otherwise === 'reject')
      return this.#rejected(tx.hash, broken.reason, broken.sentence)
    if (broken !== undefined)
      return judged(tx.hash, {
        action: broken.otherwise,
        reason: broken.reason,
        message: broken.sentence,
      })
    noteTxRulesHold(tx, facts)
    const refusal = this.#context.mempool.precheck(tx)
    return refusal === undefined ? undefined : judged(tx.hash, this.#refused(tx.hash, refusal))
  }

  #checkSignature(tx: Tx, candidate: Candidate): Judgement | Promise<Judgement> {
    const { senders } = this.#context
    const address = senders.known(tx.hash)
    if (address !== undefined) return this.#admit(tx, candidate, { address, queuedMs: 0 })
    return senders
      .recover(tx, 'transaction')
      .then((recovered) => this.#admit(tx, candidate, recovered))
  }

  #admit(tx: Tx, { route }: Candidate, recovered: Recovered): Judgement {
    const { queuedMs } = recovered
    if ('failure' in recovered)
      return judged(tx.hash, this.#unverified(tx.hash, recovered.failure), queuedMs)
    const origin = route === 'local' ? 'local' : 'remote'
    const outcome = this.#context.mempool.add(tx, recovered.address, origin)
    const verdict = outcome.reason === undefined ? ACCEPT : this.#refused(tx.hash, outcome.reason)
    return judged(tx.hash, verdict, queuedMs)
  }

  #unverified(hash: Hash, reason: VerifierFailure): Verdict {
    if (reason !== 'bad-signature') return { action: 'ignore', reason }
    return this.#recent.remember(hash, reject(reason))
  }

  #refused(hash: Hash, reason: PoolRefusal): Verdict {
    if (reason === 'known') return KNOWN_VERDICT
    const message = POOL_REFUSALS[reason].sentence
    const verdict = { action: poolAction(reason), reason, message }
    return isFinal(reason) ? this.#recent.remember(hash, verdict) : verdict
  }

  #rejected(digest: Hash, reason: VerdictReason, message: string): Judgement {
    return judged(digest, this.#recent.remember(digest, reject(reason, message)))
  }

  /** Made anew when the head or the node's state of syncing has changed. */
  #ruleFacts(): TxRuleFacts {
    const { chain, allowUnprotected } = this.#context
    const { head } = chain
    const isSyncing = this.#context.isSyncing()
    const facts = this.#facts
    if (facts !== undefined && facts.head.hash === head.hash && facts.isSyncing === isSyncing)
      return facts
    const { state, chainId, ledger } = chain
    const fork = forkAt(chain.config, head.header.number + 1n, head.header.timestamp)
    this.#facts = { head, state, chainId, fork, allowUnprotected, ledger, isSyncing }
    return this.#facts
  }
}

function judged(hash: Hash, verdict: Verdict, queuedMs = 0): Judgement {
  return { verdict, hash, queuedMs }
}
