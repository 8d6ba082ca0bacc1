import { forEachKind, type ItemKind } from '../item/itemKinds.ts'
import type { Sighting } from '../trace/trace.ts'
import { CopyByteCounters } from './copyBytes.ts'
import { Histogram, type HistogramView } from './histogram.ts'
import { LATENCY_BOUNDS_MS } from './limits.ts'
import type { VerdictReason } from './rules/reasons.ts'

/** The reason of a verdict; empty for accept and duplicate. */
export type CountedReason = VerdictReason | ''

/** How often a topic gave one answer. */
export interface VerdictCount<Kind extends string = ItemKind> {
  readonly topic: Kind
  readonly action: Sighting['action']
  readonly reason: CountedReason
  readonly count: number
}

/**
 * How long judging took, and how much of it was waiting for the verifier; duplicates do not count.
 */
export interface TopicLatency<Kind extends string = ItemKind> {
  readonly topic: Kind
  readonly judgeMs: HistogramView
  readonly queueMs: HistogramView
}

type CountsByReason = Map<CountedReason, number>

/**
 * Counts of everything a relay answered. Reasons come from the table of rules, so their number is
 * bounded.
 */
export class RelayStats<Kind extends string = ItemKind> {
  /** Bytes of the copies that came. */
  readonly bytes = new CopyByteCounters()
  readonly #kinds: readonly Kind[]
  readonly #counts: Readonly<Record<Kind, ReturnType<typeof emptyCounts>>>
  readonly #latency: Readonly<Record<Kind, ReturnType<typeof emptyLatency>>>

  constructor(kinds: readonly Kind[]) {
    this.#kinds = kinds
    this.#counts = forEachKind(emptyCounts, kinds)
    this.#latency = forEachKind(emptyLatency, kinds)
  }

  /** A copy with its answer. */
  record(sighting: Omit<Sighting<Kind, CountedReason>, 'hash'>): void {
    const { kind, action, reason, receivedMs, judgedMs, queuedMs } = sighting
    this.bytes.concluded(sighting)
    this.count(kind, action, reason)
    if (action === 'duplicate') return
    this.#latency[kind].judge.record(judgedMs - receivedMs)
    this.#latency[kind].queue.record(queuedMs)
  }

  count(kind: Kind, action: Sighting['action'], reason: CountedReason): void {
    const counts = this.#counts[kind][action]
    counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }

  counts(): readonly VerdictCount<Kind>[] {
    return this.#kinds.flatMap((topic) =>
      ACTIONS.flatMap((action) =>
        [...this.#counts[topic][action]].map(([reason, count]) => ({
          topic,
          action,
          reason,
          count,
        })),
      ),
    )
  }

  latencies(): readonly TopicLatency<Kind>[] {
    return this.#kinds.map((topic) => ({
      topic,
      judgeMs: this.#latency[topic].judge.view(),
      queueMs: this.#latency[topic].queue.view(),
    }))
  }
}

const ACTIONS: readonly Sighting['action'][] = ['accept', 'ignore', 'reject', 'hold', 'duplicate']

function emptyCounts(): Readonly<Record<Sighting['action'], CountsByReason>> {
  return {
    accept: new Map(),
    ignore: new Map(),
    reject: new Map(),
    hold: new Map(),
    duplicate: new Map(),
  }
}

function emptyLatency(): { readonly judge: Histogram; readonly queue: Histogram } {
  return { judge: new Histogram(LATENCY_BOUNDS_MS), queue: new Histogram(LATENCY_BOUNDS_MS) }
}
