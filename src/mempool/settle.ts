/**
 * Placing a sender's transactions anew, after a head change or after some of them left. Slower than
 * what `add` does in place, and plain: take all out, drop what is useless, put the rest where it
 * belongs.
 */
import type { PoolPlace, PoolEntry } from './entry.ts'
import type { PoolEvent } from './events.ts'
import type { SenderTxs } from './senderTxs.ts'
import type { PoolStore } from './store.ts'

/**
 * Places all that is known of `sender` by the account it now has. `returned` are entries remembered
 * but not placed yet.
 *
 * Of what the balance no longer covers, the highest nonces leave first: those before them are
 * executable without them, not the other way round.
 */
export function settleSender(
  store: PoolStore,
  sender: SenderTxs,
  returned: readonly PoolEntry[],
  events: PoolEvent[],
): void {
  const before = new Map<PoolEntry, PoolPlace>()
  const entries = store.displace(sender)
  for (const entry of entries) before.set(entry, entry.place)
  const all = [...entries, ...returned].sort((a, b) => (a.tx.nonce < b.tx.nonce ? -1 : 1))
  const fresh = dropStale(store, sender, all, events)
  dropOverdraft(store, sender, fresh, events)
  for (const entry of fresh) {
    place(store, sender, entry, before.get(entry))
    const event = moveEvent(entry, before.get(entry))
    if (event !== undefined) events.push(event)
  }
  trimQueued(store, sender, events)
  releaseParked(store, sender, events)
  store.closeIfEmpty(sender)
}

/** Parked entries that have come within the forwarded gap become queued: fit to be forwarded. */
export function releaseParked(store: PoolStore, sender: SenderTxs, events: PoolEvent[]): void {
  const lastForwarded = sender.nextNonce + BigInt(store.limits.forwardedGap)
  for (const entry of sender.queued.entries()) {
    if (entry.tx.nonce > lastForwarded) return
    if (entry.place !== 'parked') continue
    entry.place = 'queued'
    events.push({ kind: 'released', pooled: entry })
  }
}

function dropStale(
  store: PoolStore,
  sender: SenderTxs,
  entries: readonly PoolEntry[],
  events: PoolEvent[],
): PoolEntry[] {
  const fresh: PoolEntry[] = []
  for (const entry of entries) {
    if (entry.tx.nonce >= sender.account.nonce) fresh.push(entry)
    else {
      store.forget(sender, entry)
      events.push({ kind: 'dropped', pooled: entry, reason: 'nonce-too-low' })
    }
  }
  return fresh
}

function dropOverdraft(
  store: PoolStore,
  sender: SenderTxs,
  entries: PoolEntry[],
  events: PoolEvent[],
): void {
  while (sender.cost > sender.account.balance) {
    const entry = entries.pop()
    if (entry === undefined) return
    store.forget(sender, entry)
    events.push({ kind: 'dropped', pooled: entry, reason: 'insufficient-funds' })
  }
}

function place(
  store: PoolStore,
  sender: SenderTxs,
  entry: PoolEntry,
  before: PoolPlace | undefined,
): void {
  if (entry.tx.nonce === sender.nextNonce) store.append(sender, entry)
  else store.enqueue(sender, entry, before === 'parked' ? 'parked' : 'queued')
}

function moveEvent(entry: PoolEntry, before: PoolPlace | undefined): PoolEvent | undefined {
  if (before === 'pending' && entry.place !== 'pending') return { kind: 'demoted', pooled: entry }
  if ((before === 'queued' || before === 'parked') && entry.place === 'pending')
    return { kind: 'promoted', pooled: entry, wasParked: before === 'parked' }
  return undefined
}

/** Many demoted at once may be more than one sender may have behind a gap: the furthest leave. */
function trimQueued(store: PoolStore, sender: SenderTxs, events: PoolEvent[]): void {
  while (sender.queued.slots > store.limits.senderQueuedSlots) {
    const entry = sender.queued.last
    if (entry === undefined) return
    store.dequeue(sender, entry)
    store.forget(sender, entry)
    events.push({ kind: 'evicted', pooled: entry, reason: 'sender-slots' })
  }
}
