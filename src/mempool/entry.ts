import { effectiveTip } from '../tx/gas.ts'
import type { Address } from '../crypto/address.ts'
import type { Tx } from '../tx/tx.ts'
import { maxCost } from './fees.ts'

/** Where the transaction came in: over our own RPC, or from a peer. */
export type TxOrigin = 'local' | 'remote'

/**
 * - pending: executable after the pending ones of its sender before it.
 * - queued: behind a nonce gap, forwarded.
 * - parked: behind a nonce gap, held back from the network until the gap closes.
 */
export type PoolPlace = 'pending' | 'queued' | 'parked'

/** A transaction in the pool. `place` changes as the pool does. */
export interface PooledTx {
  readonly tx: Tx
  readonly sender: Address
  readonly origin: TxOrigin
  /** When the pool took it, on the monotonic clock. */
  readonly addedMs: number
  readonly place: PoolPlace
}

/** What is known of a transaction when it enters. */
export interface EntryOptions {
  readonly tx: Tx
  readonly sender: Address
  readonly origin: TxOrigin
  readonly addedMs: number
  /** Counts the transactions the pool took: the arrival order that settles ties. */
  readonly order: number
  readonly slots: number
  readonly baseFee: bigint
}

/** A pooled transaction with what the pool computes once, or keeps up to date, for it. */
export class PoolEntry implements PooledTx {
  readonly tx: Tx
  readonly sender: Address
  readonly origin: TxOrigin
  readonly addedMs: number
  readonly order: number
  readonly slots: number
  /** The most it can take from its sender, in wei. */
  readonly cost: bigint
  place: PoolPlace = 'queued'
  /** Effective tip at the pool's base fee, in wei; negative below it. */
  tip: bigint
  /**
   * In a pending run: the entry of least worth up to this one. A transaction cannot execute before
   * those it follows, so it is worth no more to a producer than the least of them.
   */
  weakest: PoolEntry = this

  constructor(options: EntryOptions) {
    this.tx = options.tx
    this.sender = options.sender
    this.origin = options.origin
    this.addedMs = options.addedMs
    this.order = options.order
    this.slots = options.slots
    this.cost = maxCost(options.tx)
    this.tip = effectiveTip(options.tx, options.baseFee)
  }
}

/** The room a transaction takes: one slot per started `slotBytes`. */
export function slotsOf(tx: Tx, slotBytes: number): number {
  return Math.max(1, Math.ceil(tx.raw.length / slotBytes))
}

/** Order of rising nonces, for `sort`. */
export function byNonce(a: PooledTx, b: PooledTx): number {
  if (a.tx.nonce === b.tx.nonce) return 0
  return a.tx.nonce < b.tx.nonce ? -1 : 1
}
