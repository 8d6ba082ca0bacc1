/**
 * What the export of spans may keep and take: a collector that is slow, gone or hostile must cost a
 * node nothing else.
 */

/**
 * After the first copy of an item, ms: its span then has the copies that came later, and is sent.
 */
export const SPAN_SETTLE_MS = 5_000

/** Items whose span is not finished. With more of them the oldest is finished early. */
export const MAX_OPEN_SPANS = 8_192

/**
 * Items whose span was sent a while ago are remembered, so that a late copy makes no second one.
 */
export const MAX_SENT_SPANS = 32_768

/** Events of one span; a transaction has two to six. */
export const MAX_SPAN_EVENTS = 16

/** Spans that wait for the collector, about 8 MB; beyond it the oldest are dropped. */
export const MAX_WAITING_SPANS = 8_192

/** Spans of one request: about 500 kB of JSON. */
export const MAX_SPANS_PER_REQUEST = 512

/** How often finished spans are looked for and sent, ms. */
export const SPAN_SEND_MS = 1_000

/** How long a collector may take for one request, ms. */
export const SPAN_REQUEST_TIMEOUT_MS = 10_000

/**
 * After a failure that may pass nothing is sent for so long, ms; twice as long after each further
 * one.
 */
export const MIN_SPAN_BACKOFF_MS = 1_000

/** Longest rest after failures, ms; a collector that asks for more patience gets no more either. */
export const MAX_SPAN_BACKOFF_MS = 30_000

/** How long the end of a node may wait for its last spans, ms. */
export const SPAN_FLUSH_MS = 500

/** What is read of a collector's answer, bytes. */
export const MAX_SPAN_ANSWER_BYTES = 16_384
