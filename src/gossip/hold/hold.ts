import type { Block } from '../../block/block.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Source } from '../../trace/trace.ts'
import { MAX_FUTURE_BLOCKS } from '../limits.ts'

/** What a held block waits for. */
export type HoldReason = 'unknown-parent' | 'future-block'

/** Keeps blocks that cannot be judged yet. Bounded: what does not fit is gone at once. */
export interface BlockHold {
  /**
   * Resolves to `ready` when the block can be judged again (its parent has come, or its time), to
   * `gone` when that will not happen. Never rejects, and always resolves.
   *
   * @param from who sent it, the first to be asked for the parent.
   * @param dueMs monotonic ms at which a future block is due.
   */
  keep(block: Block, reason: HoldReason, from: Source, dueMs?: number): Promise<'ready' | 'gone'>
}

/** Waits with future blocks for their time by the clock, and leaves the others to `inner`. */
export class FutureBlockHold implements BlockHold {
  readonly #inner: BlockHold
  readonly #clock: Clock
  readonly #giveUps = new Set<() => void>()

  constructor(inner: BlockHold, clock: Clock) {
    this.#inner = inner
    this.#clock = clock
  }

  keep(
    block: Block,
    reason: HoldReason,
    from: Source,
    dueMs = this.#clock.monotonicMs(),
  ): Promise<'ready' | 'gone'> {
    if (reason !== 'future-block') return this.#inner.keep(block, reason, from, dueMs)
    if (this.#giveUps.size >= MAX_FUTURE_BLOCKS) return Promise.resolve('gone')
    return new Promise((resolve) => {
      const giveUp = (): void => {
        cancel()
        this.#giveUps.delete(giveUp)
        resolve('gone')
      }
      this.#giveUps.add(giveUp)
      const cancel = this.#clock.after(dueMs - this.#clock.monotonicMs(), () => {
        this.#giveUps.delete(giveUp)
        resolve('ready')
      })
    })
  }

  /** Gives up the blocks that wait for their time. */
  close(): void {
    for (const giveUp of this.#giveUps) giveUp()
  }
}
