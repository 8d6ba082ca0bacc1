/**
 * How long blocks take until they are final: from the moment a block was on the chain of this node.
 */
import type { Block } from '../block/block.ts'
import type { Settled } from '../chain/checkpoint.ts'
import { BoundedMap } from '../lib/boundedMap.ts'
import type { Clock } from '../lib/clock.ts'
import { MAX_TIMED_BLOCKS } from './limits.ts'

/** The quantiles of the newest times, ms. */
export interface FinalityQuantiles {
  readonly count: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Arrivals of blocks, and the times of those that are final. */
export class FinalityTimes {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #arrivedMs = new BoundedMap<bigint, number>(MAX_TIMED_BLOCKS)
  readonly #timesMs: number[] = []

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  /** Blocks joined the canonical chain. */
  arrived(blocks: readonly Block[]): void {
    const nowMs = this.#clock.monotonicMs()
    for (const { header } of blocks) this.#arrivedMs.set(header.number, nowMs)
  }

  /** All blocks above `before` up to the finalized one have become final. */
  settled({ finalized }: Settled, before: bigint): void {
    const nowMs = this.#clock.monotonicMs()
    for (const number of this.#arrivedMs.keys()) {
      if (number > finalized.number) continue
      const arrivedMs = this.#arrivedMs.peek(number)
      if (arrivedMs !== undefined && number > before) this.#timesMs.push(nowMs - arrivedMs)
      this.#arrivedMs.delete(number)
    }
    this.#timesMs.splice(0, this.#timesMs.length - MAX_TIMED_BLOCKS)
  }

  /** The newest times, ms, oldest first. */
  all(): readonly number[] {
    return this.#timesMs
  }

  /** `undefined` before the first block is final. */
  quantiles(): FinalityQuantiles | undefined {
    const sorted = this.#timesMs.toSorted((a, b) => a - b)
    const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0
    return sorted.length === 0
      ? undefined
      : { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99) }
  }
}
