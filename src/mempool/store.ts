import { effectiveTip } from '../tx/gas.ts'
import type { Address } from '../crypto/address.ts'
import type { Hash } from '../crypto/keccak.ts'
import { byNonce, type PoolEntry } from './entry.ts'
import { EvictionOrder } from './eviction.ts'
import type { PoolLimits } from './limits.ts'
import { type SenderAccount, SenderTxs } from './senderTxs.ts'

/**
 * Where every transaction of the pool stands, with the totals and orders that follow from it. It
 * decides nothing: each operation here moves one thing and keeps all the rest in step, so that the
 * rules elsewhere need not.
 *
 * An entry is *known* (by hash, and in its sender's cost) and *placed* (pending or queued). The two
 * are changed apart, because entries are taken out of their place on trial, and a sender's are
 * placed anew, without being forgotten.
 */
export class PoolStore {
  readonly limits: PoolLimits
  readonly order: EvictionOrder
  /** By hash; in order of age, since entries are only ever added at the end. */
  readonly #known = new Map<Hash, PoolEntry>()
  readonly #senders = new Map<Address, SenderTxs>()
  #pendingCount = 0
  #pendingSlots = 0
  #queuedSlots = 0

  constructor(limits: PoolLimits) {
    this.limits = limits
    this.order = new EvictionOrder(limits.senderPendingSlots)
  }

  get size(): number {
    return this.#known.size
  }

  get pendingCount(): number {
    return this.#pendingCount
  }

  get pendingSlots(): number {
    return this.#pendingSlots
  }

  get queuedSlots(): number {
    return this.#queuedSlots
  }

  get(hash: Hash): PoolEntry | undefined {
    return this.#known.get(hash)
  }

  has(hash: Hash): boolean {
    return this.#known.has(hash)
  }

  /** Oldest first. */
  entries(): IterableIterator<PoolEntry> {
    return this.#known.values()
  }

  sender(address: Address): SenderTxs | undefined {
    return this.#senders.get(address)
  }

  senders(): IterableIterator<SenderTxs> {
    return this.#senders.values()
  }

  openSender(address: Address, account: SenderAccount): SenderTxs {
    const existing = this.#senders.get(address)
    if (existing !== undefined) return existing
    const opened = new SenderTxs(address, account)
    this.#senders.set(address, opened)
    return opened
  }

  /** Forgets a sender that has nothing left. */
  closeIfEmpty(sender: SenderTxs): void {
    if (sender.size === 0) this.#senders.delete(sender.address)
  }

  remember(sender: SenderTxs, entry: PoolEntry): void {
    this.#known.set(entry.tx.hash, entry)
    sender.cost += entry.cost
    sender.size += 1
  }

  forget(sender: SenderTxs, entry: PoolEntry): void {
    if (!this.#known.delete(entry.tx.hash)) return
    sender.cost -= entry.cost
    sender.size -= 1
  }

  /** Places `entry`, of the sender's next nonce, at the end of the pending run. */
  append(sender: SenderTxs, entry: PoolEntry): void {
    entry.place = 'pending'
    sender.pending.push(entry)
    this.#pendingCount += 1
    this.#pendingSlots += entry.slots
    this.order.pendingChanged(sender)
  }

  /** Takes the last entry out of the pending run. */
  popPending(sender: SenderTxs): PoolEntry | undefined {
    const entry = sender.pending.pop()
    if (entry === undefined) return undefined
    this.#pendingCount -= 1
    this.#pendingSlots -= entry.slots
    this.order.pendingChanged(sender)
    return entry
  }

  replacePending(sender: SenderTxs, old: PoolEntry, entry: PoolEntry): void {
    entry.place = 'pending'
    sender.pending.replace(old, entry)
    this.#pendingSlots += entry.slots - old.slots
    this.order.pendingChanged(sender)
  }

  /** Places `entry` behind the sender's gap. */
  enqueue(sender: SenderTxs, entry: PoolEntry, place: 'queued' | 'parked'): void {
    entry.place = place
    sender.queued.insert(entry)
    this.#queuedSlots += entry.slots
    this.order.queuedAdded(entry)
  }

  dequeue(sender: SenderTxs, entry: PoolEntry): void {
    sender.queued.remove(entry)
    this.#queuedSlots -= entry.slots
    this.order.queuedRemoved(entry)
  }

  /**
   * Takes everything of a sender out of its place; the answer is what is still known of it, by
   * nonce.
   */
  displace(sender: SenderTxs): PoolEntry[] {
    const placed = [...sender.pending.entries(), ...sender.queued.entries()]
    this.#pendingCount -= sender.pending.length
    this.#pendingSlots -= sender.pending.slots
    this.#queuedSlots -= sender.queued.slots
    for (const entry of sender.queued.entries()) this.order.queuedRemoved(entry)
    sender.pending.clear()
    sender.queued.clear()
    this.order.pendingChanged(sender)
    return placed.filter((entry) => this.#known.get(entry.tx.hash) === entry).sort(byNonce)
  }

  /** Computes every tip, and every order that follows from the tips, for a new base fee in wei. */
  reprice(baseFee: bigint): void {
    for (const entry of this.#known.values()) entry.tip = effectiveTip(entry.tx, baseFee)
    for (const sender of this.#senders.values()) sender.pending.reweigh()
    this.order.rebuild()
  }
}
