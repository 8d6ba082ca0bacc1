/**
 * The sessions of reconciliation that peers lead: answers their questions and fetches what they
 * give.
 *
 * One session per peer, the newest; a bounded number in all, and a budget of new ones for each peer
 * and for all, since a session begins with a hash for every element of the set. A session that is
 * not there any more is answered with "later".
 */
import type { Hash } from '../../crypto/keccak.ts'
import type { PeerId } from '../../gossip/network.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import { equalBytes } from '../../lib/bytes.ts'
import { encodeRlp } from '../../lib/rlp.ts'
import { TokenBucket } from '../../lib/tokenBucket.ts'
import type { ComparisonCost } from './comparisons.ts'
import { DifferenceAnswerer } from './difference.ts'
import { ReconcileSet, shortIds } from './reconcileSet.ts'
import { integer } from '../protocol.ts'
import {
  ALL_SESSIONS,
  MAX_ANSWERED_SESSIONS,
  MAX_REMEMBERED_PEERS,
  PEER_SESSIONS,
  SESSION_TIMEOUT_MS,
} from './reconcileLimits.ts'
import {
  decodeReconcile,
  encodeAnswer,
  encodeDifference,
  type CompareRequest,
  type DifferencePart,
  type GiveRequest,
} from './messages.ts'
import type { SessionParts } from './parts.ts'

/** First the comparison, then only what is still to be given. */
interface Session {
  readonly key: Uint8Array
  readonly beganMs: number
  readonly cost: ComparisonCost
  comparing: { readonly set: ReconcileSet; readonly answerer: DifferenceAnswerer } | undefined
  /** Short ids of what the peer may give. */
  lacking: Set<number>
}

/** The side of comparisons that a peer began. */
export class ReconcileFollower {
  readonly #parts: SessionParts
  readonly #sessions = new BoundedMap<PeerId, Session>(MAX_ANSWERED_SESSIONS)
  readonly #budgets = new BoundedMap<PeerId, TokenBucket>(MAX_REMEMBERED_PEERS)
  readonly #budgetOfAll: TokenBucket

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.#budgetOfAll = new TokenBucket(ALL_SESSIONS, parts.clock.monotonicMs())
  }

  /** Answers one request. Throws a ProtocolViolation for what no honest peer sends. */
  async *answer(from: PeerId, data: Uint8Array): AsyncIterable<Uint8Array> {
    const request = decodeReconcile(data)
    if (request.form === 'give') yield await this.#take(from, request)
    else yield* this.#compare(from, request, data.length)
  }

  /** Whether a session that the peer leads is under way, as far as one can tell. */
  isLedBy(peer: PeerId): boolean {
    const beganMs = this.#sessions.peek(peer)?.beganMs ?? -Infinity
    return this.#parts.clock.monotonicMs() - beganMs < SESSION_TIMEOUT_MS
  }

  forget(peer: PeerId): void {
    this.#sessions.delete(peer)
  }

  #compare(from: PeerId, request: CompareRequest, requestBytes: number): readonly Uint8Array[] {
    const session = this.#sessionOf(from, request)
    if (session?.comparing === undefined) return [encodeAnswer({ state: 'later', size: 0 })]
    const { answerer, set } = session.comparing
    const head = encodeAnswer(answerer.take(request))
    const { difference } = answerer
    const frames = difference === undefined ? [head] : [head, ...encodeDifference(difference)]
    session.cost.roundTrips++
    session.cost.receivedBytes += requestBytes
    session.cost.sentBytes += frames.reduce((sum, frame) => sum + frame.length, 0)
    if (difference !== undefined) this.#settle(from, session, set, difference, request.size)
    return frames
  }

  #sessionOf(from: PeerId, { key, from: first }: CompareRequest): Session | undefined {
    const known = this.#sessions.get(from)
    if (known !== undefined && equalBytes(known.key, key)) return known
    return first === 0 && this.#mayBegin(from) ? this.#begin(from, key) : undefined
  }

  #begin(from: PeerId, key: Uint8Array): Session {
    const { entriesFor, clock } = this.#parts
    const beganMs = clock.monotonicMs()
    const set = new ReconcileSet(entriesFor(from), key)
    const session = {
      key,
      beganMs,
      cost: { sentBytes: 0, receivedBytes: 0, roundTrips: 0 },
      comparing: { set, answerer: new DifferenceAnswerer(set) },
      lacking: new Set<number>(),
    }
    this.#sessions.set(from, session)
    return session
  }

  #settle(
    peer: PeerId,
    session: Session,
    set: ReconcileSet,
    { hashes, ids }: DifferencePart,
    theirSize: number,
  ): void {
    session.comparing = undefined
    session.lacking = new Set(ids)
    if (ids.length === 0) this.#sessions.delete(peer)
    this.#parts.comparisons.record({
      ...session.cost,
      peer,
      led: 'there',
      atMs: this.#parts.clock.wallMs(),
      membersHere: set.size,
      membersThere: theirSize,
      missingHere: ids.length,
      missingThere: hashes.length,
      samplesHere: [],
      samplesThere: hashes,
    })
  }

  /**
   * Fetches what is given, as far as it was found to be missing; the answer waits for that and so
   * sets the pace.
   */
  async #take(from: PeerId, { key, hashes }: GiveRequest): Promise<Uint8Array> {
    const missing = this.#missing(from, key, hashes)
    const { comparisons, isKnown, isWanted, isReady, fetch } = this.#parts
    const unknown = missing.filter((hash) => !isKnown(hash))
    comparisons.name(from, unknown, missing.length - unknown.length)
    const wanted = isReady() ? unknown.filter(isWanted) : []
    comparisons.took(wanted.length)
    if (wanted.length > 0) await fetch(from, wanted)
    return encodeRlp([integer(wanted.length)])
  }

  #missing(from: PeerId, key: Uint8Array, hashes: readonly Hash[]): readonly Hash[] {
    const session = this.#sessions.get(from)
    if (session === undefined || !equalBytes(session.key, key)) return []
    const idOf = shortIds(key)
    const missing = hashes.filter((hash) => session.lacking.delete(idOf(hash)))
    if (session.comparing === undefined && session.lacking.size === 0) this.#sessions.delete(from)
    return missing
  }

  #mayBegin(peer: PeerId): boolean {
    if (this.#parts.isLeading(peer)) return false
    const nowMs = this.#parts.clock.monotonicMs()
    const budget = this.#budgets.get(peer) ?? new TokenBucket(PEER_SESSIONS, nowMs)
    this.#budgets.set(peer, budget)
    return budget.take(1, nowMs) && this.#budgetOfAll.take(1, nowMs)
  }
}
