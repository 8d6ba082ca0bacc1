import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PoolEvent } from '../../src/mempool/events.ts'
import { defaultPoolLimits } from '../../src/mempool/limits.ts'
import { POOL_REFUSALS } from '../../src/mempool/refusals.ts'
import type { Tx } from '../../src/tx/tx.ts'
import {
  poolSender,
  poolTx,
  type PoolTxChanges,
  PoolFixture,
  TestAccounts,
  TRANSFER_GAS,
} from '../builders/pool.ts'
import { PoolModel } from './mempoolModel.ts'

const SENDERS = 6

/** So small that every limit is met within a few dozen commands. */
const limits = {
  ...defaultPoolLimits,
  pendingSlots: 9,
  queuedSlots: 5,
  senderPendingSlots: 3,
  senderQueuedSlots: 3,
  slotBytes: 100,
  maxTxBytes: 300,
  forwardedGap: 1,
  keptGap: 4,
  lifeMs: 100,
}

/** What every run together has met: so that a run that tests nothing does not go unnoticed. */
const met = new Set<string>()

interface Included {
  readonly tx: Tx
  readonly sender: number
}

/** What the chain did so far: for blocks that a later command takes back. */
interface Past {
  readonly included: Included[]
}

class Real {
  readonly fixture = new PoolFixture({ limits, baseFee: 5n, accounts: poorAccounts() })
  readonly past: Past = { included: [] }

  constructor() {
    this.fixture.pool.events.on((event) => met.add(nameOf(event)))
  }
}

/** Each can pay for some ten transfers at the usual fees: overdrafts happen. */
function poorAccounts(): TestAccounts {
  const accounts = new TestAccounts()
  for (let sender = 0; sender < SENDERS; sender++)
    accounts.set(sender, { nonce: 0, balance: TRANSFER_GAS * 150n })
  return accounts
}

function nameOf(event: PoolEvent): string {
  if (event.kind === 'evicted' || event.kind === 'dropped') return `${event.kind}:${event.reason}`
  return event.kind === 'promoted' ? `promoted:${event.wasParked}` : event.kind
}

type Command = fc.Command<PoolModel, Real>

abstract class PoolCommand implements Command {
  check(): boolean {
    return true
  }

  run(model: PoolModel, real: Real): void {
    this.act(model, real)
    expectSame(model, real)
  }

  abstract act(model: PoolModel, real: Real): void
  abstract toString(): string
}

class Add extends PoolCommand {
  readonly sender: number
  readonly ahead: number
  readonly changes: PoolTxChanges

  constructor(sender: number, ahead: number, changes: PoolTxChanges) {
    super()
    this.sender = sender
    this.ahead = ahead
    this.changes = changes
  }

  act(model: PoolModel, real: Real): void {
    const next = model.nextNonce(poolSender(this.sender))
    const nonce = next + BigInt(this.ahead)
    offer(
      model,
      real,
      poolTx({ ...this.changes, nonce: nonce < 0n ? 0n : nonce }, this.sender),
      this.sender,
    )
  }

  toString(): string {
    return `add(${this.sender}, next+${this.ahead}, ${JSON.stringify(this.changes)})`
  }
}

class Replace extends PoolCommand {
  readonly which: number
  readonly percent: number
  readonly bytes: number

  constructor(which: number, percent: number, bytes: number) {
    super()
    this.which = which
    this.percent = percent
    this.bytes = bytes
  }

  act(model: PoolModel, real: Real): void {
    const old = model.txs[this.which % Math.max(1, model.txs.length)]
    if (old === undefined) return
    const bump = (fee: bigint): bigint => (fee * BigInt(100 + this.percent)) / 100n
    const tip = bump(old.tx.maxPriorityFeePerGas)
    const cap = bump(old.tx.maxFeePerGas)
    const sender = Number(old.sender)
    const tx = poolTx({ nonce: old.tx.nonce, tip, cap, bytes: this.bytes, salt: 1 }, sender)
    offer(model, real, tx, sender)
  }

  toString(): string {
    return `replace(${this.which}, +${this.percent}%, ${this.bytes} bytes)`
  }
}

class Known extends PoolCommand {
  readonly which: number

  constructor(which: number) {
    super()
    this.which = which
  }

  act(model: PoolModel, real: Real): void {
    const old = model.txs[this.which % Math.max(1, model.txs.length)]
    if (old !== undefined) offer(model, real, old.tx, Number(old.sender))
  }

  toString(): string {
    return `known(${this.which})`
  }
}

interface HeadSpec {
  readonly takes: readonly number[]
  readonly back: number
  readonly backAgain: boolean
  readonly foreign: number | undefined
  readonly balance: { readonly sender: number; readonly transfers: number } | undefined
  readonly baseFee: number
}

/**
 * A new head: it may take back the last blocks, include the first pending transactions of some
 * senders, include one nobody pooled, and move a balance and the base fee.
 */
class NewHead extends PoolCommand {
  readonly spec: HeadSpec

  constructor(spec: HeadSpec) {
    super()
    this.spec = spec
  }

  act(model: PoolModel, real: Real): void {
    const { fixture, past } = real
    const returned = past.included.splice(
      past.included.length - Math.min(this.spec.back, past.included.length),
    )
    const accounts = fixture.accounts
    for (const { sender, tx } of [...returned].reverse()) accounts.set(sender, { nonce: tx.nonce })
    const included = this.#include(model, real, returned)
    const { foreign, balance } = this.spec
    if (foreign !== undefined)
      accounts.set(foreign, { nonce: accounts.nonce(poolSender(foreign)) + 1n })
    if (balance !== undefined)
      accounts.set(balance.sender, { balance: TRANSFER_GAS * BigInt(balance.transfers) })
    const change = {
      baseFee: BigInt(this.spec.baseFee),
      returned: returned.map(({ tx, sender }) => ({ tx, sender: poolSender(sender) })),
    }
    const nowMs = fixture.clock.monotonicMs()
    model.reset(
      { ...change, accounts: accounts.copy(), included: included.map(({ tx }) => tx) },
      nowMs,
    )
    fixture.reset({ ...change, included: [fixture.block(...included.map(({ tx }) => tx))] })
    past.included.push(...included)
  }

  /** Some of the returned again, or else the first pending ones of the senders named. */
  #include(model: PoolModel, real: Real, returned: readonly Included[]): Included[] {
    const included: Included[] = []
    const first = returned[0]
    if (this.spec.backAgain && first !== undefined) included.push(first)
    for (const sender of this.spec.takes) {
      const isBusy = [...returned, ...included].some((item) => item.sender === sender)
      const head = model.pending(poolSender(sender))[0]
      if (!isBusy && head !== undefined) included.push({ tx: head.tx, sender })
    }
    for (const { tx, sender } of included)
      real.fixture.accounts.set(sender, { nonce: tx.nonce + 1n })
    return included
  }

  toString(): string {
    return `newHead(${JSON.stringify(this.spec)})`
  }
}

class Wait extends PoolCommand {
  readonly ms: number

  constructor(ms: number) {
    super()
    this.ms = ms
  }

  act(model: PoolModel, real: Real): void {
    real.fixture.expire(this.ms)
    model.expire(real.fixture.clock.monotonicMs())
  }

  toString(): string {
    return `wait(${this.ms} ms)`
  }
}

function offer(model: PoolModel, real: Real, tx: Tx, sender: number): void {
  const { pool, clock } = real.fixture
  const early = pool.precheck(tx)
  const outcome = real.fixture.add(tx, sender)
  expect(outcome).toEqual(model.add(tx, poolSender(sender), clock.monotonicMs()))
  met.add(outcome.reason ?? outcome.status)
  if (early === undefined) return
  met.add(`precheck:${early}`)
  expect(outcome.status, `precheck said ${early}`).toBe('refused')
}

function expectSame(model: PoolModel, { fixture }: Real): void {
  const { pool } = fixture
  const sight = (item: { tx: Tx }, place: string): string => `${item.tx.hash} ${place}`
  for (let sender = 0; sender < SENDERS; sender++) {
    const address = poolSender(sender)
    const { pending, queued } = pool.contentFrom(address)
    expect(pending.map((item) => sight(item, item.place))).toEqual(
      model.pending(address).map((item) => sight(item, 'pending')),
    )
    expect(queued.map((item) => sight(item, item.place))).toEqual(
      model.queued(address).map((item) => sight(item, item.parked ? 'parked' : 'queued')),
    )
    expect(pool.nextNonce(address)).toBe(model.nextNonce(address))
  }
  expect(pool.pendingCount + pool.queuedCount).toBe(model.txs.length)
  for (const baseFee of [0n, 7n])
    expect([...pool.executable(baseFee)].map((item) => item.tx.hash)).toEqual(
      model.executable(baseFee),
    )
}

const sender = fc.nat(SENDERS - 1)
const bytes = fc.constantFrom(100, 100, 100, 101, 201, 300, 301)
const fees = fc.record({ tip: fc.integer({ min: 0, max: 12 }), over: fc.nat(8) })

const commands = [
  fc
    .tuple(sender, fc.constantFrom(0, 0, 0, 0, 1, 1, 2, 3, 4, 5, -1, -2), fees, bytes, fc.nat(3))
    .map(([who, ahead, { tip, over }, size, salt]) => {
      return new Add(who, ahead, { tip, cap: tip + over, bytes: size, salt })
    }),
  fc
    .tuple(sender, fees, fc.nat(3))
    .map(
      ([who, { tip, over }, salt]) =>
        new Add(who, 0, { tip: tip + 1, cap: tip + 1 + over, bytes: 100, salt }),
    ),
  fc
    .tuple(fc.nat(20), fc.constantFrom(0, 5, 10, 10, 50), bytes)
    .map(([which, percent, size]) => new Replace(which, percent, size)),
  fc.nat(20).map((which) => new Known(which)),
  fc
    .record({
      takes: fc.uniqueArray(sender, { maxLength: 3 }),
      back: fc.constantFrom(0, 0, 0, 1, 2, 5),
      backAgain: fc.boolean(),
      foreign: fc.option(sender, { nil: undefined, freq: 8 }),
      balance: fc.option(fc.record({ sender, transfers: fc.constantFrom(0, 20, 60, 150, 150) }), {
        nil: undefined,
        freq: 3,
      }),
      baseFee: fc.constantFrom(5, 5, 5, 0, 3, 12),
    })
    .map((spec) => new NewHead(spec)),
  fc.constantFrom(1, 10, 40).map((ms) => new Wait(ms)),
]

function runBesideModel(options: { readonly numRuns: number; readonly seed?: number }): void {
  const property = fc.property(fc.commands(commands, { maxCommands: 80, size: 'max' }), (run) => {
    fc.modelRun(() => {
      const real = new Real()
      return { model: new PoolModel(limits, real.fixture.accounts.copy(), 5n), real }
    }, run)
  })
  fc.assert(property, options)
}

describe('the pool beside a naive model', () => {
  test('gives the same outcome, content and block order after any commands', () => {
    const numRuns = Number(process.env['FC_NUM_RUNS'] ?? 200)
    expect(() => runBesideModel({ numRuns })).not.toThrow()
  })

  test('meets every refusal and every kind of event on the way', () => {
    met.clear()
    runBesideModel({ numRuns: 300, seed: 1 })
    const refusals = Object.keys(POOL_REFUSALS)
    const events = ['pending', 'queued', 'parked', 'promoted:true', 'promoted:false', 'released']
    const exits = [
      'demoted',
      'replaced',
      'expired',
      'included',
      'returned',
      'dropped:nonce-too-low',
    ]
    const forced = ['dropped:insufficient-funds', 'evicted:pool-full', 'evicted:over-share']
    const early = ['precheck:known', 'precheck:oversized', 'precheck:underpriced']
    const wanted = [...refusals, ...events, ...exits, ...forced, ...early, 'evicted:sender-slots']
    expect(wanted.filter((name) => !met.has(name))).toEqual([])
  })
})
