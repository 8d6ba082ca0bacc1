import { decodeBody, peekBlock, type Block, type PeekedBlock } from '../../block/block.ts'
import { isBlockDefect, type BlockDefect } from '../../block/defect.ts'
import type { Header } from '../../block/header.ts'
import type { Chain } from '../../chain/chain.ts'
import type { BlockCheck, BrokenRule } from '../../chain/rules/blockCheck.ts'
import type { Address } from '../../crypto/address.ts'
import type { Hash } from '../../crypto/keccak.ts'
import type { Recovered, VerifierFailure } from '../../crypto/verifier.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import { ownedBytes } from '../../lib/bytes.ts'
import type { Clock } from '../../lib/clock.ts'
import { during } from '../../lib/eventLoop.ts'
import type { Mempool } from '../../mempool/mempool.ts'
import type { Trace } from '../../trace/trace.ts'
import type { Senders } from '../../tx/senders.ts'
import type { Tx } from '../../tx/tx.ts'
import type { BlockImport } from './blockImport.ts'
import {
  CHAIN_BEHIND,
  EARLY_HEADER_RULES,
  FUTURE_BLOCK,
  REFUSED_PARENT,
  SIGNER_RULES,
  THIRD_BLOCK,
  UNKNOWN_PARENT,
  type HeaderFacts,
} from '../rules/blockRules.ts'
import { OVERSIZED } from '../rules/commonRules.ts'
import { MAX_BLOCK_MESSAGE_BYTES, MAX_DIGESTS } from '../limits.ts'
import { RecentVerdicts } from './recentVerdicts.ts'
import { firstBroken, type RuleText } from '../rules/rule.ts'
import { SealCounts } from './sealCounts.ts'
import { isGossip, KNOWN_VERDICT, type Topic, type Candidate, type Judgement } from './topic.ts'
import { ACCEPT, reject, type Verdict } from '../rules/verdict.ts'

/** What judging a block needs of the node. */
export interface BlockTopicContext {
  readonly chain: Pick<
    Chain,
    | 'config'
    | 'signers'
    | 'header'
    | 'sealer'
    | 'head'
    | 'has'
    | 'check'
    | 'recentLocation'
    | 'leavesFinal'
  >
  readonly imports: Pick<BlockImport, 'enqueue' | 'isPending' | 'isRefused' | 'settled'>
  readonly mempool: Pick<Mempool, 'get'>
  readonly senders: Pick<Senders, 'known' | 'recover'>
  readonly trace: Trace
  readonly clock: Clock
  /** How a block is decoded, header first, unless as everywhere. */
  readonly peekBlock?: typeof peekBlock
  readonly decodeBody?: typeof decodeBody
}

/**
 * Judges blocks: size, known, number and time, signer, form, parent, header, turn, equivocation,
 * due time, body, signatures. The signer comes before everything that costs more than its one
 * recovery, the whole body included: strangers can make us do no more than that. An accepted block
 * has not been executed.
 */
export class BlockTopic implements Topic<'block'> {
  readonly kind = 'block'
  readonly isOffered = false
  readonly #context: BlockTopicContext
  readonly #recent: RecentVerdicts
  readonly #seals = new SealCounts()
  /** Blocks between their header and their verdict. */
  readonly #underWay = new Map<Hash, Promise<Judgement>>()
  /** Of messages whose header could be read, by their digest. */
  readonly #hashes = new BoundedMap<Hash, Hash>(MAX_DIGESTS)

  constructor(context: BlockTopicContext) {
    this.#context = context
    this.#recent = new RecentVerdicts(context.clock)
  }

  judge(candidate: Candidate): Judgement | Promise<Judgement> {
    const { data, digest } = candidate
    if (data.length > MAX_BLOCK_MESSAGE_BYTES) return judged(digest, reject(OVERSIZED.reason))
    const recent = this.#recent.get(digest)
    if (recent !== undefined) return judged(this.hashOf(digest) ?? digest, recent)
    const known = this.#hashes.peek(digest)
    if (known !== undefined && this.#isKnown(known)) return judged(known, KNOWN_VERDICT)
    const peeked = candidate.made ?? this.#peek(data)
    if (isBlockDefect(peeked)) return judged(digest, this.#keep(digest, malformed(peeked)))
    const { hash } = peeked
    this.#hashes.set(digest, hash)
    if (this.#isKnown(hash)) return judged(hash, KNOWN_VERDICT)
    const early = this.#earlyRefusal(peeked, candidate)
    if (early !== undefined) return judged(hash, this.#keep(digest, early))
    const block = 'body' in peeked ? this.#decode(peeked) : peeked
    if (isBlockDefect(block)) return judged(hash, this.#keep(digest, malformed(block)))
    return this.judgeAgain(block, candidate)
  }

  #peek(data: Uint8Array): PeekedBlock | BlockDefect {
    return (this.#context.peekBlock ?? peekBlock)(ownedBytes(data))
  }

  #decode(peeked: PeekedBlock): Block | BlockDefect {
    const { mempool } = this.#context
    const known = (hash: Hash): Tx | undefined => mempool.get(hash)?.tx
    return (this.#context.decodeBody ?? decodeBody)(peeked, known)
  }

  hashOf(digest: Hash): Hash | undefined {
    return this.#hashes.peek(digest)
  }

  async judgeAgain(block: Block, candidate: Candidate): Promise<Judgement> {
    const { hash } = block
    const judgement = this.#judgeOnParent(block, candidate)
    this.#underWay.set(hash, judgement)
    try {
      return await judgement
    } finally {
      if (this.#underWay.get(hash) === judgement) this.#underWay.delete(hash)
    }
  }

  async #judgeOnParent(block: Block, candidate: Candidate): Promise<Judgement> {
    const { hash, header } = block
    await this.#parentSettled(header.parentHash)
    const check = this.#context.chain.check(block)
    const broken = during('judging a block message', () =>
      this.#firstBroken(check, block, candidate),
    )
    if (broken === undefined && check !== undefined) return this.#checkSignatures(check, candidate)
    const judgement = judged(hash, this.#keep(candidate.digest, refused(broken ?? UNKNOWN_PARENT)))
    if (broken === UNKNOWN_PARENT)
      return { ...judgement, held: { block, reason: UNKNOWN_PARENT.reason } }
    if (broken !== FUTURE_BLOCK) return judgement
    const dueMs = this.#context.clock.monotonicMs() + this.#earlyMs(header)
    return { ...judgement, held: { block, reason: FUTURE_BLOCK.reason, dueMs } }
  }

  /**
   * Waits for a parent that is being judged or executed: it is on its way, and nobody has to be
   * asked for it.
   */
  async #parentSettled(hash: Hash): Promise<void> {
    await this.#underWay.get(hash)?.catch(() => {})
    await this.#context.imports.settled(hash)
  }

  #isKnown(hash: Hash): boolean {
    const { chain, imports } = this.#context
    return chain.has(hash) || imports.isPending(hash) || imports.isRefused(hash)
  }

  #earlyRefusal({ hash, header }: PeekedBlock | Block, candidate: Candidate): Verdict | undefined {
    const facts = this.#headerFacts(hash, candidate)
    const broken =
      firstBroken(EARLY_HEADER_RULES, header, facts) ?? firstBroken(SIGNER_RULES, header, facts)
    return broken && refused(broken)
  }

  /** Of the rules that need neither signatures nor execution, from the parent on. */
  #firstBroken(
    check: BlockCheck | undefined,
    { hash, header }: Block,
    candidate: Candidate,
  ): RuleText | BrokenRule | undefined {
    if (this.#context.imports.isRefused(header.parentHash)) return REFUSED_PARENT
    if (check === undefined) return UNKNOWN_PARENT
    const broken = check.header() ?? check.seal()
    if (broken !== undefined) return broken
    if (isGossip(candidate) && !this.#isAmongFirst(hash, header)) return THIRD_BLOCK
    return this.#earlyMs(header) > 0 ? FUTURE_BLOCK : check.body()
  }

  #isAmongFirst(hash: Hash, header: Header): boolean {
    const signer = this.#context.chain.sealer(hash, header)
    return signer === undefined || this.#seals.admits(header.number, signer, hash)
  }

  /** How long until the block's time has come, ms. */
  #earlyMs(header: Header): number {
    return Number(header.timestamp) * 1000 - this.#context.clock.wallMs()
  }

  async #checkSignatures(check: BlockCheck, candidate: Candidate): Promise<Judgement> {
    const { digest } = candidate
    const { block } = check
    const recovered = await Promise.all(block.transactions.map((tx) => this.#senderOf(tx)))
    const queuedMs = recovered.reduce((longest, one) => Math.max(longest, one.queuedMs), 0)
    const senders: Address[] = []
    for (const one of recovered) {
      if ('failure' in one) {
        const verdict = this.#keep(digest, unverified(one.failure))
        return { verdict, hash: block.hash, queuedMs }
      }
      senders.push(one.address)
    }
    const broken = check.order(senders)
    if (broken === undefined) this.#noteNewTxs(block, candidate)
    const verdict = broken ? this.#keep(digest, refused(broken)) : this.#enqueue(check)
    return { verdict, hash: block.hash, queuedMs }
  }

  /**
   * A transaction that its block overtook has come all the same, and its own copies will be
   * duplicates.
   */
  #noteNewTxs(block: Block, { from, receivedMs }: Candidate): void {
    const { chain, mempool, trace, clock } = this.#context
    const judgedMs = clock.monotonicMs()
    for (const { hash, raw } of block.transactions) {
      if (mempool.get(hash) !== undefined || chain.recentLocation(hash) !== undefined) continue
      trace.sighting({
        kind: 'tx',
        hash,
        from,
        route: 'block',
        receivedMs,
        judgedMs,
        queuedMs: 0,
        action: 'accept',
        reason: '',
        bytes: raw.length,
      })
    }
  }

  #enqueue(check: BlockCheck): Verdict {
    return this.#context.imports.enqueue(check) ? ACCEPT : refused(CHAIN_BEHIND)
  }

  /** A transaction that came by gossip before costs no recovery here. */
  async #senderOf(tx: Tx): Promise<Recovered> {
    const { senders, mempool } = this.#context
    const address = senders.known(tx.hash) ?? mempool.get(tx.hash)?.sender
    return address === undefined ? senders.recover(tx, 'block') : { address, queuedMs: 0 }
  }

  #headerFacts(hash: Hash, { route }: Candidate): HeaderFacts {
    const { chain, clock } = this.#context
    return {
      chain,
      hash,
      headNumber: chain.head.header.number,
      wallMs: clock.wallMs(),
      isAsked: route === 'request',
    }
  }

  /**
   * Remembers a reject by the digest of all bytes; what depends on us or on time is judged anew
   * every time.
   */
  #keep(digest: Hash, verdict: Verdict): Verdict {
    return verdict.action === 'reject' ? this.#recent.remember(digest, verdict) : verdict
  }
}

function malformed({ reason, message }: BlockDefect): Verdict {
  return reject(reason, message)
}

function judged(hash: Hash, verdict: Verdict): Judgement {
  return { verdict, hash, queuedMs: 0 }
}

function refused(broken: RuleText | BrokenRule): Verdict {
  return 'otherwise' in broken
    ? { action: broken.otherwise, reason: broken.reason, message: broken.sentence }
    : reject(broken.reason, broken.message)
}

function unverified(reason: VerifierFailure): Verdict {
  return reason === 'bad-signature' ? reject(reason) : { action: 'ignore', reason }
}
