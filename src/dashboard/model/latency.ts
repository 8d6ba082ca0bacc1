/** Latencies of the last minute. */
import { forEachKind, KINDS, type ItemKind } from '../../item/itemKinds.ts'
import { BoundedMap } from '../../lib/boundedMap.ts'
import { percentile, roundMs } from '../../measure/percentile.ts'
import type { Sample } from './items.ts'
import type { KindWindow, LatencyWindow, WindowPercentiles } from './terms.ts'

/** The bounds of {@link Latencies}. */
export interface LatencyBounds {
  readonly windowMs: number
  readonly maxSamples: number
}

const BUCKET_MS = 1_000

/** Finished items, by when they entered; the oldest leave when the window or the room ends. */
export class Latencies {
  readonly #bounds: LatencyBounds
  readonly #samples: BoundedMap<string, Sample>

  constructor(bounds: LatencyBounds) {
    this.#bounds = bounds
    this.#samples = new BoundedMap(bounds.maxSamples)
  }

  /** Samples kept. */
  get size(): number {
    return this.#samples.size
  }

  /** A later sample of the same item takes the place of the earlier one. */
  add(samples: readonly Sample[]): void {
    for (const sample of samples) this.#samples.set(sample.hash, sample)
  }

  /** Figures of the items that entered in the window that ends at `nowMs` (monotonic). */
  window(nowMs: number): LatencyWindow {
    const sinceMs = nowMs - this.#bounds.windowMs
    for (const { hash, enteredMs } of this.#samples.values())
      if (enteredMs <= sinceMs) this.#samples.delete(hash)
    const samples = [...this.#samples.values()]
    return forEachKind((kind) => this.#ofKind(samples, kind, nowMs), KINDS)
  }

  #ofKind(all: readonly Sample[], kind: ItemKind, nowMs: number): KindWindow {
    const finished = all.filter((sample) => sample.kind === kind)
    const samples = finished.filter(({ isUnsure }) => !isUnsure)
    return {
      items: samples.length,
      incomplete: samples.filter(({ allMs }) => allMs === null).length,
      unsure: finished.length - samples.length,
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
    return buckets.map((bucket) => {
      const { p50 } = percentilesOf(bucket)
      return p50 === 'never' ? null : p50
    })
  }
}

/** Over all items: one that never got there counts as later than any that did. */
function percentilesOf(values: readonly (number | null)[]): WindowPercentiles {
  const ascending = values.map((ms) => ms ?? Infinity).toSorted((a, b) => a - b)
  const at = (percent: number): number | 'never' | null => {
    const ms = percentile(ascending, percent)
    if (ms === undefined) return null
    return ms === Infinity ? 'never' : roundMs(ms)
  }
  return { p50: at(50), p90: at(90), p99: at(99) }
}
