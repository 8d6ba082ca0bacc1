import type { Hash } from '../crypto/keccak.ts'
import type { ItemKind } from '../item/itemKinds.ts'
import type { Route } from '../item/route.ts'

/** Where a copy came from: a peer, our own RPC, our own sealer, a request we made, or the pool. */
export type Source = string

/**
 * One copy of one item at this node. Every copy is one, duplicates included. A held copy is
 * recorded a second time, with the same `from` and `receivedMs`, when it has been judged again.
 * Times are monotonic milliseconds, shared by all processes of one machine.
 */
export interface Sighting<Kind extends string = ItemKind, Reason extends string = string> {
  readonly kind: Kind
  readonly hash: Hash
  readonly from: Source
  readonly route: Route
  readonly receivedMs: number
  /** When the verdict stood; equals `receivedMs` for a duplicate, which is a look-up. */
  readonly judgedMs: number
  /** Time spent waiting for the verifier, inside judging. */
  readonly queuedMs: number
  readonly action: 'accept' | 'ignore' | 'reject' | 'hold' | 'duplicate'
  /**
   * Empty for accept and duplicate. Text in a trace, which lies below the rules whose words these
   * are.
   */
  readonly reason: Reason
  readonly bytes: number
}

/** What happened to an item at this node after it was first seen. */
export type Fate =
  | { readonly kind: 'forwarded'; readonly to: string }
  | { readonly kind: 'released'; readonly reason: string }
  | {
      readonly kind:
        'pending' | 'queued' | 'parked' | 'promoted' | 'demoted' | 'expired' | 'returned'
    }
  | { readonly kind: 'replaced'; readonly by: Hash }
  | { readonly kind: 'evicted' | 'dropped'; readonly reason: string }
  | { readonly kind: 'included'; readonly block: Hash; readonly number: bigint }
  | {
      readonly kind: 'imported' | 'became-head' | 'left-chain' | 'refused'
      readonly reason?: string
    }

/**
 * The one hook every measurement hangs on. Implementations must not block and must bound their
 * memory.
 */
export interface Trace<Kind extends string = ItemKind> {
  sighting(sighting: Sighting<Kind>): void
  fate(kind: Kind, hash: Hash, fate: Fate, atMs: number): void
}

/** Records nothing. */
export const noTrace: Trace<string> = { sighting: () => {}, fate: () => {} }
