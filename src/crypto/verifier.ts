/**
 * Signature recovery off the main thread. Recovering a key is by far the costliest part of judging
 * a transaction, so worker threads do it while this one relays.
 *
 * A few requests at a time are recovered on this thread when no thread has work: at low load,
 * waking a thread was half of the latency. A node that never has more starts no thread, which would
 * cost it 14 MB. Otherwise requests wait in two bounded lanes, `block` ahead of `transaction`, and
 * travel in batches. An idle thread is sent the first requests at once, together with whatever the
 * same turn of the event loop asked for; a busy one is sent a second batch when that is worth a
 * message or has lingered, so that it always finds the next one waiting.
 *
 * Every request is answered: by the worker; on this thread, if the worker dies or is stuck over it;
 * by `verifier-deadline`; or by `verifier-closed`. See limits.ts for the bounds.
 */
import { minOf } from '../lib/extremes.ts'
import { assert } from '../lib/assert.ts'
import type { Cancel, Clock } from '../lib/clock.ts'
import { silentLogger, type Logger } from '../lib/log.ts'
import { TokenBucket } from '../lib/tokenBucket.ts'
import type { Address } from './address.ts'
import { MAX_DEFAULT_VERIFIER_THREADS, verifierLimits, type VerifierLimits } from './limits.ts'
import { recoverAddress, requestDefect, type RecoveryRequest } from './recoveryBatch.ts'
import { secp256k1, type SecpPath } from './secp256k1.ts'
import { VerifierLanes } from './verifierLanes.ts'
import { VERIFIER_WORKER_FILE, VerifierThread } from './verifierThread.ts'

/** What a signature is recovered for; blocks go first. */
export type Lane = 'block' | 'transaction'

/** The stable words for why there is no signer. */
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

/** What the verifier does now and has done since the start. */
export interface VerifierStats {
  /** Requests that wait to be sent to the worker, by lane. */
  readonly queued: Readonly<Record<Lane, number>>
  /** Requests that the threads have and have not answered. */
  readonly inFlight: number
  /** Requests answered with an address since the start. */
  readonly recovered: number
  /**
   * Requests recovered on the calling thread since the start: at rest, and where a thread was lost.
   */
  readonly inline: number
  readonly failures: Readonly<Record<VerifierFailure, number>>
  /** Worker threads; 0 where everything is recovered on the calling thread. */
  readonly threads: number
  /** How often a dead or stuck worker was replaced. */
  readonly restarts: number
  /** The implementation that recovers. */
  readonly path: SecpPath
}

/** Recovers the signers of signatures. */
export interface Verifier {
  /**
   * The account that signed the 32-byte `digest` with `signature` (64 bytes, r || s), neither of
   * which may change before the answer. Rejects (RangeError) for wrong lengths only.
   */
  recover(digest: Uint8Array, signature: Uint8Array, yParity: 0 | 1, lane: Lane): Promise<Recovered>
  stats(): VerifierStats
  /** Answers what is left with `verifier-closed` and ends the thread. */
  close(): Promise<void>
}

/** What a verifier is made with. */
export interface VerifierOptions {
  readonly clock: Clock
  readonly log?: Logger
  readonly limits?: VerifierLimits
  /** Worker threads; one if left out. See {@link defaultThreads}. */
  readonly threads?: number
  /**
   * The threads are started when there is the first work for them; until they are up, the calling
   * thread recovers. Where it recovers slowly they are started at once all the same.
   */
  readonly startsWhenNeeded?: boolean
  /** The worker's file, for tests of a worker that fails. */
  readonly workerFile?: URL
}

/**
 * As many threads as there are cores besides the main thread's, at least one and at most
 * {@link MAX_DEFAULT_VERIFIER_THREADS}.
 */
export function defaultThreads(cores: number): number {
  return Math.min(MAX_DEFAULT_VERIFIER_THREADS, Math.max(1, cores - 1))
}

/**
 * A verifier with its worker threads, once these are up unless they start later. Rejects if one
 * cannot start.
 */
export async function createVerifier(options: VerifierOptions): Promise<Verifier> {
  const verifier = new ThreadVerifier(options)
  if (options.startsWhenNeeded === true && secp256k1.path === 'native') return verifier
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
      const defect = requestDefect(request)
      if (defect !== undefined) throw defect
      if (closed) return counts.failed('verifier-closed', 0)
      return counts.inlined(recoverAddress(request), 0)
    },
    stats: () => ({
      ...counts.stats(),
      queued: { block: 0, transaction: 0 },
      inFlight: 0,
      threads: 0,
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
  readonly #threads: readonly VerifierThread<Pending>[]
  readonly #inlineAtRest: TokenBucket
  #closed = false
  #pumpScheduled = false
  #cancelPump: Cancel | undefined
  #cancelWatch: Cancel | undefined

  constructor({ clock, log, limits, threads = 1, workerFile }: VerifierOptions) {
    this.#clock = clock
    this.#limits = limits ?? verifierLimits
    const { block, transaction } = this.#limits.maxQueued
    this.#lanes = new VerifierLanes([
      ['block', block],
      ['transaction', transaction],
    ])
    this.#inlineAtRest = new TokenBucket(this.#limits.inlineAtRest, clock.monotonicMs())
    const options = {
      clock,
      limits: this.#limits,
      log: log ?? silentLogger,
      file: workerFile ?? VERIFIER_WORKER_FILE,
      answered: (pending: Pending, address: Address | undefined) => {
        pending.settle(this.#counts.answered(address, this.#waitedMs(pending)))
      },
      handedBack: (left: readonly Pending[]) => this.#takeBack(left),
      available: () => this.#schedulePump(),
    }
    this.#threads = Array.from({ length: threads }, () => new VerifierThread<Pending>(options))
  }

  async started(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.start()))
  }

  recover(
    digest: Uint8Array,
    signature: Uint8Array,
    yParity: 0 | 1,
    lane: Lane,
  ): Promise<Recovered> {
    const defect = requestDefect({ digest, signature, yParity })
    if (defect !== undefined) return Promise.reject(defect)
    if (this.#closed) return Promise.resolve(this.#counts.failed('verifier-closed', 0))
    if (this.#isAtRest()) {
      const address = recoverAddress({ digest, signature, yParity })
      return Promise.resolve(this.#counts.inlined(address, 0))
    }
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
      inFlight: sumOf(this.#threads, ({ inFlight }) => inFlight),
      threads: this.#threads.length,
      restarts: sumOf(this.#threads, ({ restarts }) => restarts),
      path: this.#threads[0]?.path ?? secp256k1.path,
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelPump?.()
    this.#unwatch()
    const atThreads = this.#threads.flatMap((thread) => thread.stop())
    const left = [...atThreads, ...this.#lanes.take(this.#lanes.size)]
    for (const pending of left) this.#fail(pending, 'verifier-closed')
    await Promise.all(this.#threads.map((thread) => thread.ended()))
  }

  assertInvariants(): void {
    this.#lanes.assertInvariants()
    for (const thread of this.#threads) thread.assertInvariants()
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
    const threads = this.#threads.filter((thread) => thread.revive())
    if (threads.some(({ isUp }) => isUp)) this.#send(threads)
    else this.#recoverHere()
    this.#watch()
  }

  /**
   * Nothing waits and no thread has work, and this one has not just done much of it. Slow
   * implementations never do.
   */
  #isAtRest(): boolean {
    if (this.#lanes.size > 0 || secp256k1.path !== 'native') return false
    if (!this.#threads.every(({ isIdle }) => isIdle)) return false
    return this.#inlineAtRest.take(1, this.#clock.monotonicMs())
  }

  #send(threads: readonly VerifierThread<Pending>[]): void {
    while (this.#lanes.size > 0) {
      const idle = threads.filter(({ isIdle, isAvailable }) => isIdle && isAvailable)
      const thread = idle[0] ?? threads.find(({ isAvailable }) => isAvailable)
      if (thread === undefined) return
      if (!thread.isIdle && !this.#isWorthABatch()) return this.#pumpAfter(this.#limits.lingerMs)
      const share = Math.ceil(this.#lanes.size / Math.max(1, idle.length))
      thread.send(this.#lanes.take(Math.min(this.#limits.maxBatch, share)))
    }
  }

  /** Whether what waits is enough to be sent to a busy thread. */
  #isWorthABatch(): boolean {
    if (this.#lanes.size >= this.#limits.minBatch) return true
    return this.#clock.monotonicMs() - this.#lanes.oldestMs >= this.#limits.lingerMs
  }

  /** Without a thread that is up: a few on this one, then a turn for everybody else. */
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
   * One timer for every bound on time; none without work. It looks one turn of the event loop after
   * it fired: if it was this thread that was late, the worker's answers are there and are read
   * first.
   */
  #watch(): void {
    const stuckAtMs = minOf(this.#threads.map((thread) => thread.stuckAtMs))
    const dueMs = Math.min(this.#lanes.oldestMs + this.#maxWaitMs(), stuckAtMs)
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
    for (const thread of this.#threads) thread.giveUpIfStuck()
    const lateMs = this.#clock.monotonicMs() - this.#maxWaitMs()
    for (const pending of this.#lanes.takeOlder(lateMs)) this.#fail(pending, 'verifier-deadline')
    this.#pump()
  }

  /**
   * The worker may take `stuckMs` to answer what it is sent: who waits longer than the rest misses
   * the deadline.
   */
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

function sumOf<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0)
}
