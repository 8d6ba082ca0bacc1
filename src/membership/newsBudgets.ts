import type { PeerId } from '../gossip/network.ts'
import { BoundedMap } from '../lib/boundedMap.ts'
import { TokenBucket, type BucketRate } from '../lib/tokenBucket.ts'
import {
  ACCUSATIONS_PER_ACCUSER,
  ACCUSE_AGAIN_MS,
  MAX_BUDGETS,
  MEMBER_RECORDS,
  STATEMENTS_PER_PEER,
} from './limits.ts'

/** How much news there may be, by who sends it and by who says it. Times are monotonic ms. */
export class NewsBudgets {
  readonly #senders = new BoundedMap<PeerId, TokenBucket>(MAX_BUDGETS)
  readonly #members = new BoundedMap<PeerId, TokenBucket>(MAX_BUDGETS)
  readonly #accusers = new BoundedMap<PeerId, TokenBucket>(MAX_BUDGETS)
  /** When an accuser may accuse a member again. */
  readonly #pairs = new BoundedMap<string, number>(MAX_BUDGETS)

  /** A peer sends a statement, whosever it is; asked before the signature is checked. */
  maySend(peer: PeerId, nowMs: number): boolean {
    return taken(this.#senders, peer, STATEMENTS_PER_PEER, nowMs)
  }

  /**
   * A member renews its record; asked once the signature is known to be right, or others could use
   * up its budget.
   */
  mayRenew(member: PeerId, nowMs: number): boolean {
    return taken(this.#members, member, MEMBER_RECORDS, nowMs)
  }

  /** A member accuses another; asked once the signature is known to be right. */
  mayAccuse(accuser: PeerId, accused: PeerId, nowMs: number): boolean {
    const pair = `${accuser} ${accused}`
    if ((this.#pairs.get(pair) ?? -Infinity) > nowMs) return false
    if (!taken(this.#accusers, accuser, ACCUSATIONS_PER_ACCUSER, nowMs)) return false
    this.#pairs.set(pair, nowMs + ACCUSE_AGAIN_MS)
    return true
  }
}

function taken(
  buckets: BoundedMap<PeerId, TokenBucket>,
  key: PeerId,
  rate: BucketRate,
  nowMs: number,
): boolean {
  const bucket = buckets.get(key) ?? new TokenBucket(rate, nowMs)
  buckets.set(key, bucket)
  return bucket.take(1, nowMs)
}
