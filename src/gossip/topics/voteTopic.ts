import type { Finality } from '../../finality/finality.ts'
import { MAX_RATED_PEERS, MAX_VOTE_BYTES, VOTE_CHECK_RATE } from '../../finality/limits.ts'
import { decodeVote, signerOf, type SignedLink } from '../../finality/vote.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import { ownedBytes } from '../../lib/bytes.ts'
import type { Clock } from '../../lib/clock.ts'
import { TokenBucket } from '../../lib/tokenBucket.ts'
import type { Source } from '../../trace/trace.ts'
import { OVERSIZED } from '../rules/commonRules.ts'
import { RecentVerdicts } from './recentVerdicts.ts'
import { firstBroken, type RuleText } from '../rules/rule.ts'
import { isGossip, KNOWN_VERDICT, type Candidate, type Judgement, type Topic } from './topic.ts'
import { ACCEPT, type Verdict } from '../rules/verdict.ts'
import {
  BAD_VOTE_SIGNATURE,
  EARLY_VOTE_RULES,
  ENOUGH_VOTES,
  MALFORMED_VOTE,
  NOT_A_SIGNER,
  OLD_VOTE,
  TOO_MANY_VOTES,
  type VoteFacts,
} from '../rules/voteRules.ts'

/** What judging a vote needs of the node. */
export interface VoteTopicContext {
  readonly finality: VoteFacts & Pick<Finality, 'novelty' | 'add' | 'addOld'>
  readonly clock: Clock
  /** Who signed a vote, unless as everywhere. */
  readonly voterOf?: typeof signerOf
}

/**
 * Judges votes: size, known, form, heights, rate, signer. A vote for blocks that are not known here
 * is taken and forwarded like any other: others may know them, and it counts here when they come.
 */
export class VoteTopic implements Topic<'vote'> {
  readonly kind = 'vote'
  readonly isOffered = false
  readonly #context: VoteTopicContext
  readonly #recent: RecentVerdicts
  readonly #rates = new BoundedMap<Source, TokenBucket>(MAX_RATED_PEERS)

  constructor(context: VoteTopicContext) {
    this.#context = context
    this.#recent = new RecentVerdicts(context.clock)
  }

  judge(candidate: Candidate): Judgement {
    return { verdict: this.#verdict(candidate), hash: candidate.digest, queuedMs: 0 }
  }

  #verdict(candidate: Candidate): Verdict {
    const { data, digest } = candidate
    const { finality } = this.#context
    if (data.length > MAX_VOTE_BYTES) return refused(OVERSIZED)
    const recent = this.#recent.get(digest)
    if (recent !== undefined) return recent
    if (finality.votes.has(digest)) return KNOWN_VERDICT
    const vote = decodeVote(ownedBytes(data))
    const broken =
      vote === undefined ? MALFORMED_VOTE : firstBroken(EARLY_VOTE_RULES, vote, finality)
    if (vote === undefined || broken !== undefined)
      return this.#keep(digest, refused(broken ?? MALFORMED_VOTE))
    if (!this.#mayCheck(candidate)) return refused(TOO_MANY_VOTES)
    return this.#keep(digest, this.#bySigner(vote))
  }

  #bySigner(vote: SignedLink): Verdict {
    const { finality, voterOf = signerOf } = this.#context
    const signer = voterOf(finality.domain, vote)
    if (signer === undefined) return refused(BAD_VOTE_SIGNATURE)
    if (!finality.signers.includes(signer)) return refused(NOT_A_SIGNER)
    const novelty = finality.novelty(signer, vote)
    if (novelty === 'known') return KNOWN_VERDICT
    if (novelty === 'old')
      return finality.addOld({ ...vote, signer }).length > 0 ? ACCEPT : refused(OLD_VOTE)
    if (novelty !== 'new') return refused(ENOUGH_VOTES)
    finality.add({ ...vote, signer })
    return ACCEPT
  }

  /** What was asked for, and what is our own, is not counted. */
  #mayCheck(candidate: Candidate): boolean {
    if (!isGossip(candidate)) return true
    const nowMs = this.#context.clock.monotonicMs()
    const rate = this.#rates.get(candidate.from) ?? new TokenBucket(VOTE_CHECK_RATE, nowMs)
    this.#rates.set(candidate.from, rate)
    return rate.take(1, nowMs)
  }

  /** What is wrong for everybody stays so; the rest depends on us and is judged anew. */
  #keep(digest: Candidate['digest'], verdict: Verdict): Verdict {
    return verdict.action === 'reject' ? this.#recent.remember(digest, verdict) : verdict
  }
}

function refused({ otherwise, reason }: RuleText): Verdict {
  return { action: otherwise, reason }
}
