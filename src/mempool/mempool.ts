/**
 * The pool: every transaction this node holds that no block of its chain includes.
 *
 * SPECIFICATION
 *
 * Places. A sender's transactions, one per nonce, fall in two parts. *Pending* are those without a
 * gap from the account's nonce on. The rest wait behind a gap, counted in nonces from the first one
 * no pending transaction has: up to 16 ahead they are *queued* (forwarded like pending ones, since
 * gossip reorders bursts), up to 64 ahead *parked* (kept, not forwarded: a stranger's far future is
 * not the network's business). Beyond is refused. A parked one whose gap shrinks to 16 is
 * *released* to queued; one whose gap closes is *promoted*. What was forwarded once is never parked
 * later, even if its gap grows.
 *
 * Admission (admission.ts). Refused are: a known hash, a size or tip out of bounds, a used nonce, a
 * gap too far, a cost that the balance does not cover on top of everything its sender has pooled,
 * queued included, and a replacement that does not raise both fees by 10 %. A replacement takes the
 * place of the old one and never displaces another: if it is longer and there is no room for the
 * difference, it is refused.
 *
 * Room (room.ts, eviction.ts). Pending and queued have separate room, counted in slots of 32 KiB.
 * In a full pool:
 * - a pending transaction leaves from the end of its sender's run, so no eviction cuts a run in
 *   two, and a run is worth its weakest member, since nothing executes before what it follows (as
 *   with ancestors in Bitcoin's pool);
 * - a sender within its share of 16 slots displaces the weakest of those above theirs, whatever it
 *   pays; if nobody is above, the weakest of all, if it pays more by effective tip at the current
 *   base fee, then by fee cap;
 * - a sender above its share displaces only senders above theirs, and only if it pays more. While
 *   there is room, the share does not bind: one account may fill a devnet's pool;
 * - a queued transaction displaces only queued ones that pay less; 64 slots per sender are a hard
 *   limit there;
 * - a promoted transaction has to find pending room like a new one, or it leaves (`evicted`).
 * Equal worth never displaces. Among equals the last to come is the first to go. A refused one has
 * displaced nothing.
 *
 * New head (`reset`). Included ones leave; stale nonces leave; of what the balance no longer covers
 * the highest nonces leave first; those of dropped blocks come back, unless the new blocks include
 * them; runs are cut and joined by the new nonces; worth is computed anew when the base fee
 * changed; last, the limits are enforced.
 *
 * Age (`expire`). After 3 h a transaction leaves, pending or not; those behind it are demoted, not
 * lost.
 *
 * Local transactions have no privilege here, as in geth since 1.15: an exempt class is one more way
 * to fill a pool, and what must not be lost is better kept beside it and offered again. `local()`
 * lists them for that.
 *
 * Invariants: see invariants.ts, which recomputes all of them.
 *
 * Complexity, n transactions, s senders, k of one sender. Known hash: O(1). Add: O(log n), plus
 * O(k) for a replacement within a run and O(64) behind a gap. Reset: O(s), plus O(k log n) for each
 * sender whose transactions are concerned, plus O(n) when the base fee changed. Expiry: what
 * expired. Memory: the slots bound it, 192 MiB of bytes at the defaults if every transaction has
 * the largest size.
 *
 * ATTACKS
 *
 * - Future flood (DETER-X): gapped transactions at any price. They have no access to pending room.
 * - Latent overdraft (DETER-Z, MemPurge): a chain of which each spends the whole balance. The sum
 *   of a sender's costs never exceeds its balance, so each admitted transaction stays payable until
 *   a block says otherwise.
 * - Cutting runs: evicting or cancelling a parent to make its children worthless. Runs shrink at
 *   their end only, a replacement pays 10 % more and stays within the balance.
 * - Shielding: dear transactions behind cheap ones to keep the cheap ones in. The run is worth its
 *   weakest.
 * - Hammer (many dear ones, then a cancel of the first): bounded by the share once the pool is
 *   full.
 * - One sender's spam: its share is 16 of 5,120 slots against others, whatever it pays; 64 of 1,024
 *   behind gaps. Many senders with little each is the case no share can tell from real use; there
 *   the price decides.
 * - Replacement race: a contender that outbids each other one wins in any order of arrival; see
 *   replacement.ts for what that leaves open.
 * - Slow operations: nothing scans the pool per transaction.
 */
import { effectiveTip } from '../tx/gas.ts'
import type { Address } from '../crypto/address.ts'
import type { Hash } from '../crypto/keccak.ts'
import type { Clock } from '../lib/clock.ts'
import { Emitter } from '../lib/emitter.ts'
import type { Tx } from '../tx/tx.ts'
import { type PoolCandidate, firstRefusal, POOL_SENDER_RULES, POOL_TX_RULES } from './admission.ts'
import { PoolEntry, type PooledTx, slotsOf, type TxOrigin } from './entry.ts'
import type { PoolEvent } from './events.ts'
import { executableInOrder } from './executable.ts'
import { compareWorth, maxCost } from './fees.ts'
import { followHead, type PoolReset } from './headChange.ts'
import { assertPoolInvariants } from './invariants.ts'
import { defaultPoolLimits, type PoolLimits } from './limits.ts'
import { insert, placeAt, replace } from './placement.ts'
import type { PoolRefusal } from './refusals.ts'
import { trimToLimits } from './room.ts'
import { type AccountReader, accountOf, type SenderTxs } from './senderTxs.ts'
import { settleSender } from './settle.ts'
import { PoolStore } from './store.ts'

/** What became of a transaction that was given to the pool. */
export type AddOutcome =
  | { readonly status: 'pending' | 'queued'; readonly reason?: undefined }
  | { readonly status: 'parked'; readonly reason: 'nonce-gap' }
  | { readonly status: 'refused'; readonly reason: PoolRefusal }

/** What a pool is made with. */
export interface MempoolOptions {
  /** Those not named have their default. */
  readonly limits?: Partial<PoolLimits>
  readonly clock: Clock
  /** The accounts at the head. */
  readonly state: AccountReader
  /** Of the block after the head, in wei; 0 before London. */
  readonly baseFee: bigint
}

/**
 * What `content` shows: transactions by sender, in nonce order. Parked ones are among the queued.
 */
export interface PoolContent {
  readonly pending: Map<Address, readonly PooledTx[]>
  readonly queued: Map<Address, readonly PooledTx[]>
}

/** The pool of transactions that are in no block yet. */
export class Mempool {
  readonly events = new Emitter<PoolEvent>()
  readonly limits: PoolLimits
  readonly #clock: Clock
  readonly #store: PoolStore
  #state: AccountReader
  #baseFee: bigint
  #order = 0
  readonly #outbox: PoolEvent[] = []
  #isPublishing = false

  constructor(options: MempoolOptions) {
    this.limits = { ...defaultPoolLimits, ...options.limits }
    this.#clock = options.clock
    this.#state = options.state
    this.#baseFee = options.baseFee
    this.#store = new PoolStore(this.limits)
  }

  get pendingCount(): number {
    return this.#store.pendingCount
  }

  /** Queued and parked. */
  get queuedCount(): number {
    return this.#store.size - this.#store.pendingCount
  }

  get pendingSlots(): number {
    return this.#store.pendingSlots
  }

  get queuedSlots(): number {
    return this.#store.queuedSlots
  }

  /** Of the block after the head, in wei: what the pool's order goes by. */
  get baseFee(): bigint {
    return this.#baseFee
  }

  has(hash: Hash): boolean {
    return this.#store.has(hash)
  }

  get(hash: Hash): PooledTx | undefined {
    return this.#store.get(hash)
  }

  /** The sender's pooled transaction of this nonce. */
  at(sender: Address, nonce: bigint): PooledTx | undefined {
    return this.#store.sender(sender)?.at(nonce)
  }

  /** All, oldest first. */
  entries(): IterableIterator<PooledTx> {
    return this.#store.entries()
  }

  /** Those that came in over this node's own RPC, oldest first. */
  *local(): Generator<PooledTx, void, undefined> {
    for (const entry of this.#store.entries()) if (entry.origin === 'local') yield entry
  }

  /** The account's nonce plus its pending run: `eth_getTransactionCount` at 'pending'. */
  nextNonce(sender: Address): bigint {
    return this.#store.sender(sender)?.nextNonce ?? this.#state.nonce(sender)
  }

  /**
   * What can be refused before the sender is known, to save the signature check: if it answers a
   * reason, `add` would refuse the transaction too, whoever sent it. A known hash is one look-up.
   */
  precheck(tx: Tx): PoolRefusal | undefined {
    if (this.#store.has(tx.hash)) return 'known'
    return (
      firstRefusal(POOL_TX_RULES, tx, this.limits) ??
      (this.#cannotFit(tx) ? 'underpriced' : undefined)
    )
  }

  /** Takes a transaction whose signature and static rules hold, or says why not. */
  add(tx: Tx, sender: Address, origin: TxOrigin): AddOutcome {
    if (this.#store.has(tx.hash)) return refused('known')
    const candidate = this.#candidate(tx, sender)
    const refusal =
      firstRefusal(POOL_TX_RULES, tx, this.limits) ??
      firstRefusal(POOL_SENDER_RULES, candidate, this.limits)
    if (refusal !== undefined) return refused(refusal)
    const events: PoolEvent[] = []
    const outcome = this.#place(this.#entry(tx, sender, origin), candidate, events)
    this.#publish(events)
    return outcome
  }

  /** Follows the chain to a new head. */
  reset(change: PoolReset): void {
    const events: PoolEvent[] = []
    this.#state = change.state
    if (change.baseFee !== this.#baseFee) {
      this.#baseFee = change.baseFee
      this.#store.reprice(change.baseFee)
    }
    followHead(this.#store, change, (...of) => this.#entry(...of), events)
    this.#publish(events)
  }

  /** Lets go of what has been here longer than `lifeMs`. `nowMs` is of the monotonic clock. */
  expire(nowMs: number): void {
    const events: PoolEvent[] = []
    const touched = new Set<SenderTxs>()
    for (const entry of this.#store.entries()) {
      if (nowMs - entry.addedMs < this.limits.lifeMs) break
      const sender = this.#store.sender(entry.sender)
      if (sender === undefined) continue
      this.#store.forget(sender, entry)
      touched.add(sender)
      events.push({ kind: 'expired', pooled: entry })
    }
    for (const sender of touched) settleSender(this.#store, sender, [], events)
    trimToLimits(this.#store, events)
    this.#publish(events)
  }

  /**
   * Pending transactions that can pay `baseFee` (wei), in the order a block should take them: best
   * effective tip first, nonce order within a sender. What changes while it is read does not show.
   */
  executable(baseFee: bigint): Iterable<PooledTx> {
    const runs = [...this.#store.senders()].map((sender) => [...sender.pending.entries()])
    return executableInOrder(runs, baseFee)
  }

  content(): PoolContent {
    const content: PoolContent = { pending: new Map(), queued: new Map() }
    for (const { address, pending, queued } of this.#store.senders()) {
      if (pending.length > 0) content.pending.set(address, [...pending.entries()])
      if (queued.length > 0) content.queued.set(address, [...queued.entries()])
    }
    return content
  }

  contentFrom(sender: Address): { pending: readonly PooledTx[]; queued: readonly PooledTx[] } {
    const txs = this.#store.sender(sender)
    return {
      pending: [...(txs?.pending.entries() ?? [])],
      queued: [...(txs?.queued.entries() ?? [])],
    }
  }

  assertInvariants(): void {
    assertPoolInvariants(this.#store, this.#state, this.#baseFee)
  }

  #candidate(tx: Tx, sender: Address): PoolCandidate {
    const txs = this.#store.sender(sender)
    const account = txs?.account ?? accountOf(this.#state, sender)
    return {
      tx,
      cost: maxCost(tx),
      account,
      pooledCost: txs?.cost ?? 0n,
      incumbent: txs?.at(tx.nonce),
      gap: tx.nonce - (txs?.nextNonce ?? account.nonce),
    }
  }

  #entry(tx: Tx, sender: Address, origin: TxOrigin): PoolEntry {
    return new PoolEntry({
      tx,
      sender,
      origin,
      addedMs: this.#clock.monotonicMs(),
      order: this.#order++,
      slots: slotsOf(tx, this.limits.slotBytes),
      baseFee: this.#baseFee,
    })
  }

  #place(entry: PoolEntry, candidate: PoolCandidate, events: PoolEvent[]): AddOutcome {
    const sender = this.#store.openSender(entry.sender, candidate.account)
    this.#store.remember(sender, entry)
    const place = placeAt(candidate.gap, this.limits)
    const refusal =
      candidate.incumbent === undefined
        ? insert(this.#store, sender, entry, place, events)
        : replace(this.#store, sender, candidate.incumbent, entry, place, events)
    if (refusal !== undefined) {
      this.#store.forget(sender, entry)
      this.#store.closeIfEmpty(sender)
      return refused(refusal)
    }
    return place === 'parked' ? { status: place, reason: 'nonce-gap' } : { status: place }
  }

  /**
   * Whether both parts are full of what is worth as much: then neither a new one nor a replacement
   * has a chance.
   */
  #cannotFit(tx: Tx): boolean {
    const { order, pendingSlots, queuedSlots } = this.#store
    const slots = slotsOf(tx, this.limits.slotBytes)
    if (pendingSlots + slots <= this.limits.pendingSlots) return false
    if (queuedSlots + slots <= this.limits.queuedSlots || order.hasOverShare) return false
    const worth = { tip: effectiveTip(tx, this.#baseFee), tx }
    const pending = order.firstSender()?.pending.weakest
    const queued = order.firstQueued()
    if (pending === undefined || queued === undefined) return false
    return compareWorth(worth, pending) <= 0 && compareWorth(worth, queued) <= 0
  }

  /**
   * In the order they happened for every listener, even if one of them changes the pool in turn.
   */
  #publish(events: readonly PoolEvent[]): void {
    for (const event of events) this.#outbox.push(event)
    if (this.#isPublishing) return
    this.#isPublishing = true
    try {
      for (const event of this.#outbox) this.events.emit(event)
    } finally {
      this.#outbox.length = 0
      this.#isPublishing = false
    }
  }
}

function refused(reason: PoolRefusal): AddOutcome {
  return { status: 'refused', reason }
}
