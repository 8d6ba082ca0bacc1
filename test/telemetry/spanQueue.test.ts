import { afterEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { collectorPost, tracesUrl, type PostResult } from '../../src/telemetry/collectorPost.ts'
import {
  MAX_SPAN_BACKOFF_MS,
  MAX_SPANS_PER_REQUEST,
  MAX_WAITING_SPANS,
  SPAN_FLUSH_MS,
  SPAN_REQUEST_TIMEOUT_MS,
} from '../../src/telemetry/limits.ts'
import { refusedSpans } from '../../src/telemetry/otlp.ts'
import type { Span } from '../../src/telemetry/span.ts'
import { SpanQueue } from '../../src/telemetry/spanQueue.ts'
import {
  spansOf,
  startCollector,
  type Collector,
  type CollectorAnswer,
} from '../builders/collector.ts'
import { recordingLog } from '../builders/syncNode.ts'

const resource = { version: '1', attributes: {} }

function spanOf(number: number): Span {
  return {
    traceId: number.toString(16).padStart(32, '1'),
    spanId: number.toString(16).padStart(16, '1'),
    name: 'span',
    startMs: 1,
    endMs: 2,
    attributes: { number },
    events: [],
  }
}

/** A queue whose collector answers as it is told, and the numbers of the spans of each request. */
function queueWith(answers: (request: number) => PostResult | Promise<PostResult>) {
  const clock = new ManualClock()
  const { log, lines } = recordingLog()
  const requests: number[][] = []
  const queue = new SpanQueue({
    resource,
    clock,
    log,
    post: async (body) => {
      requests.push(spansOf(body).map(({ attributes }) => Number(attributes['number'])))
      return answers(requests.length - 1)
    },
  })
  const add = (count: number, from = 0): void => {
    for (let at = 0; at < count; at++) queue.add(spanOf(from + at))
  }
  return { queue, clock, lines, requests, add }
}

const TAKEN: PostResult = { kind: 'taken', refused: 0 }
const FAILED: PostResult = { kind: 'failed', error: 'connect ECONNREFUSED' }

describe('the queue of spans', () => {
  test('sends them in order, in batches, one request at a time', async () => {
    const { queue, requests, add } = queueWith(() => TAKEN)
    add(MAX_SPANS_PER_REQUEST + 3)
    await Promise.all([queue.send(), queue.send()])
    expect(requests.map((numbers) => numbers.length)).toEqual([MAX_SPANS_PER_REQUEST, 3])
    expect(requests.flat()).toEqual(
      Array.from({ length: MAX_SPANS_PER_REQUEST + 3 }, (_, at) => at),
    )
    expect(queue.counts).toEqual({
      sent: requests.flat().length,
      refused: 0,
      dropped: 0,
      failures: 0,
    })
  })

  test('asks a collector that fails less and less often, loses nothing, and says it once', async () => {
    const { queue, clock, requests, lines, add } = queueWith((at) => (at < 3 ? FAILED : TAKEN))
    add(2)
    for (let second = 0; second < 10; second++) {
      await queue.send()
      clock.advance(1_000)
    }
    expect(requests).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
      [0, 1],
    ])
    expect(queue.counts).toEqual({ sent: 2, refused: 0, dropped: 0, failures: 3 })
    expect(lines.map(({ message }) => message)).toEqual([
      'the collector does not take spans; the node goes on',
      'the collector takes spans again',
    ])
  })

  test('rests as long as the collector asks for, within reason', async () => {
    const patience: PostResult = { kind: 'failed', error: 'HTTP 429', afterMs: 1e12 }
    const { queue, clock, requests, add } = queueWith((at) => (at === 0 ? patience : TAKEN))
    add(1)
    await queue.send()
    clock.advance(MAX_SPAN_BACKOFF_MS - 1)
    await queue.send()
    expect(requests).toHaveLength(1)
    clock.advance(1)
    await queue.send()
    expect(queue.counts.sent).toBe(1)
  })

  test('gives up what the collector refuses, and goes on with the rest', async () => {
    const { queue, requests, add, lines } = queueWith((at) =>
      at === 0 ? { kind: 'refused', error: 'HTTP 400 Bad Request' } : TAKEN,
    )
    add(MAX_SPANS_PER_REQUEST + 1)
    await queue.send()
    expect(requests).toHaveLength(2)
    expect(queue.counts).toEqual({
      sent: 1,
      refused: MAX_SPANS_PER_REQUEST,
      dropped: 0,
      failures: 1,
    })
    expect(lines[0]).toMatchObject({ error: 'HTTP 400 Bad Request' })
  })

  test('counts what the collector took the request without', async () => {
    const { queue, add } = queueWith((at) => ({ kind: 'taken', refused: at === 0 ? 2 : 99 }))
    add(5)
    await queue.send()
    add(1)
    await queue.send()
    expect(queue.counts).toMatchObject({ sent: 3, refused: 3 })
  })

  test('drops the oldest when no collector takes them, and counts all it drops', async () => {
    const { queue, requests, add } = queueWith((at) => (at === 0 ? FAILED : TAKEN))
    add(10)
    await queue.send()
    add(MAX_WAITING_SPANS, 10)
    expect(queue.waiting).toBeLessThanOrEqual(MAX_WAITING_SPANS)
    await queue.close(SPAN_FLUSH_MS)
    const { sent, dropped } = queue.counts
    expect(sent + dropped).toBe(MAX_WAITING_SPANS + 10)
    expect(requests.flat().at(-1)).toBe(MAX_WAITING_SPANS + 9)
  })

  test('ends in half a second at most, and then sends nothing', async () => {
    const { promise: answer, resolve: end } = Promise.withResolvers<PostResult>()
    const { clock, add, queue, requests } = queueWith(() => answer)
    add(3)
    const closed = queue.close(SPAN_FLUSH_MS)
    clock.advance(SPAN_FLUSH_MS)
    await Promise.resolve()
    end(FAILED)
    await closed
    expect(queue.counts).toMatchObject({ sent: 0, dropped: 3 })
    expect(requests).toHaveLength(1)
  })
})

describe('a request to a collector', () => {
  const collectors: Collector[] = []
  afterEach(async () => {
    await Promise.all(collectors.splice(0).map((one) => one.close()))
  })

  async function answered(answer: CollectorAnswer): Promise<PostResult> {
    const collector = await startCollector(() => answer)
    collectors.push(collector)
    const clock = new ManualClock()
    const post = collectorPost(collector.url, clock, 'grapevine/test')
    const result = post('{"resourceSpans":[]}', new AbortController().signal)
    if (answer === 'hang') {
      await collector.until(() => collector.bodies.length === 1)
      clock.advance(SPAN_REQUEST_TIMEOUT_MS)
    }
    return result
  }

  test.each([400, 401, 403, 404, 405, 413, 415, 500, 501, 301, 307])(
    'that answers %d is not made again',
    async (status) => {
      const headers = { location: 'http://127.0.0.1:1/elsewhere' }
      const result = await answered({ status, body: 'no  such\npath', headers })
      expect(result).toMatchObject({ kind: 'refused' })
      expect((result as { error: string }).error).toMatch(
        new RegExp(`HTTP ${status} .*"no such path"`),
      )
    },
  )

  test.each([429, 502, 503, 504])('that answers %d is made again later', async (status) => {
    expect(await answered({ status })).toMatchObject({ kind: 'failed' })
    expect(await answered({ status, headers: { 'retry-after': '7' } })).toMatchObject({
      afterMs: 7_000,
    })
    expect(await answered({ status, headers: { 'retry-after': 'soon' } })).not.toHaveProperty(
      'afterMs',
    )
  })

  test('that is not answered ends at its deadline', async () => {
    expect(await answered('hang')).toMatchObject({
      kind: 'failed',
      error: expect.stringMatching(/timed out/),
    })
  })

  test('that nobody listens to fails with the reason', async () => {
    const gone = await startCollector()
    await gone.close()
    const post = collectorPost(gone.url, new ManualClock(), 'grapevine/test')
    expect(await post('{}', new AbortController().signal)).toMatchObject({
      kind: 'failed',
      error: expect.stringMatching(/ECONNREFUSED/),
    })
  })

  test.each([
    '',
    'ok',
    '<html>',
    '{',
    'null',
    '[]',
    '{"partialSuccess":null}',
    '{"partialSuccess":{"rejectedSpans":"-3"}}',
  ])('that is answered 200 with the body %j is taken whole', async (body) => {
    expect(await answered({ status: 200, body })).toEqual({ kind: 'taken', refused: 0 })
  })

  test('that is answered with more than anybody reads ends all the same', async () => {
    expect(await answered({ status: 200, body: 'x'.repeat(5_000_000) })).toMatchObject({
      kind: 'taken',
    })
  })

  test('says how many spans were not taken', () => {
    expect(refusedSpans('{"partialSuccess":{"rejectedSpans":"12","errorMessage":"full"}}')).toBe(12)
    expect(refusedSpans('{"partialSuccess":{"rejectedSpans":3}}')).toBe(3)
  })

  test.each([
    ['http://a:4318', 'http://a:4318/v1/traces'],
    ['http://a:4318/', 'http://a:4318/v1/traces'],
    ['https://a/otlp//', 'https://a/otlp/v1/traces'],
  ])('to %s goes to %s', (collector, url) => {
    expect(tracesUrl(collector)).toBe(url)
  })
})
