import { effectiveTip } from '../tx/gas.ts'
import { assert } from '../lib/assert.ts'
import type { PoolEntry } from './entry.ts'
import { compareWorth, maxCost } from './fees.ts'
import type { AccountReader, SenderTxs } from './senderTxs.ts'
import type { PoolStore } from './store.ts'

/**
 * Recomputes everything the pool keeps up to date, and throws at the first difference. O(n log n):
 * for tests.
 */
export function assertPoolInvariants(
  store: PoolStore,
  state: AccountReader,
  baseFee: bigint,
): void {
  const senders = [...store.senders()]
  for (const sender of senders) assertSender(store, sender, state)
  for (const entry of store.entries()) assertEntry(entry, store, baseFee)
  assertTotals(store, senders)
  assertOrders(store, senders)
}

function assertSender(store: PoolStore, sender: SenderTxs, state: AccountReader): void {
  const { address, account, pending, queued } = sender
  const placed = [...pending.entries(), ...queued.entries()]
  assert(store.sender(address) === sender, 'a sender is found by its address')
  assert(account.nonce === state.nonce(address), 'a sender has the nonce of the head')
  assert(account.balance === state.balance(address), 'a sender has the balance of the head')
  assert(
    placed.length > 0 && placed.length === sender.size,
    'a sender has transactions, all placed',
  )
  assert(sender.cost === sum(placed.map((entry) => entry.cost)), 'a sender costs what its txs cost')
  assert(sender.cost <= account.balance, 'a balance covers all its sender has pooled')
  assertRun(sender)
  assertQueue(store, sender)
  for (const entry of placed) {
    assert(entry.sender === address, 'a transaction stands with its own sender')
    assert(store.get(entry.tx.hash) === entry, 'a placed transaction is known by its hash')
  }
}

function assertRun({ account, pending }: SenderTxs): void {
  let nonce = account.nonce
  let weakest: PoolEntry | undefined
  for (const entry of pending.entries()) {
    assert(entry.place === 'pending', 'a transaction of a run is marked pending')
    assert(entry.tx.nonce === nonce++, 'a run has no gap and starts at the account nonce')
    if (weakest === undefined || compareWorth(entry, weakest) < 0) weakest = entry
    assert(entry.weakest === weakest, 'an entry knows the weakest of its run so far')
  }
  assert(pending.slots === slots(pending.entries()), 'a run counts its slots')
}

function assertQueue(store: PoolStore, sender: SenderTxs): void {
  const { queued } = sender
  const lastForwarded = sender.nextNonce + BigInt(store.limits.forwardedGap)
  let before = sender.nextNonce
  for (const entry of queued.entries()) {
    assert(entry.place !== 'pending', 'a transaction behind a gap is not marked pending')
    assert(entry.tx.nonce > before, 'those behind a gap are past it, one per nonce, in order')
    const isFar = entry.tx.nonce > lastForwarded
    assert(isFar || entry.place === 'queued', 'only what is far ahead is parked')
    before = entry.tx.nonce
  }
  assert(queued.slots === slots(queued.entries()), 'a queue counts its slots')
  assert(
    queued.slots <= store.limits.senderQueuedSlots,
    'a sender has no more than it may behind gaps',
  )
}

function assertEntry(entry: PoolEntry, store: PoolStore, baseFee: bigint): void {
  assert(entry.tip === effectiveTip(entry.tx, baseFee), 'a tip is that of the current base fee')
  assert(entry.cost === maxCost(entry.tx), 'a cost is that of the transaction')
  assert(store.sender(entry.sender)?.at(entry.tx.nonce) === entry, 'a known transaction is placed')
}

function assertTotals(store: PoolStore, senders: readonly SenderTxs[]): void {
  const pending = senders.flatMap((sender) => sender.pending.entries())
  const queued = senders.flatMap((sender) => sender.queued.entries())
  assert(store.size === pending.length + queued.length, 'what is known is pending or queued')
  assert(store.pendingCount === pending.length, 'the pool counts its pending transactions')
  assert(store.pendingSlots === slots(pending), 'the pool counts its pending slots')
  assert(store.queuedSlots === slots(queued), 'the pool counts its queued slots')
  assert(store.pendingSlots <= store.limits.pendingSlots, 'pending ones keep to their room')
  assert(store.queuedSlots <= store.limits.queuedSlots, 'queued ones keep to their room')
  const ages = [...store.entries()].map((entry) => entry.order)
  assert(
    ages.every((order, at) => at === 0 || order > (ages[at - 1] ?? 0)),
    'entries are known in the order of their arrival',
  )
}

function assertOrders(store: PoolStore, senders: readonly SenderTxs[]): void {
  const { order } = store
  order.assertInvariants()
  const running = senders.filter((sender) => sender.pending.length > 0)
  const overShare = running.filter((sender) => order.isOverShare(sender.pending.slots))
  const queued = senders.flatMap((sender) => sender.queued.entries())
  assert(order.sizes.senders === running.length, 'the order holds each sender with pending ones')
  assert(order.sizes.overShare === overShare.length, 'the order holds each sender above its share')
  assert(order.sizes.queued === queued.length, 'the order holds each queued transaction')
  assert(
    senders.every((sender) => order.holdsSender(sender)),
    'the orders hold the right senders',
  )
  assert(
    queued.every((entry) => order.holdsQueued(entry)),
    'the order holds the right queued ones',
  )
}

function slots(entries: readonly PoolEntry[]): number {
  return entries.reduce((total, entry) => total + entry.slots, 0)
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n)
}
