/**
 * Transactions and a pool for tests of the mempool. The pool looks at no signature, so these carry
 * none.
 */
import type { Address } from '../../src/crypto/address.ts'
import { keccak256Hash, type Hash } from '../../src/crypto/keccak.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import type { PooledTx, TxOrigin } from '../../src/mempool/entry.ts'
import type { PoolEvent } from '../../src/mempool/events.ts'
import type { IncludingBlock, PoolReset, ReturnedTx } from '../../src/mempool/headChange.ts'
import type { PoolLimits } from '../../src/mempool/limits.ts'
import { Mempool, type AddOutcome } from '../../src/mempool/mempool.ts'
import type { Tx } from '../../src/tx/tx.ts'

export const ETHER = 10n ** 18n
export const TRANSFER_GAS = 21_000n

export interface PoolTxChanges {
  readonly nonce?: bigint | number
  /** Priority fee and fee cap in wei. Both default to 10. */
  readonly tip?: bigint | number
  readonly cap?: bigint | number
  readonly value?: bigint
  readonly gasLimit?: bigint
  readonly bytes?: number
  /** What tells apart transactions that are alike otherwise. */
  readonly salt?: number
}

/**
 * A transfer of nothing at nonce 0 that pays 10 wei per gas; its hash follows from its fields and
 * `sender`.
 */
export function poolTx(changes: PoolTxChanges = {}, sender = 0): Tx {
  const { nonce = 0, tip = 10, cap = tip, value = 0n, gasLimit = TRANSFER_GAS } = changes
  const { bytes = 110, salt = 0 } = changes
  const identity = [sender, nonce, tip, cap, value, gasLimit, bytes, salt].join()
  return {
    type: 2,
    hash: keccak256Hash(new TextEncoder().encode(identity)),
    raw: new Uint8Array(bytes),
    chainId: 1337n,
    nonce: BigInt(nonce),
    gasLimit,
    to: poolSender(9_999),
    value,
    data: new Uint8Array(0),
    maxFeePerGas: BigInt(cap),
    maxPriorityFeePerGas: BigInt(tip),
    accessList: [],
    signature: { r: 1n, s: 1n, yParity: 0 },
  }
}

export function poolSender(index: number): Address {
  return `0x${index.toString(16).padStart(40, '0')}` as Address
}

export interface AccountChange {
  readonly nonce?: bigint | number
  readonly balance?: bigint
}

/** Accounts that have nonce 0 and 1,000 ether unless a test says otherwise. */
export class TestAccounts {
  readonly #nonces = new Map<Address, bigint>()
  readonly #balances = new Map<Address, bigint>()

  nonce(address: Address): bigint {
    return this.#nonces.get(address) ?? 0n
  }

  balance(address: Address): bigint {
    return this.#balances.get(address) ?? 1_000n * ETHER
  }

  set(sender: number, { nonce, balance }: AccountChange): this {
    if (nonce !== undefined) this.#nonces.set(poolSender(sender), BigInt(nonce))
    if (balance !== undefined) this.#balances.set(poolSender(sender), balance)
    return this
  }

  copy(): TestAccounts {
    const copy = new TestAccounts()
    for (const [address, nonce] of this.#nonces) copy.#nonces.set(address, nonce)
    for (const [address, balance] of this.#balances) copy.#balances.set(address, balance)
    return copy
  }
}

/**
 * Follows the events of a pool and holds them to their promise: each transaction enters once,
 * leaves at most once, and becomes fit to be forwarded at most once.
 */
export class EventLedger {
  readonly all: PoolEvent[] = []
  readonly #forwards = new Map<PooledTx, number>()

  readonly record = (event: PoolEvent): void => {
    this.all.push(event)
    const { kind, pooled } = event
    const forwards = this.#forwards.get(pooled)
    const isEntry =
      kind === 'pending' || kind === 'queued' || kind === 'parked' || kind === 'returned'
    if (isEntry !== (forwards === undefined))
      throw new Error(`${kind} of a transaction that ${isEntry ? 'is in' : 'is not in'} the pool`)
    if (LEAVING.has(kind)) this.#forwards.delete(pooled)
    else this.#forwards.set(pooled, (forwards ?? 0) + forwardsOf(event))
    if ((this.#forwards.get(pooled) ?? 0) > 1) throw new Error(`${kind}: forwarded twice`)
  }

  /** The transactions that entered and did not leave. */
  live(): Hash[] {
    return [...this.#forwards.keys()].map((pooled) => pooled.tx.hash).sort()
  }

  /** Those of {@link live} that may have been forwarded. */
  forwarded(): Set<Hash> {
    const entries = [...this.#forwards].filter(([, forwards]) => forwards === 1)
    return new Set(entries.map(([pooled]) => pooled.tx.hash))
  }

  kinds(): string[] {
    return this.all.map((event) => event.kind)
  }

  of(hash: Hash): string[] {
    return this.all.filter((event) => event.pooled.tx.hash === hash).map((event) => event.kind)
  }

  clear(): void {
    this.all.length = 0
  }
}

const LEAVING: ReadonlySet<string> = new Set([
  'replaced',
  'evicted',
  'expired',
  'dropped',
  'included',
])

function forwardsOf(event: PoolEvent): number {
  if (event.kind === 'promoted') return event.wasParked ? 1 : 0
  return event.kind === 'parked' || event.kind === 'demoted' ? 0 : 1
}

export interface PoolFixtureOptions {
  readonly limits?: Partial<PoolLimits>
  readonly baseFee?: bigint
  readonly accounts?: TestAccounts
}

/** A pool whose invariants and events are checked after every operation. */
export class PoolFixture {
  readonly clock = new ManualClock()
  readonly ledger = new EventLedger()
  readonly pool: Mempool
  accounts: TestAccounts
  #blocks = 0

  constructor({
    limits = {},
    baseFee = 0n,
    accounts = new TestAccounts(),
  }: PoolFixtureOptions = {}) {
    this.accounts = accounts
    this.pool = new Mempool({ limits, clock: this.clock, state: accounts.copy(), baseFee })
    this.pool.events.on(this.ledger.record)
  }

  /** Adds a new transaction of sender number `sender`; answers it and what became of it. */
  offer(sender: number, changes: PoolTxChanges = {}): { tx: Tx; outcome: AddOutcome } {
    const tx = poolTx(changes, sender)
    return { tx, outcome: this.add(tx, sender) }
  }

  add(tx: Tx, sender: number, origin: TxOrigin = 'remote'): AddOutcome {
    const outcome = this.pool.add(tx, poolSender(sender), origin)
    this.check()
    return outcome
  }

  /** Adds many without checking after each. */
  fill(sender: number, count: number, changes: PoolTxChanges = {}): Tx[] {
    const first = Number(this.pool.nextNonce(poolSender(sender)))
    const txs = Array.from({ length: count }, (_, at) =>
      poolTx({ ...changes, nonce: first + at }, sender),
    )
    for (const tx of txs) this.pool.add(tx, poolSender(sender), 'remote')
    this.check()
    return txs
  }

  reset(change: Partial<PoolReset> = {}): void {
    const base = { baseFee: this.pool.baseFee, included: [], returned: [] }
    this.pool.reset({ ...base, state: this.accounts.copy(), ...change })
    this.check()
  }

  /** A block of these transactions; its number counts up. */
  block(...transactions: Tx[]): IncludingBlock {
    const number = BigInt(++this.#blocks)
    return {
      hash: keccak256Hash(new Uint8Array([Number(number)])),
      header: { number },
      transactions,
    }
  }

  returned(sender: number, ...txs: Tx[]): ReturnedTx[] {
    return txs.map((tx) => ({ tx, sender: poolSender(sender) }))
  }

  expire(afterMs: number): void {
    this.clock.advance(afterMs)
    this.pool.expire(this.clock.monotonicMs())
    this.check()
  }

  /** Nonces of the sender's transactions by place. */
  nonces(sender: number): { pending: number[]; queued: number[]; parked: number[] } {
    const { pending, queued } = this.pool.contentFrom(poolSender(sender))
    const all = [...pending, ...queued]
    const at = (place: string): number[] =>
      all.filter((pooled) => pooled.place === place).map((pooled) => Number(pooled.tx.nonce))
    return { pending: at('pending'), queued: at('queued'), parked: at('parked') }
  }

  check(): void {
    this.pool.assertInvariants()
    const known = [...this.pool.entries()]
    const hashes = known.map((pooled) => pooled.tx.hash).sort()
    if (hashes.join() !== this.ledger.live().join())
      throw new Error('events do not tell the content')
    const forwarded = this.ledger.forwarded()
    const wrong = known.find(({ tx, place }) => forwarded.has(tx.hash) === (place === 'parked'))
    if (wrong !== undefined) throw new Error(`forwarding of a ${wrong.place} transaction is wrong`)
  }
}
