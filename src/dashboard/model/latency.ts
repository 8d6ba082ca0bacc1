/** Latencies of the last minute. */
import { summarise } from '../../measure/percentile.ts'
import type { Sample } from './items.ts'
import type { ItemKind, KindWindow, LatencyWindow, Percentiles } from './terms.ts'

export interface LatencyBounds {
  readonly windowMs: number
  readonly maxSamples: number
}

const BUCKET_MS = 1_000

/** Finished items, by when they entered; the oldest leave when the window or the room ends. */
export class Latencies {
  readonly #bounds: LatencyBounds
  #samples: Sample[] = []

  constructor(bounds: LatencyBounds) {
    this.#bounds = bounds
  }

  get size(): number {
    return this.#samples.length
  }

  add(samples: readonly Sample[]): void {
    if (samples.length > 0)
      this.#samples = [...this.#samples, ...samples].slice(-this.#bounds.maxSamples)
  }

  /** Figures of the items that entered in the window that ends at `nowMs` (monotonic). */
  window(nowMs: number): LatencyWindow {
    const sinceMs = nowMs - this.#bounds.windowMs
    this.#samples = this.#samples.filter(({ enteredMs }) => enteredMs > sinceMs)
    return { tx: this.#ofKind('tx', nowMs), block: this.#ofKind('block', nowMs) }
  }

  #ofKind(kind: ItemKind, nowMs: number): KindWindow {
    const samples = this.#samples.filter((sample) => sample.kind === kind)
    return {
      items: samples.length,
      incomplete: samples.filter(({ allMs }) => allMs === null).length,
      half: percentilesOf(samples.map(({ halfMs }) => halfMs)),
      all: percentilesOf(samples.map(({ allMs }) => allMs)),
      seconds: this.#medians(samples, nowMs),
    }
  }

  #medians(samples: readonly Sample[], nowMs: number): (number | null)[] {
    const count = Math.ceil(this.#bounds.windowMs / BUCKET_MS)
    const buckets = Array.from({ length: count }, (): (number | null)[] => [])
    for (const { enteredMs, allMs } of samples) {
      const age = Math.floor((nowMs - enteredMs) / BUCKET_MS)
      buckets[count - 1 - age]?.push(allMs)
    }
    return buckets.map((bucket) => percentilesOf(bucket).p50)
  }
}

function percentilesOf(values: readonly (number | null)[]): Percentiles {
  const { p50, p90, p99 } = summarise(values.filter((value) => value !== null))
  return { p50, p90, p99 }
}
