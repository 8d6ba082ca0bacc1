/**
 * The rules of the pool once more, as plainly as they can be said: one array of transactions,
 * everything else derived from it each time. Slow on purpose; `src/mempool/mempool.ts` must behave
 * the same.
 */
import type { Address } from '../../src/crypto/address.ts'
import type { Hash } from '../../src/crypto/keccak.ts'
import type { PoolLimits } from '../../src/mempool/limits.ts'
import type { PoolRefusal } from '../../src/mempool/refusals.ts'
import type { Tx } from '../../src/tx/tx.ts'

export interface ModelTx {
  readonly tx: Tx
  readonly sender: Address
  readonly order: number
  readonly addedMs: number
  /** Behind a gap too far to be forwarded, and never forwarded so far. */
  readonly parked: boolean
}

interface ModelAccounts {
  nonce(sender: Address): bigint
  balance(sender: Address): bigint
}

export interface ModelChange {
  readonly accounts: ModelAccounts
  readonly baseFee: bigint
  readonly included: readonly Tx[]
  readonly returned: readonly { readonly tx: Tx; readonly sender: Address }[]
}

type Outcome = { readonly status: string; readonly reason?: PoolRefusal | undefined }

export class PoolModel {
  readonly limits: PoolLimits
  accounts: ModelAccounts
  baseFee: bigint
  txs: ModelTx[] = []
  #order = 0

  constructor(limits: PoolLimits, accounts: ModelAccounts, baseFee: bigint) {
    this.limits = limits
    this.accounts = accounts
    this.baseFee = baseFee
  }

  add(tx: Tx, sender: Address, nowMs: number): Outcome {
    const own = this.txs.filter((other) => other.sender === sender)
    const incumbent = own.find((other) => other.tx.nonce === tx.nonce)
    const gap = tx.nonce - this.nextNonce(sender)
    const refusal = this.#refusal(tx, sender, own, incumbent, gap)
    if (refusal !== undefined) return { status: 'refused', reason: refusal }
    const parked = gap > BigInt(this.limits.forwardedGap)
    const item = { tx, sender, order: this.#order++, addedMs: nowMs, parked }
    const noRoom = this.#put(item, incumbent, gap)
    if (noRoom !== undefined) return { status: 'refused', reason: noRoom }
    this.#release()
    if (gap <= 0n) return { status: 'pending' }
    return parked ? { status: 'parked', reason: 'nonce-gap' } : { status: 'queued' }
  }

  reset(change: ModelChange, nowMs: number): void {
    this.accounts = change.accounts
    this.baseFee = change.baseFee
    const included = new Set(change.included.map((tx) => tx.hash))
    const before = this.txs
    this.txs = this.txs.filter((item) => !included.has(item.tx.hash))
    for (const { tx, sender } of change.returned) {
      const isKnown = included.has(tx.hash) || before.some((item) => item.tx.hash === tx.hash)
      const isTaken = [...before, ...this.txs].some(
        (item) => item.sender === sender && item.tx.nonce === tx.nonce,
      )
      if (!isKnown && !isTaken)
        this.txs.push({ tx, sender, order: this.#order++, addedMs: nowMs, parked: false })
    }
    this.#settle()
  }

  expire(nowMs: number): void {
    this.txs = this.txs.filter((item) => nowMs - item.addedMs < this.limits.lifeMs)
    this.#settle()
  }

  nextNonce(sender: Address): bigint {
    return this.accounts.nonce(sender) + BigInt(this.pending(sender).length)
  }

  /** The run without a gap from the account's nonce on. */
  pending(sender: Address, txs: readonly ModelTx[] = this.txs): ModelTx[] {
    const run: ModelTx[] = []
    let nonce = this.accounts.nonce(sender)
    for (;;) {
      const item = txs.find((other) => other.sender === sender && other.tx.nonce === nonce)
      if (item === undefined) return run
      run.push(item)
      nonce += 1n
    }
  }

  queued(sender: Address): ModelTx[] {
    const run = this.pending(sender)
    const rest = this.txs.filter((item) => item.sender === sender && !run.includes(item))
    return rest.sort((a, b) => (a.tx.nonce < b.tx.nonce ? -1 : 1))
  }

  senders(txs: readonly ModelTx[] = this.txs): Address[] {
    return [...new Set(txs.map((item) => item.sender))]
  }

  /** Hashes in the order a block should take them. */
  executable(baseFee: bigint): Hash[] {
    const runs = this.senders().map((sender) => this.pending(sender))
    const order: Hash[] = []
    for (;;) {
      const heads = runs.flatMap((run) => run.slice(0, 1))
      const payable = heads.filter((item) => tipOf(item, baseFee) >= 0n)
      const best = payable.sort((a, b) => this.#blockOrder(a, b, baseFee))[0]
      if (best === undefined) return order
      order.push(best.tx.hash)
      runs.find((run) => run[0] === best)?.shift()
    }
  }

  slots(items: readonly ModelTx[]): number {
    return items.reduce(
      (total, { tx }) => total + Math.ceil(tx.raw.length / this.limits.slotBytes),
      0,
    )
  }

  #refusal(
    tx: Tx,
    sender: Address,
    own: readonly ModelTx[],
    incumbent: ModelTx | undefined,
    gap: bigint,
  ): PoolRefusal | undefined {
    if (this.txs.some((item) => item.tx.hash === tx.hash)) return 'known'
    if (tx.raw.length > this.limits.maxTxBytes) return 'oversized'
    if (tx.maxPriorityFeePerGas < 1n) return 'fee-too-low'
    if (tx.nonce < this.accounts.nonce(sender)) return 'nonce-too-low'
    if (gap > this.limits.keptGap) return 'nonce-gap-too-far'
    const balance = this.accounts.balance(sender)
    if (costOf(tx) > balance) return 'insufficient-funds'
    const others = own.filter((item) => item !== incumbent)
    const total = others.reduce((sum, item) => sum + costOf(item.tx), costOf(tx))
    if (total > balance) return 'overdraft'
    if (incumbent !== undefined && !isTenPercentMore(tx, incumbent.tx))
      return 'replacement-underpriced'
    return undefined
  }

  #put(item: ModelTx, incumbent: ModelTx | undefined, gap: bigint): PoolRefusal | undefined {
    if (incumbent !== undefined) return this.#exchange(item, incumbent, gap)
    return gap > 0n ? this.#putQueued(item) : this.#putPending(item)
  }

  #exchange(item: ModelTx, old: ModelTx, gap: bigint): PoolRefusal | undefined {
    const txs = this.txs.map((other) => (other === old ? item : other))
    const more = this.slots(txs) > this.slots(this.txs)
    const queue = this.#allQueued(txs)
    const own = queue.filter((other) => other.sender === item.sender)
    if (more && gap > 0n && this.slots(own) > this.limits.senderQueuedSlots) return 'sender-slots'
    if (more && gap > 0n && this.slots(queue) > this.limits.queuedSlots) return 'pool-full'
    if (more && gap <= 0n && this.slots(this.#allPending(txs)) > this.limits.pendingSlots)
      return 'pool-full'
    this.txs = txs
    return undefined
  }

  #putQueued(item: ModelTx): PoolRefusal | undefined {
    const own = this.queued(item.sender)
    if (this.slots([...own, item]) > this.limits.senderQueuedSlots) return 'sender-slots'
    let txs = this.txs
    while (this.slots([...this.#allQueued(txs), item]) > this.limits.queuedSlots) {
      const first = this.#leastWorth(this.#allQueued(txs))
      if (first === undefined || this.#compare(item, first) <= 0) return 'underpriced'
      txs = txs.filter((other) => other !== first)
    }
    this.txs = [...txs, item]
    return undefined
  }

  #putPending(item: ModelTx): PoolRefusal | undefined {
    const waiting = this.queued(item.sender)
    const txs = this.txs.filter((other) => !waiting.includes(other))
    const withItem = this.#withPending(txs, item)
    if (typeof withItem === 'string') return withItem
    this.txs = withItem
    while (waiting[0]?.tx.nonce === this.nextNonce(item.sender)) {
      const next = waiting.shift() as ModelTx
      const withNext = this.#withPending(this.txs, next)
      if (typeof withNext === 'string') break
      this.txs = withNext
    }
    this.txs = [...this.txs, ...waiting]
    return undefined
  }

  /** `txs` with `item` at the end of its sender's run, after making room, or why there is none. */
  #withPending(txs: ModelTx[], item: ModelTx): ModelTx[] | PoolRefusal {
    const share = this.limits.senderPendingSlots
    const run = [...this.pending(item.sender, txs), item]
    const isOver = this.slots(run) > share
    const worth = this.#weakest(run)
    let rest = txs
    while (this.slots([...this.#allPending(rest), item]) > this.limits.pendingSlots) {
      const victim = this.#pendingVictim(rest)
      const victimRun = victim === undefined ? [] : this.pending(victim.sender, rest)
      const victimIsOver = this.slots(victimRun) > share
      const mayTake =
        victim !== undefined &&
        ((victimIsOver && !isOver) ||
          (victimIsOver === isOver && this.#compare(worth, this.#weakest(victimRun)) > 0))
      if (!mayTake) return isOver ? 'pool-full' : 'underpriced'
      rest = rest.filter((other) => other !== victim)
    }
    return [...rest, item]
  }

  /** The end of the run that leaves first. */
  #pendingVictim(txs: readonly ModelTx[]): ModelTx | undefined {
    const runs = this.senders(txs)
      .map((sender) => this.pending(sender, txs))
      .filter((run) => run.length > 0)
    const over = runs.filter((run) => this.slots(run) > this.limits.senderPendingSlots)
    const candidates = (over.length > 0 ? over : runs).map((run) => ({
      tail: run.at(-1) as ModelTx,
      weakest: this.#weakest(run),
    }))
    candidates.sort((a, b) => this.#compare(a.weakest, b.weakest) || b.tail.order - a.tail.order)
    return candidates[0]?.tail
  }

  #settle(): void {
    this.txs = this.txs.filter((item) => item.tx.nonce >= this.accounts.nonce(item.sender))
    for (const sender of this.senders()) {
      while (this.#cost(sender) > this.accounts.balance(sender)) this.#remove(this.#highest(sender))
      while (this.slots(this.queued(sender)) > this.limits.senderQueuedSlots)
        this.#remove(this.#highest(sender))
    }
    this.#release()
    while (this.slots(this.#allPending(this.txs)) > this.limits.pendingSlots)
      this.#remove(this.#pendingVictim(this.txs) as ModelTx)
    while (this.slots(this.#allQueued(this.txs)) > this.limits.queuedSlots)
      this.#remove(this.#leastWorth(this.#allQueued(this.txs)) as ModelTx)
  }

  #remove(item: ModelTx): void {
    this.txs = this.txs.filter((other) => other !== item)
  }

  #highest(sender: Address): ModelTx {
    const own = [...this.pending(sender), ...this.queued(sender)]
    return own.at(-1) as ModelTx
  }

  #cost(sender: Address): bigint {
    const own = this.txs.filter((item) => item.sender === sender)
    return own.reduce((sum, item) => sum + costOf(item.tx), 0n)
  }

  /** Whoever is pending or near enough counts as forwarded from now on. */
  #release(): void {
    this.txs = this.txs.map((item) => {
      const last = this.nextNonce(item.sender) + BigInt(this.limits.forwardedGap)
      return item.parked && item.tx.nonce <= last ? { ...item, parked: false } : item
    })
  }

  #allPending(txs: readonly ModelTx[]): ModelTx[] {
    return this.senders(txs).flatMap((sender) => this.pending(sender, txs))
  }

  #allQueued(txs: readonly ModelTx[]): ModelTx[] {
    const pending = new Set(this.#allPending(txs))
    return txs.filter((item) => !pending.has(item))
  }

  #weakest(run: readonly ModelTx[]): ModelTx {
    return [...run].sort((a, b) => this.#compare(a, b))[0] as ModelTx
  }

  #leastWorth(items: readonly ModelTx[]): ModelTx | undefined {
    return [...items].sort((a, b) => this.#compare(a, b) || b.order - a.order)[0]
  }

  #compare(a: ModelTx, b: ModelTx, baseFee = this.baseFee): number {
    const tips = tipOf(a, baseFee) - tipOf(b, baseFee)
    return Number(tips === 0n ? a.tx.maxFeePerGas - b.tx.maxFeePerGas : tips)
  }

  #blockOrder(a: ModelTx, b: ModelTx, baseFee: bigint): number {
    const order = this.#compare(b, a, baseFee) || a.addedMs - b.addedMs
    return order === 0 ? (a.tx.hash < b.tx.hash ? -1 : 1) : order
  }
}

function tipOf({ tx }: ModelTx, baseFee: bigint): bigint {
  const room = tx.maxFeePerGas - baseFee
  return room < tx.maxPriorityFeePerGas ? room : tx.maxPriorityFeePerGas
}

function costOf(tx: Tx): bigint {
  return tx.gasLimit * tx.maxFeePerGas + tx.value
}

function isTenPercentMore(tx: Tx, old: Tx): boolean {
  const pairs = [
    [tx.maxFeePerGas, old.maxFeePerGas],
    [tx.maxPriorityFeePerGas, old.maxPriorityFeePerGas],
  ] as const
  return pairs.every(([fee, oldFee]) => fee > oldFee && fee * 10n >= oldFee * 11n)
}
