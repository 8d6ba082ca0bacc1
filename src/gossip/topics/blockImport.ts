import type { Block } from '../../block/block.ts'
import type { Chain } from '../../chain/chain.ts'
import type { ImportOutcome, ImportRefusalReason } from '../../chain/importOutcome.ts'
import type { BlockCheck } from '../../chain/rules/blockCheck.ts'
import type { Hash } from '../../crypto/keccak.ts'
import { messageOf } from '../../lib/assert.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import type { Clock } from '../../lib/clock.ts'
import { Emitter } from '../../lib/emitter.ts'
import { during } from '../../lib/eventLoop.ts'
import type { Logger } from '../../lib/log.ts'
import type { Trace } from '../../trace/trace.ts'
import { MAX_QUEUED_BLOCKS, MAX_REFUSED_BLOCKS } from '../limits.ts'

/** What an import of blocks works with. */
export interface BlockImportOptions {
  readonly chain: Pick<Chain, 'take'>
  readonly trace: Trace
  readonly clock: Clock
  readonly log: Logger
}

/** A block that has been through the chain, whatever became of it. */
export interface Imported {
  readonly block: Block
  readonly outcome: ImportOutcome | FailedImport
}

/** The chain itself failed: a fault of this node. */
interface FailedImport {
  readonly status: 'refused'
  readonly reason: 'internal-error'
  readonly message: string
}

type FailureReason = ImportRefusalReason | FailedImport['reason']

/** Refusals that say nothing about the block: it may be taken another time. */
const PASSING_REASONS: readonly FailureReason[] = [
  'too-many-side-blocks',
  'too-deep',
  'conflicts-with-finalized',
  'internal-error',
]

interface Job {
  readonly check: BlockCheck
  readonly done: PromiseWithResolvers<void>
}

/**
 * Executes accepted blocks one after another, in the order of acceptance, each in a turn of its
 * own: the router forwards a block first, and messages are served between two blocks.
 */
export class BlockImport {
  /** Every block that has been through the chain; who holds children of one releases them here. */
  readonly imported = new Emitter<Imported>()
  readonly #options: BlockImportOptions
  /** In order of acceptance; the first one is in work. */
  readonly #jobs = new Map<Hash, Job>()
  readonly #refused = new BoundedMap<Hash, FailureReason>(MAX_REFUSED_BLOCKS)

  constructor(options: BlockImportOptions) {
    this.#options = options
  }

  /** Blocks accepted and not yet executed. */
  get queued(): number {
    return this.#jobs.size
  }

  /** Whether the block waits for its execution. */
  isPending(hash: Hash): boolean {
    return this.#jobs.has(hash)
  }

  /**
   * Whether the block failed when it was executed. The hash covers the body: the roots were checked
   * before.
   */
  isRefused(hash: Hash): boolean {
    return this.#refused.has(hash)
  }

  /** Resolves when the block does not wait for its execution any more; at once if it never did. */
  async settled(hash: Hash): Promise<void> {
    await this.#jobs.get(hash)?.done.promise
  }

  /**
   * Takes in a block that was judged whole. False if the queue is full: a chain that stands still.
   */
  enqueue(check: BlockCheck): boolean {
    const { hash } = check.block
    if (this.#jobs.has(hash)) return true
    if (this.#jobs.size >= MAX_QUEUED_BLOCKS) return false
    this.#jobs.set(hash, { check, done: Promise.withResolvers() })
    if (this.#jobs.size === 1) this.#scheduleNext()
    return true
  }

  #scheduleNext(): void {
    this.#options.clock.after(0, () => this.#importNext())
  }

  #importNext(): void {
    const [job] = this.#jobs.values()
    if (job === undefined) return
    const { block } = job.check
    const outcome = during('importing a block', () => this.#import(job.check))
    this.#jobs.delete(block.hash)
    this.#record(block, outcome)
    job.done.resolve()
    if (this.#jobs.size > 0) this.#scheduleNext()
    this.imported.emit({ block, outcome })
  }

  #import(check: BlockCheck): Imported['outcome'] {
    try {
      return this.#options.chain.take(check)
    } catch (thrown) {
      const { log } = this.#options
      log.error('the chain failed on a block', {
        block: check.block.hash,
        error: messageOf(thrown),
      })
      return { status: 'refused', reason: 'internal-error', message: messageOf(thrown) }
    }
  }

  #record(block: Block, outcome: Imported['outcome']): void {
    const { trace, clock, log } = this.#options
    const nowMs = clock.monotonicMs()
    if (outcome.status === 'known') return
    if (outcome.status === 'imported') {
      trace.fate('block', block.hash, { kind: 'imported' }, nowMs)
      return
    }
    const isRefused = outcome.status === 'refused'
    if (isRefused && !PASSING_REASONS.includes(outcome.reason))
      this.#refused.set(block.hash, outcome.reason)
    const reason = isRefused ? outcome.reason : outcome.status
    trace.fate('block', block.hash, { kind: 'refused', reason }, nowMs)
    log.warn('a block that was accepted failed', { block: block.hash, ...outcome })
  }
}
