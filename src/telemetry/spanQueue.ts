/**
 * Sends spans to a collector in batches, one request at a time. What the collector does costs the
 * node nothing: spans that it does not take wait in bounded memory and then leave, oldest first,
 * and each outage is logged once.
 */
import { sleep, type Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import type { Post, PostResult } from './collectorPost.ts'
import {
  MAX_SPAN_BACKOFF_MS,
  MAX_SPANS_PER_REQUEST,
  MAX_WAITING_SPANS,
  MIN_SPAN_BACKOFF_MS,
} from './limits.ts'
import { otlpBody, type SpanResource } from './otlp.ts'
import type { Span } from './span.ts'

/** What spans are sent with. */
export interface SpanQueueOptions {
  readonly resource: SpanResource
  readonly post: Post
  readonly clock: Clock
  readonly log: Logger
}

/** How many spans had which end, and failed requests. */
export interface SpanCounts {
  readonly sent: number
  /** By the collector. */
  readonly refused: number
  /** For want of room, or of a collector until the node ended. */
  readonly dropped: number
  readonly failures: number
}

/** No spans. */
export const NO_SPANS: SpanCounts = { sent: 0, refused: 0, dropped: 0, failures: 0 }

/** Spans that wait for their collector. */
export class SpanQueue {
  readonly #options: SpanQueueOptions
  readonly #counts = { ...NO_SPANS }
  readonly #ended = new AbortController()
  #waiting: Span[] = []
  #restUntilMs = 0
  #backoffMs = MIN_SPAN_BACKOFF_MS
  #sending: Promise<void> | undefined
  #isFailing = false

  constructor(options: SpanQueueOptions) {
    this.#options = options
  }

  get counts(): SpanCounts {
    return { ...this.#counts }
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Adds a span; one too many drops the oldest. */
  add(span: Span): void {
    this.#waiting.push(span)
    if (this.#waiting.length <= MAX_WAITING_SPANS) return
    const room = MAX_WAITING_SPANS - MAX_SPANS_PER_REQUEST
    this.#counts.dropped += this.#waiting.length - room
    this.#waiting = this.#waiting.slice(-room)
  }

  /**
   * Sends what waits, unless that is under way or the collector is left alone for now. Never
   * rejects.
   */
  send(): Promise<void> {
    const { clock } = this.#options
    if (this.#sending !== undefined) return this.#sending
    if (this.#waiting.length === 0 || clock.monotonicMs() < this.#restUntilMs)
      return Promise.resolve()
    this.#sending = this.#sendAll().finally(() => (this.#sending = undefined))
    return this.#sending
  }

  /** Sends once more for at most so long, then gives up; nothing is sent afterwards. */
  async close(flushMs: number): Promise<void> {
    this.#restUntilMs = 0
    if (flushMs > 0) {
      const over = new AbortController()
      const waiting = sleep(this.#options.clock, flushMs, over.signal)
      await Promise.race([this.send(), waiting])
      over.abort()
    }
    this.#ended.abort()
    await this.#sending
    this.#counts.dropped += this.#waiting.length
    this.#waiting = []
  }

  async #sendAll(): Promise<void> {
    const { post, resource } = this.#options
    while (this.#waiting.length > 0 && !this.#ended.signal.aborted) {
      const spans = this.#waiting.splice(0, MAX_SPANS_PER_REQUEST)
      const result = await post(otlpBody([{ resource, spans }]), this.#ended.signal)
      this.#conclude(spans, result)
      if (result.kind === 'failed') return
    }
  }

  #conclude(spans: readonly Span[], result: PostResult): void {
    if (result.kind === 'taken') return this.#taken(spans.length, result.refused)
    if (this.#ended.signal.aborted) {
      this.#counts.dropped += spans.length
      return
    }
    this.#counts.failures++
    this.#tell(result.error)
    if (result.kind === 'refused') this.#counts.refused += spans.length
    else this.#rest(spans, result.afterMs)
  }

  #taken(count: number, refused: number): void {
    const { log } = this.#options
    const lost = Math.min(refused, count)
    this.#counts.sent += count - lost
    this.#counts.refused += lost
    this.#backoffMs = MIN_SPAN_BACKOFF_MS
    if (this.#isFailing) log.info('the collector takes spans again')
    this.#isFailing = false
  }

  /** The spans go back to where they were, as far as there is room. */
  #rest(spans: readonly Span[], askedMs = 0): void {
    const restMs = Math.min(MAX_SPAN_BACKOFF_MS, Math.max(this.#backoffMs, askedMs))
    this.#restUntilMs = this.#options.clock.monotonicMs() + restMs
    this.#backoffMs = Math.min(MAX_SPAN_BACKOFF_MS, 2 * this.#backoffMs)
    const room = Math.max(0, MAX_WAITING_SPANS - this.#waiting.length)
    const kept = room === 0 ? [] : spans.slice(-room)
    this.#counts.dropped += spans.length - kept.length
    this.#waiting = [...kept, ...this.#waiting]
  }

  /** Once an outage. */
  #tell(error: string): void {
    if (!this.#isFailing)
      this.#options.log.warn('the collector does not take spans; the node goes on', { error })
    this.#isFailing = true
  }
}
