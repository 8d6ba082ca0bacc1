import type { Block } from '../../block/block.ts'
import type { Hash } from '../../crypto/keccak.ts'
import type { ItemKind } from '../../item/itemKinds.ts'
import type { Route } from '../../item/route.ts'
import type { Source } from '../../trace/trace.ts'
import { KNOWN } from '../rules/commonRules.ts'
import type { HoldReason } from '../hold/hold.ts'
import { ignore, type Verdict } from '../rules/verdict.ts'

/** One copy of one message on its way to a verdict. */
export interface Candidate<Kind extends string = ItemKind> {
  readonly kind: Kind
  readonly data: Uint8Array
  /** keccak256 of the data: the name of these very bytes. */
  readonly digest: Hash
  readonly from: Source
  readonly route: Route
  /** Monotonic ms. */
  readonly receivedMs: number
  /** The block that the data encodes, where this node made it: it is not decoded again. */
  readonly made?: Block | undefined
}

/** What a topic answers about a candidate. */
export interface Judgement {
  readonly verdict: Verdict
  /**
   * Under which the item is traced: its hash, or the digest of the bytes where they are no item.
   */
  readonly hash: Hash
  /** Waited for the verifier, ms. */
  readonly queuedMs: number
  /** Of a block to hold. A held transaction is in the pool. */
  readonly held?: HeldBlock
}

/** A block that waits before it is judged. */
export interface HeldBlock {
  readonly block: Block
  readonly reason: HoldReason
  /** Of a block that came before its time: monotonic ms at which it is due. */
  readonly dueMs?: number
}

/**
 * The judge of one kind of message; what it accepts it has taken in: into the pool, or the queue of
 * the chain. Never throws for anything a peer can send. Answers at once where it can: most copies
 * are known, and a promise for each would cost more than the look-up.
 */
export interface Topic<Kind extends string = ItemKind> {
  readonly kind: Kind
  judge(candidate: Candidate<Kind>): Judgement | Promise<Judgement>
  /**
   * The hash of the item that came in the message of this digest; `undefined` where none did, or
   * long ago. Left out where the digest of the message is the item's hash.
   */
  hashOf?(digest: Hash): Hash | undefined
  /** Judges a held block again, from its parent on. Left out where nothing is held as a block. */
  judgeAgain?(block: Block, candidate: Candidate<Kind>): Promise<Judgement>
  /**
   * Whether an item that the router no longer forwards is offered to peers on request; else it is
   * kept here alone.
   */
  readonly isOffered: boolean
}

/** The topics of a relay by kind. */
export type Topics<Kind extends string = ItemKind> = {
  readonly [Each in Kind]: Topic<Each>
}

/**
 * The verdict on everything that is known already; one object, since it is by far the most
 * frequent.
 */
export const KNOWN_VERDICT: Verdict = Object.freeze(ignore(KNOWN.reason))

/** Whether it came over a gossip stream. */
export function isGossip({ route }: Pick<Candidate, 'route'>): boolean {
  return route === 'push' || route === 'iwant'
}

/** Whether the copy brought nothing new. */
export function isKnown(verdict: Verdict): boolean {
  return verdict === KNOWN_VERDICT
}
