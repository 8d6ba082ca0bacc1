/** The export of spans as a node runs it: a trace that makes them, a queue that sends them. */
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import type { Trace } from '../trace/trace.ts'
import { collectorPost } from './collectorPost.ts'
import { ItemSpans } from './itemSpans.ts'
import { SPAN_FLUSH_MS, SPAN_SEND_MS } from './limits.ts'
import { nodeResource, type SpanProgram } from './resource.ts'
import { SpanQueue, type SpanCounts } from './spanQueue.ts'

/** Whose spans go where. */
export interface TelemetryOptions {
  /** URL of the collector; spans are posted to `/v1/traces` below it. */
  readonly collector: string
  /** Of all items, 0 to 1. */
  readonly share: number
  readonly peerId: string
  readonly program: SpanProgram
  readonly clock: Clock
  readonly log: Logger
}

/** The export of a running node. */
export interface Telemetry {
  readonly trace: Trace
  counts(): SpanCounts
  /** Sends what there is, for half a second at most, and ends. */
  flush(): Promise<void>
  /** Ends at once. */
  close(): Promise<void>
}

/** Starts it. Nothing that happens to the collector reaches the node. */
export function startTelemetry(options: TelemetryOptions): Telemetry {
  const { collector, share, peerId, program, clock, log } = options
  const queue = new SpanQueue({
    resource: nodeResource(peerId, program),
    post: collectorPost(collector, clock, program.client),
    clock,
    log: log.child({ part: 'telemetry', collector }),
  })
  const trace = new ItemSpans({ peerId, share, clock, onSpan: (span) => queue.add(span) })
  const endTicks = clock.every(SPAN_SEND_MS, () => {
    trace.settle()
    void queue.send()
  })
  const end = async (flushMs: number): Promise<void> => {
    endTicks()
    trace.finishAll()
    await queue.close(flushMs)
  }
  return {
    trace,
    counts: () => queue.counts,
    flush: () => end(SPAN_FLUSH_MS),
    close: () => end(0),
  }
}
