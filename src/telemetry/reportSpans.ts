/**
 * The spans of a report: the same trees that the nodes themselves send, made by whoever measured
 * them. Times are those of the report, so the clocks of several machines are corrected, and a
 * simulation has spans too.
 */
import { parseHash, type Hash } from '../crypto/keccak.ts'
import type { Clock } from '../lib/clock.ts'
import type { ItemKind } from '../item/itemKinds.ts'
import type { Delivery, Spread } from '../measure/delivery.ts'
import { spreadOfRecord } from '../measure/spreadRecord.ts'
import type { Report } from '../measure/report.ts'
import { collectorPost } from './collectorPost.ts'
import { MAX_SPANS_PER_REQUEST } from './limits.ts'
import { otlpBody, type SpanGroups } from './otlp.ts'
import { nodeResource, type SpanProgram } from './resource.ts'
import { spanIdOf, spanName, traceIdOf, type Span } from './span.ts'

/** A span, and the node whose it is. */
interface NodeSpan {
  readonly peerId: string
  readonly span: Span
}

/** Where the spans go, and who sends them. */
export interface ReportSpansOptions {
  readonly collector: string
  readonly program: SpanProgram
  readonly clock: Clock
}

/**
 * Sends the spans of all items of a report and answers how many. Throws an Error if the collector
 * does not take them.
 */
export async function sendReportSpans(
  report: Report,
  { collector, program, clock }: ReportSpansOptions,
): Promise<number> {
  const post = collectorPost(collector, clock, program.client)
  const spans = reportSpans(report)
  const { signal } = new AbortController()
  for (let at = 0; at < spans.length; at += MAX_SPANS_PER_REQUEST) {
    const batch = spans.slice(at, at + MAX_SPANS_PER_REQUEST)
    const result = await post(otlpBody(groupsOf(batch, program)), signal)
    if (result.kind !== 'taken')
      throw new Error(`${collector} took ${at} of ${spans.length} spans: ${result.error}`)
  }
  return spans.length
}

/** In the order of the items. */
export function reportSpans({ spreads, peers, startedAt }: Report): readonly NodeSpan[] {
  const peerIds = new Map(peers.map(({ index, peerId }) => [index, peerId]))
  const startMs = Date.parse(startedAt)
  const spansOf = (kind: ItemKind, records: Report['spreads']['blocks']): NodeSpan[] =>
    records.flatMap((record) => spansOfSpread(kind, spreadOfRecord(record), { peerIds, startMs }))
  return [...spansOf('tx', spreads.transactions), ...spansOf('block', spreads.blocks)]
}

function groupsOf(spans: readonly NodeSpan[], program: SpanProgram): SpanGroups {
  const peerIds = [...new Set(spans.map(({ peerId }) => peerId))]
  return peerIds.map((peerId) => ({
    resource: nodeResource(peerId, program),
    spans: spans.filter((one) => one.peerId === peerId).map(({ span }) => span),
  }))
}

interface Places {
  readonly peerIds: ReadonlyMap<number, string>
  /** Of the run, ms since 1970. */
  readonly startMs: number
}

function spansOfSpread(kind: ItemKind, spread: Spread, { peerIds, startMs }: Places): NodeSpan[] {
  const hash = parseHash(spread.hash)
  if (hash === undefined) return []
  const { origin: node, originMs, first, later } = spread
  const local = 'local' as const
  const entry = { node, from: undefined, receivedMs: originMs, judgedMs: originMs, route: local }
  return [entry, ...first.values()].flatMap((copy) => {
    const peerId = peerIds.get(copy.node)
    if (peerId === undefined) return []
    const from = copy.from === undefined ? undefined : peerIds.get(copy.from)
    const span: Span = {
      traceId: traceIdOf(hash),
      spanId: spanIdOf(hash, peerId),
      ...(from !== undefined && { parentSpanId: spanIdOf(hash, from) }),
      name: spanName(kind, peerId),
      startMs: startMs + copy.receivedMs,
      endMs: startMs + copy.judgedMs,
      attributes: {
        ...attributesOf(kind, hash, spread, copy),
        ...(from !== undefined && { 'grapevine.from': from }),
        'grapevine.duplicates': later.filter((one) => one.node === copy.node).length,
      },
      events: [],
    }
    return [{ peerId, span }]
  })
}

function attributesOf(
  kind: ItemKind,
  hash: Hash,
  { bytes }: Spread,
  { node, route }: Pick<Delivery, 'node' | 'route'>,
): Span['attributes'] {
  return {
    'grapevine.hash': hash,
    'grapevine.kind': kind,
    'grapevine.node': node,
    'grapevine.route': route,
    'grapevine.verdict': 'accept',
    'grapevine.size': bytes,
  }
}
