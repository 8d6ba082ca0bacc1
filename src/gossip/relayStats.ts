import type { ItemKind, Sighting } from '../trace/trace.ts'
import { Histogram, type HistogramView } from './histogram.ts'
import { LATENCY_BOUNDS_MS } from './limits.ts'

/** How often a topic gave one answer. The reason is empty for accept and duplicate. */
export interface VerdictCount {
  readonly topic: ItemKind
  readonly action: Sighting['action']
  readonly reason: string
  readonly count: number
}

/** How long judging took, and how much of it was waiting for the verifier; duplicates do not count. */
export interface TopicLatency {
  readonly topic: ItemKind
  readonly judgeMs: HistogramView
  readonly queueMs: HistogramView
}

type CountsByReason = Map<string, number>

/** Counts of everything a relay answered. Reasons come from the table of rules, so their number is bounded. */
export class RelayStats {
  readonly #counts = { tx: emptyCounts(), block: emptyCounts() }
  readonly #latency = { tx: emptyLatency(), block: emptyLatency() }

  /** A copy with its answer. */
  record({ kind, action, reason, receivedMs, judgedMs, queuedMs }: Omit<Sighting, 'hash'>): void {
    this.count(kind, action, reason)
    if (action === 'duplicate') return
    this.#latency[kind].judge.record(judgedMs - receivedMs)
    this.#latency[kind].queue.record(queuedMs)
  }

  count(kind: ItemKind, action: Sighting['action'], reason: string): void {
    const counts = this.#counts[kind][action]
    counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }

  counts(): readonly VerdictCount[] {
    return KINDS.flatMap((topic) =>
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

  latencies(): readonly TopicLatency[] {
    return KINDS.map((topic) => ({
      topic,
      judgeMs: this.#latency[topic].judge.view(),
      queueMs: this.#latency[topic].queue.view(),
    }))
  }
}

const KINDS: readonly ItemKind[] = ['tx', 'block']
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
