import type { Hash } from '../crypto/keccak.ts'
import type { PooledTx } from './entry.ts'

/**
 * Why a transaction had to leave for others: the pool was full and it was the cheapest; the pool
 * was full and its sender held more than its share; its sender had too much behind a gap.
 */
export type EvictionReason = 'pool-full' | 'over-share' | 'sender-slots'

/**
 * Why a new head made a transaction useless: its nonce is used, or its sender can no longer pay for
 * it.
 */
export type DropReason = 'nonce-too-low' | 'insufficient-funds'

/** Which block it is. */
export interface BlockRef {
  readonly hash: Hash
  readonly number: bigint
}

/**
 * What happened to a transaction, in order, sent when the operation that caused it is complete.
 *
 * Every transaction that enters has exactly one of `pending`, `queued`, `parked`, `returned`, and
 * every one that leaves exactly one of `replaced`, `evicted`, `expired`, `dropped`, `included`. A
 * parked one becomes fit to be forwarded exactly once: with `released`, or with `promoted` where
 * `wasParked` is true.
 */
export type PoolEvent =
  | { readonly kind: 'pending' | 'queued' | 'parked'; readonly pooled: PooledTx }
  /** From behind a gap to pending. */
  | { readonly kind: 'promoted'; readonly pooled: PooledTx; readonly wasParked: boolean }
  /** From parked to queued: the gap has become small enough to forward it. */
  | { readonly kind: 'released'; readonly pooled: PooledTx }
  /** From pending to queued: one before it left, or the head moved back. */
  | { readonly kind: 'demoted'; readonly pooled: PooledTx }
  | { readonly kind: 'replaced'; readonly pooled: PooledTx; readonly by: Hash }
  | { readonly kind: 'evicted'; readonly pooled: PooledTx; readonly reason: EvictionReason }
  | { readonly kind: 'expired'; readonly pooled: PooledTx }
  | { readonly kind: 'dropped'; readonly pooled: PooledTx; readonly reason: DropReason }
  | { readonly kind: 'included'; readonly pooled: PooledTx; readonly block: BlockRef }
  /** Back from a block that is no longer part of the chain. */
  | { readonly kind: 'returned'; readonly pooled: PooledTx }

/** The names of all kinds of events. */
export type PoolEventKind = PoolEvent['kind']
