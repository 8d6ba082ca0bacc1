/**
 * Making room in a full pool. Victims are taken out on trial and put back if they do not free
 * enough, so a transaction that is refused in the end has displaced nothing.
 */
import type { PoolEntry } from './entry.ts'
import { compareWorth } from './fees.ts'
import type { EvictionReason, PoolEvent } from './events.ts'
import type { PoolRefusal } from './refusals.ts'
import type { SenderTxs } from './senderTxs.ts'
import type { PoolStore } from './store.ts'

interface Victim {
  readonly sender: SenderTxs
  readonly entry: PoolEntry
  readonly reason: EvictionReason
}

/**
 * Frees room for `entry` at the end of the sender's pending run, or says why there is none.
 *
 * A sender within its share takes from those above theirs, whatever they pay; beyond that, only
 * from what is worth less. A sender above its share takes only from others above theirs. The entry
 * counts as the weakest of the run it joins, so its own sender is never the victim: that one would
 * have to be worth less than itself.
 */
export function makePendingRoom(
  store: PoolStore,
  sender: SenderTxs,
  entry: PoolEntry,
  events: PoolEvent[],
): PoolRefusal | undefined {
  const overShare = store.order.isOverShare(sender.pending.slots + entry.slots)
  const worth = weaker(sender.pending.weakest, entry)
  const victims: Victim[] = []
  while (store.pendingSlots + entry.slots > store.limits.pendingSlots) {
    const victim = pendingVictim(store, worth, overShare)
    if (victim === undefined) {
      for (const taken of victims.reverse()) store.append(taken.sender, taken.entry)
      return overShare ? 'pool-full' : 'underpriced'
    }
    victims.push(victim)
  }
  evict(store, victims, events)
  return undefined
}

function pendingVictim(
  store: PoolStore,
  worth: PoolEntry,
  takerIsOverShare: boolean,
): Victim | undefined {
  const sender = store.order.firstSender()
  const weakest = sender?.pending.weakest
  if (sender === undefined || weakest === undefined) return undefined
  const isOverShare = store.order.isOverShare(sender.pending.slots)
  if (takerIsOverShare && !isOverShare) return undefined
  const isFree = isOverShare && !takerIsOverShare
  if (!isFree && compareWorth(worth, weakest) <= 0) return undefined
  const entry = store.popPending(sender)
  return entry && { sender, entry, reason: isOverShare ? 'over-share' : 'pool-full' }
}

/**
 * Frees room for `entry` behind a gap, from what is worth less behind the gaps, or says why there
 * is none.
 */
export function makeQueuedRoom(
  store: PoolStore,
  entry: PoolEntry,
  events: PoolEvent[],
): PoolRefusal | undefined {
  const victims: Victim[] = []
  while (store.queuedSlots + entry.slots > store.limits.queuedSlots) {
    const first = store.order.firstQueued()
    const sender = first && store.sender(first.sender)
    if (first === undefined || sender === undefined || compareWorth(entry, first) <= 0) {
      for (const taken of victims)
        store.enqueue(
          taken.sender,
          taken.entry,
          taken.entry.place === 'parked' ? 'parked' : 'queued',
        )
      return 'underpriced'
    }
    store.dequeue(sender, first)
    victims.push({ sender, entry: first, reason: 'pool-full' })
  }
  evict(store, victims, events)
  return undefined
}

/**
 * Brings a pool that grew by other ways than admission (a head that moved back) within its limits.
 */
export function trimToLimits(store: PoolStore, events: PoolEvent[]): void {
  while (store.pendingSlots > store.limits.pendingSlots) {
    const sender = store.order.firstSender()
    if (sender === undefined) return
    const reason = store.order.hasOverShare ? 'over-share' : 'pool-full'
    const entry = store.popPending(sender)
    if (entry !== undefined) evict(store, [{ sender, entry, reason }], events)
  }
  while (store.queuedSlots > store.limits.queuedSlots) {
    const entry = store.order.firstQueued()
    const sender = entry && store.sender(entry.sender)
    if (entry === undefined || sender === undefined) return
    store.dequeue(sender, entry)
    evict(store, [{ sender, entry, reason: 'pool-full' }], events)
  }
}

/** Forgets entries that have left their place already. */
function evict(store: PoolStore, victims: readonly Victim[], events: PoolEvent[]): void {
  for (const { sender, entry, reason } of victims) {
    store.forget(sender, entry)
    store.closeIfEmpty(sender)
    events.push({ kind: 'evicted', pooled: entry, reason })
  }
}

function weaker(a: PoolEntry | undefined, b: PoolEntry): PoolEntry {
  return a !== undefined && compareWorth(a, b) <= 0 ? a : b
}
