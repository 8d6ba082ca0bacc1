/**
 * The thread of a verifier: batches go in, answers come out in the same order, and if the thread
 * dies or is stuck it is replaced and what it left unanswered is handed back.
 */
import { Worker } from 'node:worker_threads'
import { assert, messageOf } from '../lib/assert.ts'
import { systemClock, type Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import { TokenBucket } from '../lib/tokenBucket.ts'
import type { Address } from './address.ts'
import type { VerifierLimits } from './limits.ts'
import { answerCount, packRequests, readAnswer, type RecoveryRequest } from './recoveryBatch.ts'
import { secp256k1, type SecpPath } from './secp256k1.ts'

/**
 * Node 20 runs no TypeScript in a worker: from sources (in tests) the thread runs the build's file.
 */
export const VERIFIER_WORKER_FILE = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/crypto/verifierWorker.js' : './verifierWorker.js',
  import.meta.url,
)

/** What a thread is made with. */
export interface VerifierThreadOptions<Request> {
  readonly clock: Clock
  readonly log: Logger
  readonly limits: VerifierLimits
  readonly file: URL
  /** The answer to one request; `undefined`: made by no key. */
  readonly answered: (request: Request, address: Address | undefined) => void
  /** What a lost thread had not answered. */
  readonly handedBack: (requests: readonly Request[]) => void
  /** The thread may take more: it came up, or finished a batch. */
  readonly available: () => void
}

interface Batch<Request> {
  readonly requests: readonly Request[]
  readonly sentMs: number
}

/** One worker thread; it is replaced when it dies or is stuck. */
export class VerifierThread<Request extends RecoveryRequest> {
  readonly #start = Promise.withResolvers<void>()
  readonly #options: VerifierThreadOptions<Request>
  readonly #restartBucket: TokenBucket
  /** Sent and unanswered, oldest first. */
  #batches: Batch<Request>[] = []
  #worker: Worker | undefined
  #wasStarted = false
  #isUp = false
  #path: SecpPath = secp256k1.path
  #restarts = 0
  #ending: Promise<unknown> = Promise.resolve()

  constructor(options: VerifierThreadOptions<Request>) {
    this.#options = options
    this.#restartBucket = new TokenBucket(options.limits.restarts, options.clock.monotonicMs())
    this.#start.promise.catch(() => {})
  }

  /**
   * Starts the thread unless it was. Resolves when it is up the first time; rejects if that fails.
   */
  start(): Promise<void> {
    this.revive()
    return this.#start.promise
  }

  /** The implementation that recovers on the thread. */
  get path(): SecpPath {
    return this.#path
  }

  get restarts(): number {
    return this.#restarts
  }

  /** How many requests are sent and unanswered. */
  get inFlight(): number {
    return this.#batches.reduce((sum, batch) => sum + batch.requests.length, 0)
  }

  /** Nothing is sent and unanswered. */
  get isIdle(): boolean {
    return this.#batches.length === 0
  }

  /** Work can be sent to it, now or when it has answered. */
  get isUp(): boolean {
    return this.#isUp
  }

  /** It is up and its bound of batches in flight is not reached. */
  get isAvailable(): boolean {
    return this.#isUp && this.#batches.length < this.#options.limits.maxBatchesInFlight
  }

  /**
   * When the oldest unanswered batch counts as stuck, in monotonic ms; Infinity if there is none.
   */
  get stuckAtMs(): number {
    return (this.#batches[0]?.sentMs ?? Infinity) + this.#options.limits.stuckMs
  }

  send(requests: readonly Request[]): void {
    assert(this.#worker !== undefined && this.isAvailable, 'only an available thread is sent work')
    const packed = packRequests(requests)
    this.#batches.push({ requests, sentMs: this.#options.clock.monotonicMs() })
    this.#worker.postMessage(packed, [packed])
  }

  /**
   * Starts the thread if it was not yet, or was lost and the bound on restarts allows it; whether
   * there is one, up or coming up.
   */
  revive(): boolean {
    if (this.#worker !== undefined) return true
    if (this.#wasStarted && !this.#mayRestart()) return false
    this.#wasStarted = true
    this.#worker = this.#run()
    return true
  }

  #mayRestart(): boolean {
    if (!this.#restartBucket.take(1, this.#options.clock.monotonicMs())) return false
    this.#restarts++
    return true
  }

  /** Gives the thread up if its oldest batch is stuck. */
  giveUpIfStuck(): void {
    const { clock, limits } = this.#options
    if (clock.monotonicMs() < this.stuckAtMs) return
    const stuck = this.#worker
    this.#lost(`it kept a batch for ${limits.stuckMs} ms`)
    this.#ending = Promise.all([this.#ending, stuck?.terminate()])
  }

  /** Ends the thread and answers what it had not answered. No event comes after the call. */
  stop(): readonly Request[] {
    const worker = this.#worker
    const { stuckMs } = this.#options.limits
    const messages = this.#isUp ? this.#batches.length : 1
    this.#worker = undefined
    this.#isUp = false
    this.#ending = Promise.all([this.#ending, worker && endAfter(worker, messages, stuckMs)])
    return this.#takeUnanswered()
  }

  /** Resolves when every thread that was stopped or given up is gone. */
  async ended(): Promise<void> {
    await this.#ending
  }

  assertInvariants(): void {
    const { maxBatchesInFlight } = this.#options.limits
    assert(this.#batches.length <= maxBatchesInFlight, 'batches in flight are bounded')
    assert(this.#isUp || this.#batches.length === 0, 'only a thread that is up has batches')
  }

  #run(): Worker {
    const worker = new Worker(this.#options.file, { name: 'verifier', execArgv: [] })
    let why = 'it exited'
    worker.on('error', (error) => {
      why = messageOf(error)
    })
    worker.on('message', (message: SecpPath | ArrayBuffer) => {
      if (worker !== this.#worker) return
      if (message instanceof ArrayBuffer) this.#answered(message)
      else this.#up(worker, message)
    })
    worker.on('exit', () => {
      if (worker === this.#worker) this.#lost(why)
    })
    return worker
  }

  /**
   * From here on the thread does not hold the process alive: who waits for an answer has a timer
   * that does, and a verifier without work is no reason for a program to stay.
   */
  #up(worker: Worker, path: SecpPath): void {
    worker.unref()
    this.#isUp = true
    this.#path = path
    this.#start.resolve()
    this.#options.available()
  }

  #answered(packed: ArrayBuffer): void {
    const requests = this.#batches.shift()?.requests ?? []
    assert(answerCount(packed) === requests.length, 'each batch is answered once and whole')
    requests.forEach((request, index) => this.#options.answered(request, readAnswer(packed, index)))
    this.#options.available()
  }

  #lost(why: string): void {
    this.#worker = undefined
    this.#isUp = false
    this.#start.reject(new Error(`the verifier's thread did not start: ${why}`))
    this.#options.log.warn('a verifier thread was lost', { why })
    this.#options.handedBack(this.#takeUnanswered())
  }

  #takeUnanswered(): readonly Request[] {
    const unanswered = this.#batches.flatMap((batch) => batch.requests)
    this.#batches = []
    return unanswered
  }
}

/**
 * Ends a thread when it has said so much more (that it is up, or the answers to its batches), or
 * after `patienceMs`. One that is ended in the midst of a native recovery takes the whole process
 * with it (SIGABRT): the addon cannot return to a thread that is ending.
 */
function endAfter(worker: Worker, messages: number, patienceMs: number): Promise<unknown> {
  if (messages === 0) return worker.terminate()
  const { promise, resolve } = Promise.withResolvers<unknown>()
  let left = messages
  const end = (): void => {
    cancel()
    resolve(worker.terminate())
  }
  const cancel = systemClock.after(patienceMs, end)
  worker.on('message', () => {
    if (--left === 0) end()
  })
  worker.on('exit', end)
  return promise
}
