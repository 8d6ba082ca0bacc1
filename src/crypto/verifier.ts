/**
 * Signature recovery off the main thread. Recovering a key is by far the costliest part of judging a transaction, so
 * one worker thread does it while this one relays.
 *
 * Requests wait in two bounded lanes, `block` ahead of `transaction`, and travel in batches. With no batch in work
 * the first request leaves at once, together with whatever the same turn of the event loop asked for; a second batch
 * leaves when it is worth a message or has lingered, so that the worker always finds the next one waiting.
 *
 * Every request is answered: by the worker; on this thread, if the worker dies or is stuck over it; by
 * `verifier-deadline`; or by `verifier-closed`. See limits.ts for the bounds.
 */
import { assert } from '../lib/assert.ts'
import type { Cancel, Clock } from '../lib/clock.ts'
import { silentLogger, type Logger } from '../lib/log.ts'
import type { Address } from './address.ts'
import { verifierLimits, type VerifierLimits } from './limits.ts'
import { recoverAddress, requestFault, type RecoveryRequest } from './recoveryBatch.ts'
import { secp256k1, type SecpPath } from './secp256k1.ts'
import { VerifierLanes } from './verifierLanes.ts'
import { VERIFIER_WORKER_FILE, VerifierThread } from './verifierThread.ts'

export type Lane = 'block' | 'transaction'

export const VERIFIER_FAILURES = [
  'bad-signature',
  'verifier-overloaded',
  'verifier-deadline',
  'verifier-closed',
] as const

/** Only `bad-signature` says something about the signature; the others are about us. */
export type VerifierFailure = (typeof VERIFIER_FAILURES)[number]

/** `queuedMs`: from the request to its answer, the recovery included. */
export type Recovered =
  | { readonly address: Address; readonly queuedMs: number }
  | { readonly failure: VerifierFailure; readonly queuedMs: number }

export interface VerifierStats {
  /** Requests that wait to be sent to the worker, by lane. */
  readonly queued: Readonly<Record<Lane, number>>
  /** Requests the worker has and has not answered. */
  readonly inFlight: number
  /** Requests answered with an address since the start. */
  readonly recovered: number
  /** Requests recovered on the calling thread since the start; 0 as long as the worker lives. */
  readonly inline: number
  readonly failures: Readonly<Record<VerifierFailure, number>>
  /** How often a dead or stuck worker was replaced. */
  readonly restarts: number
  /** The implementation that recovers. */
  readonly path: SecpPath
}

export interface Verifier {
  /**
   * The account that signed the 32-byte `digest` with `signature` (64 bytes, r || s), neither of which may change
   * before the answer. Rejects (RangeError) for wrong lengths only.
   */
  recover(digest: Uint8Array, signature: Uint8Array, yParity: 0 | 1, lane: Lane): Promise<Recovered>
  stats(): VerifierStats
  /** Answers what is left with `verifier-closed` and ends the thread. */
  close(): Promise<void>
}

export interface VerifierOptions {
  readonly clock: Clock
  readonly log?: Logger
  readonly limits?: VerifierLimits
  /** The worker's file, for tests of a worker that fails. */
  readonly workerFile?: URL
}

/** A verifier with a worker thread, once that is up. Rejects if it cannot start. */
export async function createVerifier(options: VerifierOptions): Promise<Verifier> {
  const verifier = new ThreadVerifier(options)
  try {
    await verifier.started()
    return verifier
  } catch (error) {
    await verifier.close()
    throw error
  }
}

/** A verifier on the calling thread: for tools, tests and simulations. */
export function inlineVerifier(): Verifier {
  const counts = new Counts()
  let closed = false
  return {
    recover: async (digest, signature, yParity) => {
      const request = { digest, signature, yParity }
      const fault = requestFault(request)
      if (fault !== undefined) throw fault
      if (closed) return counts.failed('verifier-closed', 0)
      return counts.inlined(recoverAddress(request), 0)
    },
    stats: () => ({
      ...counts.stats(),
      queued: { block: 0, transaction: 0 },
      inFlight: 0,
      restarts: 0,
      path: secp256k1.path,
    }),
    close: async () => {
      closed = true
    },
  }
}

/** Turns outcomes into answers and counts them. */
class Counts {
  #recovered = 0
  #inline = 0
  readonly #failures: Record<VerifierFailure, number> = {
    'bad-signature': 0,
    'verifier-overloaded': 0,
    'verifier-deadline': 0,
    'verifier-closed': 0,
  }

  answered(address: Address | undefined, queuedMs: number): Recovered {
    if (address === undefined) return this.failed('bad-signature', queuedMs)
    this.#recovered++
    return { address, queuedMs }
  }

  inlined(address: Address | undefined, queuedMs: number): Recovered {
    this.#inline++
    return this.answered(address, queuedMs)
  }

  failed(failure: VerifierFailure, queuedMs: number): Recovered {
    this.#failures[failure]++
    return { failure, queuedMs }
  }

  stats(): Pick<VerifierStats, 'recovered' | 'inline' | 'failures'> {
    return { recovered: this.#recovered, inline: this.#inline, failures: { ...this.#failures } }
  }
}

interface Pending extends RecoveryRequest {
  readonly sinceMs: number
  readonly settle: (answer: Recovered) => void
}

class ThreadVerifier implements Verifier {
  readonly #clock: Clock
  readonly #limits: VerifierLimits
  readonly #counts = new Counts()
  readonly #lanes: VerifierLanes<Lane, Pending>
  readonly #thread: VerifierThread<Pending>
  #closed = false
  #pumpScheduled = false
  #cancelPump: Cancel | undefined
  #cancelWatch: Cancel | undefined

  constructor({ clock, log, limits, workerFile }: VerifierOptions) {
    this.#clock = clock
    this.#limits = limits ?? verifierLimits
    const { block, transaction } = this.#limits.maxQueued
    this.#lanes = new VerifierLanes([
      ['block', block],
      ['transaction', transaction],
    ])
    this.#thread = new VerifierThread({
      clock,
      limits: this.#limits,
      log: log ?? silentLogger,
      file: workerFile ?? VERIFIER_WORKER_FILE,
      answered: (pending, address) => {
        pending.settle(this.#counts.answered(address, this.#waitedMs(pending)))
      },
      handedBack: (left) => this.#takeBack(left),
      available: () => this.#schedulePump(),
    })
  }

  started(): Promise<void> {
    return this.#thread.started
  }

  recover(
    digest: Uint8Array,
    signature: Uint8Array,
    yParity: 0 | 1,
    lane: Lane,
  ): Promise<Recovered> {
    const fault = requestFault({ digest, signature, yParity })
    if (fault !== undefined) return Promise.reject(fault)
    if (this.#closed) return Promise.resolve(this.#counts.failed('verifier-closed', 0))
    const { promise, resolve } = Promise.withResolvers<Recovered>()
    const sinceMs = this.#clock.monotonicMs()
    if (!this.#lanes.push(lane, { digest, signature, yParity, sinceMs, settle: resolve }))
      return Promise.resolve(this.#counts.failed('verifier-overloaded', 0))
    this.#schedulePump()
    return promise
  }

  stats(): VerifierStats {
    return {
      ...this.#counts.stats(),
      queued: {
        block: this.#lanes.sizeOf('block'),
        transaction: this.#lanes.sizeOf('transaction'),
      },
      inFlight: this.#thread.inFlight,
      restarts: this.#thread.restarts,
      path: this.#thread.path,
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelPump?.()
    this.#unwatch()
    const left = [...this.#thread.stop(), ...this.#lanes.take(this.#lanes.size)]
    for (const pending of left) this.#fail(pending, 'verifier-closed')
    await this.#thread.ended()
  }

  assertInvariants(): void {
    this.#lanes.assertInvariants()
    this.#thread.assertInvariants()
    assert(!this.#closed || this.#lanes.size === 0, 'nothing waits after close')
  }

  /** After the promises of this turn, so that what they ask for travels together. */
  #schedulePump(): void {
    if (this.#pumpScheduled) return
    this.#pumpScheduled = true
    queueMicrotask(() => {
      this.#pumpScheduled = false
      this.#pump()
    })
  }

  /** Sends what may be sent, and sees to it that what may not is looked at again. */
  #pump(): void {
    if (this.#closed) return
    if (this.#thread.revive()) this.#send()
    else this.#recoverHere()
    this.#watch()
  }

  #send(): void {
    while (this.#lanes.size > 0 && this.#thread.isAvailable) {
      if (!this.#isWorthABatch()) return this.#pumpAfter(this.#limits.lingerMs)
      this.#thread.send(this.#lanes.take(this.#limits.maxBatch))
    }
  }

  #isWorthABatch(): boolean {
    if (this.#thread.isIdle || this.#lanes.size >= this.#limits.minBatch) return true
    return this.#clock.monotonicMs() - this.#lanes.oldestMs >= this.#limits.lingerMs
  }

  /** Without a thread: a few on this one, then a turn for everybody else. */
  #recoverHere(): void {
    for (const pending of this.#lanes.take(this.#limits.maxInlineBatch)) this.#settleHere(pending)
    if (this.#lanes.size > 0) this.#pumpAfter(0)
  }

  #pumpAfter(delayMs: number): void {
    this.#cancelPump ??= this.#clock.after(delayMs, () => {
      this.#cancelPump = undefined
      this.#pump()
    })
  }

  #takeBack(left: readonly Pending[]): void {
    for (const pending of left) this.#settleHere(pending)
    this.#schedulePump()
  }

  /**
   * One timer for every bound on time; none without work. It looks one turn of the event loop after it fired: if it
   * was this thread that was late, the worker's answers are there and are read first.
   */
  #watch(): void {
    const dueMs = Math.min(this.#lanes.oldestMs + this.#maxWaitMs(), this.#thread.stuckAtMs)
    if (dueMs === Infinity) return this.#unwatch()
    if (this.#cancelWatch !== undefined) return
    const delayMs = Math.max(0, dueMs - this.#clock.monotonicMs())
    this.#cancelWatch = this.#clock.after(delayMs, () => {
      this.#cancelWatch = this.#clock.after(0, () => {
        this.#cancelWatch = undefined
        this.#sweep()
      })
    })
  }

  #unwatch(): void {
    this.#cancelWatch?.()
    this.#cancelWatch = undefined
  }

  #sweep(): void {
    this.#thread.giveUpIfStuck()
    const lateMs = this.#clock.monotonicMs() - this.#maxWaitMs()
    for (const pending of this.#lanes.takeOlder(lateMs)) this.#fail(pending, 'verifier-deadline')
    this.#pump()
  }

  /** The worker may take `stuckMs` to answer what it is sent: who waits longer than the rest misses the deadline. */
  #maxWaitMs(): number {
    return this.#limits.deadlineMs - this.#limits.stuckMs
  }

  #settleHere(pending: Pending): void {
    pending.settle(this.#counts.inlined(recoverAddress(pending), this.#waitedMs(pending)))
  }

  #fail(pending: Pending, failure: VerifierFailure): void {
    pending.settle(this.#counts.failed(failure, this.#waitedMs(pending)))
  }

  #waitedMs(pending: Pending): number {
    return this.#clock.monotonicMs() - pending.sinceMs
  }
}
