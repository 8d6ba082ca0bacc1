/** Every bound of this folder, in one place; `grapevine config` prints them. */

/** The bounds of a verifier. */
export interface VerifierLimits {
  /** Requests that may wait in each lane; one more is answered `verifier-overloaded` at once. */
  readonly maxQueued: { readonly block: number; readonly transaction: number }
  /** Records that travel to the worker in one message. */
  readonly maxBatch: number
  /** So many waiting records are worth a message of their own while the worker is busy. */
  readonly minBatch: number
  /**
   * One batch in work and one waiting in the worker's port, so that the worker never waits for this
   * thread.
   */
  readonly maxBatchesInFlight: number
  /** How long fewer than `minBatch` records wait for company while the worker is busy. */
  readonly lingerMs: number
  /**
   * Every request is answered by then: `verifier-deadline`, if it could not be sent `stuckMs`
   * before.
   */
  readonly deadlineMs: number
  /**
   * A worker that keeps a batch longer is stuck: it is replaced, and its batches are recovered
   * here.
   */
  readonly stuckMs: number
  /**
   * Restarts of a crashed worker; beyond them recovery runs on the calling thread until a token is
   * back.
   */
  readonly restarts: { readonly burst: number; readonly perSecond: number }
  /** Records recovered on the calling thread, when it must, before it turns to other work. */
  readonly maxInlineBatch: number
  /**
   * Records recovered on the calling thread because no thread has work: waking one costs more than
   * the recovery. Beyond this rate there is a queue, and the threads have it.
   */
  readonly inlineAtRest: { readonly burst: number; readonly perSecond: number }
}

/**
 * A native recovery takes about 65 microseconds: a full transaction lane is half a second of work,
 * so that what is accepted is answered within the deadline. The block lane holds a block's worth of
 * transactions more than once.
 */
export const verifierLimits: VerifierLimits = {
  maxQueued: { block: 16_384, transaction: 8192 },
  maxBatch: 32,
  minBatch: 8,
  maxBatchesInFlight: 2,
  lingerMs: 1,
  deadlineMs: 3000,
  stuckMs: 1000,
  restarts: { burst: 5, perSecond: 0.1 },
  maxInlineBatch: 8,
  // 500 recoveries are 33 ms of a second, 4 are a quarter of a millisecond of one turn.
  inlineAtRest: { burst: 4, perSecond: 500 },
}

/**
 * Verifier threads that a node starts by itself at most: beyond these the main thread is what
 * limits.
 */
export const MAX_DEFAULT_VERIFIER_THREADS = 4

/** Mnemonics whose derived parent key is kept: deriving one costs 2,048 rounds of PBKDF2. */
export const MAX_CACHED_MNEMONICS = 8
