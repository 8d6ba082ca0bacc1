import type { Address } from '../crypto/address.ts'
import type { Hash } from '../crypto/keccak.ts'
import type { Tx } from '../tx/tx.ts'
import { firstRefusal, POOL_TX_RULES } from './admission.ts'
import type { PoolEntry, TxOrigin } from './entry.ts'
import type { PoolEvent } from './events.ts'
import { trimToLimits } from './room.ts'
import { type AccountReader, accountOf, type SenderTxs } from './senderTxs.ts'
import { settleSender } from './settle.ts'
import type { PoolStore } from './store.ts'

/** A block as the pool sees it; a `Block` is one. */
export interface IncludingBlock {
  readonly hash: Hash
  readonly header: { readonly number: bigint }
  readonly transactions: readonly Tx[]
}

/** A transaction of a block that is no longer part of the chain. */
export interface ReturnedTx {
  readonly tx: Tx
  readonly sender: Address
  /** `remote` unless said otherwise. */
  readonly origin?: TxOrigin
}

/** What a new head means to the pool. */
export interface PoolReset {
  /** The accounts at the new head. */
  readonly state: AccountReader
  /** Of the block after the new head, in wei. */
  readonly baseFee: bigint
  /** The blocks that joined the chain, oldest first. */
  readonly included: readonly IncludingBlock[]
  /** The transactions of the blocks that left it; those included again may be among them. */
  readonly returned: readonly ReturnedTx[]
}

/** Makes an entry of the pool. */
export type NewEntry = (tx: Tx, sender: Address, origin: TxOrigin) => PoolEntry

/** Brings every sender's transactions to the new head; the worth of each is up to date already. */
export function followHead(
  store: PoolStore,
  change: PoolReset,
  newEntry: NewEntry,
  events: PoolEvent[],
): void {
  const touched = forgetIncluded(store, change.included, events)
  const returned = rememberReturned(store, change, newEntry, events)
  for (const sender of store.senders()) {
    const isMoved = followAccount(sender, change.state)
    if (isMoved || touched.has(sender) || returned.has(sender))
      settleSender(store, sender, returned.get(sender) ?? [], events)
  }
  trimToLimits(store, events)
}

/**
 * Takes the account of the new head; whether the sender's transactions have to be placed anew for
 * it.
 */
function followAccount(sender: SenderTxs, state: AccountReader): boolean {
  const nonceBefore = sender.account.nonce
  sender.account = accountOf(state, sender.address)
  return nonceBefore !== sender.account.nonce || sender.cost > sender.account.balance
}

function forgetIncluded(
  store: PoolStore,
  included: readonly IncludingBlock[],
  events: PoolEvent[],
): Set<SenderTxs> {
  const touched = new Set<SenderTxs>()
  for (const { hash, header, transactions } of included) {
    for (const tx of transactions) {
      const entry = store.get(tx.hash)
      const sender = entry && store.sender(entry.sender)
      if (entry === undefined || sender === undefined) continue
      store.forget(sender, entry)
      touched.add(sender)
      events.push({ kind: 'included', pooled: entry, block: { hash, number: header.number } })
    }
  }
  return touched
}

/**
 * Remembers what comes back from dropped blocks, by sender, to be placed with the rest of each
 * sender.
 */
function rememberReturned(
  store: PoolStore,
  { state, included, returned }: PoolReset,
  newEntry: NewEntry,
  events: PoolEvent[],
): Map<SenderTxs, PoolEntry[]> {
  const again = new Set(included.flatMap((block) => block.transactions.map((tx) => tx.hash)))
  const entries = new Map<SenderTxs, PoolEntry[]>()
  for (const { tx, sender, origin } of returned) {
    if (again.has(tx.hash) || store.has(tx.hash)) continue
    if (firstRefusal(POOL_TX_RULES, tx, store.limits) !== undefined) continue
    const txs = store.openSender(sender, accountOf(state, sender))
    const back = entries.get(txs) ?? []
    if (txs.at(tx.nonce) ?? back.find((other) => other.tx.nonce === tx.nonce)) continue
    const entry = newEntry(tx, sender, origin ?? 'remote')
    store.remember(txs, entry)
    back.push(entry)
    entries.set(txs, back)
    events.push({ kind: 'returned', pooled: entry })
  }
  return entries
}
