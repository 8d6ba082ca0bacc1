import { describe, expect, test } from 'vitest'
import { FAULT_FAILED, INTERRUPTED, shortfallsOf } from '../../src/measure/outcome.ts'
import type { QuestionRecord, Report } from '../../src/measure/report.ts'
import { renderReport } from '../../src/measure/terminal/terminal.ts'
import { reportOfPlan } from '../builders/report.ts'
import { pageOf } from '../builders/reportPage.ts'

function reportWith(
  counts: Partial<Report['transactions']>,
  faults: Report['faults'] = [],
): Report {
  const report = reportOfPlan()
  const whole = { submitted: 100, accepted: 100, included: 100, refusals: {} }
  return { ...report, transactions: { ...report.transactions, ...whole, ...counts }, faults }
}

describe('the outcome of a run', () => {
  test('that went as planned has no shortfall', () => {
    const restarted = { atMs: 1, kind: 'restart', detail: 'restart peer 1' }
    expect(shortfallsOf(reportWith({}, [restarted]))).toEqual([])
  })

  test('names what was refused, what came into no block, and faults that failed', () => {
    const failed = { atMs: 1, kind: FAULT_FAILED, detail: 'kill peer 3: no answer' }
    const report = reportWith({ accepted: 90, included: 80, refusals: { 'pool-full': 10 } }, [
      failed,
    ])
    expect(shortfallsOf(report).map(({ kind, count }) => [kind, count])).toEqual([
      ['fault-failed', 1],
      ['refused', 10],
      ['left-out', 10],
    ])
    expect(shortfallsOf(report).map(({ text }) => text)).toEqual([
      'a fault of the plan could not be made to happen: kill peer 3: no answer',
      '10 of 100 transactions were not accepted (10 pool-full)',
      '10 of 90 accepted transactions were in no block when the run ended',
    ])
  })

  test('names questions whose answers are further from the truth than they may be', () => {
    const right: QuestionRecord = {
      atMs: 1_000,
      node: 3,
      kind: 'ask',
      words: 'count members',
      value: 8.1,
      unit: 'nodes',
      peer: null,
      rounds: 16,
      tookMs: 4_000,
      trueValues: [8, 8],
      truePeer: null,
      error: 0.0125,
      within: 0.02,
      failure: null,
    }
    const any = { ...right, value: 5, error: 0.4, within: null }
    const off = { ...right, value: 7, error: 0.125 }
    const none = { ...right, value: null, error: null, failure: 'none within 30 s' }
    const other: QuestionRecord = { ...right, kind: 'find', words: '0xab', peer: 4, truePeer: 5 }
    const report = { ...reportWith({}), questions: [right, any, off, none, other] }
    expect(shortfallsOf(report)).toEqual([
      {
        kind: 'wrong-answer',
        count: 3,
        text: 'ask count members of node 3: 7, where 8 is true; ask count members of node 3: none within 30 s; find 0xab of node 3: 8.1 (node 4), where 8 (node 5) is true',
      },
    ])
    expect(shortfallsOf({ ...report, questions: [right, any] })).toEqual([])
  })

  test('stands at the head of the report, on the terminal and on the page', async () => {
    const detail = 'ended by hand after 3.0 s of 10.0 s'
    const report = reportWith({}, [{ atMs: 3_000, kind: INTERRUPTED, detail }])
    expect(renderReport(report).split('\n\n')[0]).toContain(`! ${detail}`)
    expect(await pageOf(report)).toContain(detail)
  })
})
