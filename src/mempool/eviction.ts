import type { PoolEntry } from './entry.ts'
import { compareWorth } from './fees.ts'
import { IndexedHeap } from './indexedHeap.ts'
import type { SenderTxs } from './senderTxs.ts'

/**
 * Who leaves first when room is needed. Kept up to date by the store with every move; O(log n)
 * each.
 *
 * Pending transactions leave from the end of a sender's run, so an eviction never cuts a run in
 * two. Senders stand in the order of the weakest entry of their run; those above their share stand
 * in a second heap, which is asked first. Queued transactions are worth what each pays. Among
 * equals the one that came last leaves first.
 */
export class EvictionOrder {
  readonly #sharePendingSlots: number
  readonly #senders = new IndexedHeap<SenderTxs>(leavesBefore)
  readonly #overShare = new IndexedHeap<SenderTxs>(leavesBefore)
  readonly #queued = new IndexedHeap<PoolEntry>(isWorthLess)

  constructor(sharePendingSlots: number) {
    this.#sharePendingSlots = sharePendingSlots
  }

  /** Whether `slots` pending slots are more than a sender keeps in a full pool. */
  isOverShare(slots: number): boolean {
    return slots > this.#sharePendingSlots
  }

  get hasOverShare(): boolean {
    return this.#overShare.size > 0
  }

  /** The sender whose last pending transaction leaves first. */
  firstSender(): SenderTxs | undefined {
    return this.#overShare.first() ?? this.#senders.first()
  }

  /** The queued or parked transaction that leaves first. */
  firstQueued(): PoolEntry | undefined {
    return this.#queued.first()
  }

  /** To be called after every change of a sender's pending run. */
  pendingChanged(sender: SenderTxs): void {
    if (sender.pending.length === 0) this.#senders.delete(sender)
    else this.#senders.put(sender)
    if (this.isOverShare(sender.pending.slots)) this.#overShare.put(sender)
    else this.#overShare.delete(sender)
  }

  queuedAdded(entry: PoolEntry): void {
    this.#queued.put(entry)
  }

  queuedRemoved(entry: PoolEntry): void {
    this.#queued.delete(entry)
  }

  /** To be called after the worth of many entries changed. */
  rebuild(): void {
    this.#senders.rebuild()
    this.#overShare.rebuild()
    this.#queued.rebuild()
  }

  /** What it holds and in which order; membership is compared by the store. */
  assertInvariants(): void {
    this.#senders.assertInvariants()
    this.#overShare.assertInvariants()
    this.#queued.assertInvariants()
  }

  /** How many of each it holds and whether a member is held: for the store's invariants. */
  get sizes(): { readonly senders: number; readonly overShare: number; readonly queued: number } {
    return {
      senders: this.#senders.size,
      overShare: this.#overShare.size,
      queued: this.#queued.size,
    }
  }

  holdsSender(sender: SenderTxs): boolean {
    return (
      this.#senders.has(sender) === sender.pending.length > 0 &&
      this.#overShare.has(sender) === this.isOverShare(sender.pending.slots)
    )
  }

  holdsQueued(entry: PoolEntry): boolean {
    return this.#queued.has(entry)
  }
}

function leavesBefore(a: SenderTxs, b: SenderTxs): boolean {
  const first = a.pending.last
  const second = b.pending.last
  if (first === undefined || second === undefined) return first === undefined
  const order = compareWorth(first.weakest, second.weakest)
  return order === 0 ? first.order > second.order : order < 0
}

function isWorthLess(a: PoolEntry, b: PoolEntry): boolean {
  const order = compareWorth(a, b)
  return order === 0 ? a.order > b.order : order < 0
}
