/** Putting an admitted transaction where it belongs, and what follows for its sender's others. */
import type { PoolPlace, PoolEntry } from './entry.ts'
import type { PoolEvent } from './events.ts'
import type { PoolLimits } from './limits.ts'
import type { PoolRefusal } from './refusals.ts'
import { makePendingRoom, makeQueuedRoom } from './room.ts'
import type { SenderTxs } from './senderTxs.ts'
import { releaseParked } from './settle.ts'
import type { PoolStore } from './store.ts'

/**
 * Where a transaction belongs that has `gap` nonces missing before it; none or negative is pending.
 */
export function placeAt(gap: bigint, limits: PoolLimits): PoolPlace {
  if (gap <= 0n) return 'pending'
  return gap <= BigInt(limits.forwardedGap) ? 'queued' : 'parked'
}

/**
 * Places `entry`, whose nonce is new in the pool, and promotes those whose gap it closes; or says
 * why there is no room.
 */
export function insert(
  store: PoolStore,
  sender: SenderTxs,
  entry: PoolEntry,
  place: PoolPlace,
  events: PoolEvent[],
): PoolRefusal | undefined {
  if (place !== 'pending') return insertQueued(store, sender, entry, place, events)
  const refusal = makePendingRoom(store, sender, entry, events)
  if (refusal !== undefined) return refusal
  store.append(sender, entry)
  events.push({ kind: 'pending', pooled: entry })
  promote(store, sender, events)
  return undefined
}

/**
 * Places `entry` instead of `old`, of the same nonce, or says why there is no room for the
 * difference in length.
 */
export function replace(
  store: PoolStore,
  sender: SenderTxs,
  old: PoolEntry,
  entry: PoolEntry,
  place: PoolPlace,
  events: PoolEvent[],
): PoolRefusal | undefined {
  const refusal = roomToGrow(store, sender, entry.slots - old.slots, place)
  if (refusal !== undefined) return refusal
  if (place === 'pending') {
    store.replacePending(sender, old, entry)
  } else {
    store.dequeue(sender, old)
    store.enqueue(sender, entry, place)
  }
  store.forget(sender, old)
  events.push({ kind: 'replaced', pooled: old, by: entry.tx.hash }, { kind: place, pooled: entry })
  return undefined
}

function insertQueued(
  store: PoolStore,
  sender: SenderTxs,
  entry: PoolEntry,
  place: 'queued' | 'parked',
  events: PoolEvent[],
): PoolRefusal | undefined {
  if (sender.queued.slots + entry.slots > store.limits.senderQueuedSlots) return 'sender-slots'
  const refusal = makeQueuedRoom(store, entry, events)
  if (refusal !== undefined) return refusal
  store.enqueue(sender, entry, place)
  events.push({ kind: place, pooled: entry })
  return undefined
}

function roomToGrow(
  store: PoolStore,
  sender: SenderTxs,
  slots: number,
  place: PoolPlace,
): PoolRefusal | undefined {
  if (slots <= 0) return undefined
  const { limits, pendingSlots, queuedSlots } = store
  if (place === 'pending')
    return pendingSlots + slots > limits.pendingSlots ? 'pool-full' : undefined
  if (sender.queued.slots + slots > limits.senderQueuedSlots) return 'sender-slots'
  return queuedSlots + slots > limits.queuedSlots ? 'pool-full' : undefined
}

/**
 * After the pending run grew: those whose gap has closed follow, those whose gap shrank enough are
 * released.
 */
function promote(store: PoolStore, sender: SenderTxs, events: PoolEvent[]): void {
  if (sender.queued.length === 0) return
  for (let entry = sender.queued.first; entry?.tx.nonce === sender.nextNonce;) {
    const wasParked = entry.place === 'parked'
    store.dequeue(sender, entry)
    if (makePendingRoom(store, sender, entry, events) !== undefined) {
      store.forget(sender, entry)
      events.push({ kind: 'evicted', pooled: entry, reason: 'pool-full' })
      break
    }
    store.append(sender, entry)
    events.push({ kind: 'promoted', pooled: entry, wasParked })
    entry = sender.queued.first
  }
  releaseParked(store, sender, events)
}
