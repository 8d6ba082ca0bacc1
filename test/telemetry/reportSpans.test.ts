import { afterEach, describe, expect, test } from 'vitest'
import { parseHash } from '../../src/crypto/keccak.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { MAX_SPANS_PER_REQUEST } from '../../src/telemetry/limits.ts'
import { reportSpans, sendReportSpans } from '../../src/telemetry/reportSpans.ts'
import { spanIdOf } from '../../src/telemetry/span.ts'
import { startCollector, type Collector, type CollectorAnswer } from '../builders/collector.ts'
import { reportOfPlan } from '../builders/report.ts'

const collectors: Collector[] = []
afterEach(async () => {
  await Promise.all(collectors.splice(0).map((one) => one.close()))
})

async function sent(report = reportOfPlan(), answer?: CollectorAnswer) {
  const collector = await startCollector(answer && (() => answer))
  collectors.push(collector)
  const program = { version: '1.2.3', client: 'grapevine/v1.2.3' }
  const count = sendReportSpans(report, { collector: collector.url, program, clock: systemClock })
  return { collector, count }
}

describe('the spans of a report', () => {
  test('are one for each node that accepted an item, below the node that sent it', async () => {
    const report = reportOfPlan()
    const { collector, count } = await sent(report)
    const items = [...report.spreads.transactions, ...report.spreads.blocks]
    const copies = items.reduce((sum, { first }) => sum + 1 + first.length, 0)
    expect(await count).toBe(copies)
    expect(collector.spans).toHaveLength(copies)
    const peerOf = new Map(report.peers.map(({ index, peerId }) => [index, peerId]))
    for (const { hash, origin, atMs, first } of items)
      for (const [node, from, receivedMs, judgedMs] of [[origin, null, 0, 0] as const, ...first]) {
        const id = spanIdOf(parseHash(hash) ?? never(), peerOf.get(node) ?? '')
        const span = collector.spans.find(({ spanId }) => spanId === id) ?? never()
        const parent = from === null ? undefined : peerOf.get(from)
        expect(span.parentSpanId).toBe(
          parent === undefined ? undefined : spanIdOf(parseHash(hash) ?? never(), parent),
        )
        const microsAt = (ms: number) =>
          Math.round((Date.parse(report.startedAt) + atMs + ms) * 1000)
        expect(Number(BigInt(span.startTimeUnixNano) / 1_000n)).toBeCloseTo(
          microsAt(receivedMs),
          -1,
        )
        expect(Number(BigInt(span.endTimeUnixNano) / 1_000n)).toBeCloseTo(microsAt(judgedMs), -1)
        expect(span.attributes['grapevine.node']).toBe(node)
      }
  })

  test('travel in requests that are no larger than a node sends', async () => {
    const one = reportOfPlan()
    const [first] = one.spreads.transactions
    const transactions = Array.from({ length: 600 }, (_, at) => ({
      ...(first ?? never()),
      hash: `0x${at.toString(16).padStart(64, '1')}`,
    }))
    const { collector, count } = await sent({ ...one, spreads: { ...one.spreads, transactions } })
    await count
    expect(collector.bodies.length).toBeGreaterThan(1)
    for (const body of collector.bodies)
      expect(body.split('"traceId"').length - 1).toBeLessThanOrEqual(MAX_SPANS_PER_REQUEST)
  })

  test.each([400, 503])(
    'are an error of one line where the collector answers %d',
    async (status) => {
      const { count } = await sent(reportOfPlan(), { status, body: 'not today' })
      await expect(count).rejects.toThrow(/took 0 of \d+ spans: HTTP \d+ .*"not today"$/)
    },
  )

  test('are none of a report without items', () => {
    const spreads = { transactions: [], blocks: [] }
    expect(reportSpans({ ...reportOfPlan(), spreads })).toEqual([])
  })
})

function never(): never {
  throw new Error('the report has it')
}
