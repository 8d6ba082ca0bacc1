/**
 * Spans in the JSON form of OTLP 1.x (opentelemetry-proto, `ExportTraceServiceRequest`): ids in
 * hex, 64-bit numbers as texts, enumerations as numbers, names in lower camel case.
 */
import type { AttributeValue, Attributes, Span, SpanEvent } from './span.ts'

/** Where spans come from. */
export interface SpanResource {
  readonly attributes: Attributes
  /** Version of the program that made them. */
  readonly version: string
}

/** Values of `SpanKind`. */
const SPAN_KINDS = { internal: 1, consumer: 5 } as const
/** Value of `StatusCode` for an error. */
const STATUS_ERROR = 2
const SCOPE = 'grapevine'

/** Spans of several nodes, as one request carries them. */
export type SpanGroups = readonly {
  readonly resource: SpanResource
  readonly spans: readonly Span[]
}[]

/** The body of a request. */
export function otlpBody(groups: SpanGroups): string {
  return JSON.stringify({
    resourceSpans: groups.map(({ resource, spans }) => ({
      resource: { attributes: attributesJson(resource.attributes) },
      scopeSpans: [
        { scope: { name: SCOPE, version: resource.version }, spans: spans.map(spanJson) },
      ],
    })),
  })
}

/** What an answer says of spans that were not taken; 0 where it says nothing that can be read. */
export function refusedSpans(answer: string): number {
  try {
    const { partialSuccess } = JSON.parse(answer) as {
      partialSuccess?: { rejectedSpans?: string | number }
    }
    const count = Number(partialSuccess?.rejectedSpans ?? 0)
    return Number.isSafeInteger(count) && count > 0 ? count : 0
  } catch {
    return 0
  }
}

function spanJson(span: Span): object {
  const { traceId, spanId, parentSpanId, name, startMs, endMs, attributes, events, error } = span
  return {
    traceId,
    spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    name,
    kind: parentSpanId === undefined ? SPAN_KINDS.internal : SPAN_KINDS.consumer,
    startTimeUnixNano: unixNano(startMs),
    endTimeUnixNano: unixNano(endMs),
    attributes: attributesJson(attributes),
    events: events.map(eventJson),
    ...(error !== undefined && { status: { code: STATUS_ERROR, message: error } }),
  }
}

function eventJson({ name, atMs, attributes }: SpanEvent): object {
  return { timeUnixNano: unixNano(atMs), name, attributes: attributesJson(attributes) }
}

function attributesJson(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: valueJson(value) }))
}

function valueJson(value: AttributeValue): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}

/**
 * Milliseconds since 1970 to nanoseconds as text; whole microseconds, which is what a double can
 * tell.
 */
function unixNano(ms: number): string {
  return `${Math.max(0, Math.round(ms * 1000))}000`
}
