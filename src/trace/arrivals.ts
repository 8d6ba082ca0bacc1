/**
 * When this node first accepted each recent item: what search and latencies without a collector are
 * made from.
 */
import type { Hash } from '../crypto/keccak.ts'
import type { ItemKind } from '../item/itemKinds.ts'
import { BoundedMap } from '../lib/boundedMap.ts'
import { MAX_ARRIVALS } from './limits.ts'
import type { Fate, Sighting, Trace } from './trace.ts'

/** The first accepted copy of an item. Times are monotonic ms. */
export interface FirstArrival {
  readonly kind: ItemKind
  readonly receivedMs: number
  /** When its verdict stood: the latency of a node ends here. */
  readonly judgedMs: number
}

/** The last items that this node accepted, each once. */
export class Arrivals {
  readonly #arrivals = new BoundedMap<Hash, FirstArrival>(MAX_ARRIVALS)

  /** Notes what a sighting tells. */
  note({ kind, hash, action, receivedMs, judgedMs }: Sighting): void {
    if (action !== 'accept' || this.#arrivals.has(hash)) return
    this.#arrivals.set(hash, { kind, receivedMs, judgedMs })
  }

  get(hash: Hash): FirstArrival | undefined {
    return this.#arrivals.peek(hash)
  }

  /** All items of a kind. */
  *of(kind: ItemKind): Iterable<readonly [Hash, FirstArrival]> {
    for (const [hash, arrival] of this.#arrivals.entries())
      if (arrival.kind === kind) yield [hash, arrival]
  }

  /** Items of a kind that came between two times, monotonic ms. */
  *between(kind: ItemKind, fromMs: number, toMs: number): Iterable<readonly [Hash, FirstArrival]> {
    for (const [hash, arrival] of this.of(kind))
      if (arrival.receivedMs >= fromMs && arrival.receivedMs <= toMs) yield [hash, arrival]
  }
}

/** Notes arrivals, and tells `trace` everything. */
export function notingArrivals(arrivals: Arrivals, trace: Trace): Trace {
  return {
    sighting: (sighting: Sighting): void => {
      arrivals.note(sighting)
      trace.sighting(sighting)
    },
    fate: (kind: ItemKind, hash: Hash, fate: Fate, atMs: number): void =>
      trace.fate(kind, hash, fate, atMs),
  }
}
