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

type Counts = Partial<Record<(typeof VERDICT_ACTIONS)[number], Map<CountedReason, number>>>

/**
 * Counts of everything a relay answered. Reasons come from the table of rules, so their number is
 * bounded.
 */
export class RelayStats<Kind extends string = ItemKind> {
  /** Bytes of the copies that came. */
  readonly bytes = new CopyByteCounters()
  readonly #kinds: readonly Kind[]
  /** A map is made when there is something to count in it. */
  readonly #counts: Readonly<Record<Kind, Counts>>
  readonly #latency: Partial<Record<Kind, ReturnType<typeof emptyLatency>>> = {}
  /** Most copies are duplicates: a number is cheaper than an entry by an empty reason. */
  readonly #duplicates: Record<Kind, number>

  constructor(kinds: readonly Kind[]) {
    this.#kinds = kinds
    this.#counts = forEachKind<Counts, Kind>(() => ({}), kinds)
    this.#duplicates = forEachKind(() => 0, kinds)
  }

  /** A copy with its answer. */
  record(sighting: Omit<Sighting<Kind, CountedReason>, 'hash'>): void {
    const { kind, action, reason, receivedMs, judgedMs, queuedMs } = sighting
    this.bytes.concluded(sighting)
    if (action === 'duplicate') {
      this.#duplicates[kind]++
      return
    }
    const counts = (this.#counts[kind][action] ??= new Map())
    counts.set(reason, (counts.get(reason) ?? 0) + 1)
    const latency = (this.#latency[kind] ??= emptyLatency())
    latency.judge.record(judgedMs - receivedMs)
    latency.queue.record(queuedMs)
  }

  /** A later copy that the router recognised by itself. */
  duplicate(kind: Kind, bytes: number): void {
    this.#duplicates[kind]++
    this.bytes.repeated(bytes)
  }

  counts(): readonly VerdictCount<Kind>[] {
    return this.#kinds.flatMap((topic) => [
      ...this.#verdictsOn(topic),
      ...this.#duplicatesOf(topic),
    ])
  }

  #verdictsOn(topic: Kind): VerdictCount<Kind>[] {
    return VERDICT_ACTIONS.flatMap((action) =>
      [...(this.#counts[topic][action] ?? [])].map(([reason, count]) => ({
        topic,
        action,
        reason,
        count,
      })),
    )
  }

  #duplicatesOf(topic: Kind): VerdictCount<Kind>[] {
    const count = this.#duplicates[topic]
    return count === 0 ? [] : [{ topic, action: 'duplicate', reason: '', count }]
  }

  latencies(): readonly TopicLatency<Kind>[] {
    return this.#kinds.map((topic) => {
      const { judge, queue } = this.#latency[topic] ?? emptyLatency()
      return { topic, judgeMs: judge.view(), queueMs: queue.view() }
    })
  }
}

const VERDICT_ACTIONS = ['accept', 'ignore', 'reject', 'hold'] as const

function emptyLatency(): { readonly judge: Histogram; readonly queue: Histogram } {
  return { judge: new Histogram(LATENCY_BOUNDS_MS), queue: new Histogram(LATENCY_BOUNDS_MS) }
}
