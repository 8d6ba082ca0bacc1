import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readReport, writeReport } from '../../src/measure/reportFile.ts'
import { renderReport } from '../../src/measure/terminal/terminal.ts'
import { propagationOf } from '../../src/measure/propagation.ts'
import { spreadOfRecord } from '../../src/measure/spreadRecord.ts'
import type { Report } from '../../src/measure/report.ts'
import { PLACES, reportOfPlan } from '../builders/report.ts'

const SIMULATION: Report['simulation'] = {
  engine: 'node',
  traceHash: 'ab',
  events: 1,
  virtualMs: 2,
  wallMs: 3,
  peakRssBytes: 4,
  costsMs: {},
  spreadsKept: 5,
  isCut: false,
}

const MEMBERS: Report['members'] = {
  deathKnownMs: { count: 7, p50: 4_400, p99: 4_900, max: 4_900 },
  leaveKnownMs: null,
  suspectedUp: { members: 2, holders: 9 },
  heldDeadUp: { members: 0, holders: 0 },
  aliveHeldDead: 0,
  deadHeldAlive: 1,
}

describe('report.json', () => {
  test('is read back as it was written', () => {
    const plans = fc.record({
      nodes: fc.integer({ min: 2, max: 20 }),
      transactions: fc.integer({ min: 0, max: 10 }),
      blocks: fc.integer({ min: 0, max: 3 }),
      seed: fc.nat(),
    })
    fc.assert(
      fc.property(plans, (plan) => {
        const report = reportOfPlan(plan)
        expect(readReport(writeReport(report))).toEqual(report)
      }),
      { numRuns: 20 },
    )
  })

  test('holds all that the figures follow from', () => {
    const report = reportOfPlan({ nodes: 30, deaf: [3] })
    const again = propagationOf(report.spreads.transactions.map(spreadOfRecord), {
      endMs: report.observedMs,
    })
    expect(again).toEqual(
      expect.objectContaining({
        latencyMs: report.transactions.latencyMs,
        toCoverageMs: report.transactions.toCoverageMs,
        meanHop: report.transactions.meanHop,
        duplicatesPerDelivery: report.transactions.duplicatesPerDelivery,
        worstItem: report.transactions.worstItem,
      }),
    )
  })

  test('keeps one item a line', () => {
    const lines = writeReport(reportOfPlan({ transactions: 5, blocks: 2 })).split('\n')
    expect(lines.filter((line) => line.trimStart().startsWith('{"hash":'))).toHaveLength(7)
  })

  test('with fields of a later minor form is read without them', () => {
    const report = reportOfPlan()
    expect(readReport(JSON.stringify({ ...report, weather: 'fair' }))).toEqual(report)
  })

  test('of version 4 is read with what it says of members, which stood in its simulation', () => {
    const { members: _none, ...report } = reportOfPlan()
    const old = { ...report, version: 4 }
    expect(readReport(JSON.stringify(old))).toEqual({ ...report, version: 5, members: null })
    const simulated = { ...old, simulation: { ...SIMULATION, members: MEMBERS } }
    expect(readReport(JSON.stringify(simulated))).toEqual({
      ...report,
      version: 5,
      members: MEMBERS,
      simulation: SIMULATION,
    })
    const broken = { ...old, simulation: { ...SIMULATION, members: { deathKnownMs: 'soon' } } }
    expect(() => readReport(JSON.stringify(broken))).toThrow('not a valid report: members.')
  })

  test.each([
    ['not JSON', 'measure!', 'this is not a propagation report: it is not JSON'],
    ['no report', '{}', 'this is not a propagation report: it has no version'],
    ['a version from elsewhere', '{"version":1}', 'this report has version 1; this program reads'],
    [
      'a wrong value',
      JSON.stringify({ ...reportOfPlan(), nodes: -1 }),
      'not a valid report: nodes: ',
    ],
  ])('refuses %s with one clear line', (_, text, message) => {
    expect(() => readReport(text)).toThrow(message)
  })
})

describe('the report on a terminal', () => {
  const report = reportOfPlan()

  test('tells scenario, shortest paths, mesh, regions and errors where there are any', () => {
    const text = renderReport(reportOfPlan({ places: PLACES, clockErrorMs: 0.25 }))
    expect(text).toContain('scenario test-regions, seed 1: nodes in a few regions\n')
    expect(text).toMatch(/p99 over that of the shortest paths \d/)
    expect(text).toMatch(/ {2}shortest paths +\d+\/\d+ .* 0\.00\n/)
    expect(text).toMatch(/mesh degree 4\.50 {3}duplicates\/\(degree - 2\) \d/)
    expect(text).toMatch(/ {2}latency of a peer .* 0\.25\n/)
    expect(text).toMatch(/\n {2}south_america +(\d[\d.]+ *|- *){5}\n/)
    expect(text).toContain('sou-ame')
    expect(text).toContain('12 clocks, corrected by the status exchange')
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  test('says of how many of all every figure is, and from below what never arrived', () => {
    const text = renderReport(reportOfPlan({ nodes: 12, transactions: 40, deaf: [2, 3] }))
    const row = (label: string): string =>
      text.split('\n').find((line) => line.includes(label)) ?? ''
    expect(row('coverage')).toMatch(/coverage 8\d\.\d\d % \(\d+\/440\)/)
    expect(row('latency of a peer')).toMatch(/ \d+\/440 +\d[\d.]+ +>=\d+ +>=\d+ +>=\d+ /)
    expect(row('to 50 % of peers')).toMatch(/ 40\/40 +\d/)
    expect(row('to 100 % of peers')).toMatch(/ \d+\/40 +>=\d+ /)
    expect(text).toContain('n/N: n of N arrived.')
    expect(renderReport(report)).not.toContain('n of N arrived')
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  test('warns of a machine that was overloaded, and says how late the load was sent', () => {
    expect(renderReport({ ...report, loadPerCore: 4 })).toContain(
      'warning: the machine was overloaded (4.00 processes for each core)',
    )
    expect(renderReport(report)).not.toContain('warning')
    expect(renderReport(report)).toMatch(/ {2}sent after it was due +0\/0 +-/)
  })

  test('names the peers whose clocks are not known', () => {
    const clock = { ...report.clock, clocks: [] }
    expect(renderReport({ ...report, clock })).toMatch(/12 peers left\s+out/)
  })

  test('is at most 80 columns wide where machine and paths do not make it wider', () => {
    const longest = Math.max(
      ...renderReport(report)
        .split('\n')
        .map((line) => line.length),
    )
    expect(longest).toBeLessThanOrEqual(80)
  })

  test('tells traffic and control messages, and no faults where there were none', () => {
    const text = renderReport(report)
    expect(text).toContain('traffic on gossip streams: ')
    expect(text).toContain('84 IHAVE, 0 IWANT')
    expect(text).not.toContain('faults')
  })

  test('tells what nodes knew of each other, where there is something to tell', () => {
    const text = renderReport({ ...report, members: MEMBERS })
    expect(text).toContain(
      'deaths known to others after: p50 4.40 s, p99 4.90 s, at most 4.90 s (7 values)',
    )
    expect(text).toContain('suspected while they ran: 2 members, by 9 nodes in all')
    expect(text).not.toContain('leaves known')
    const nothing = { members: 0, holders: 0 }
    const calm = { ...MEMBERS, deathKnownMs: null, suspectedUp: nothing, deadHeldAlive: 0 }
    for (const members of [null, calm])
      expect(renderReport({ ...report, members })).not.toContain('members:')
  })

  test('tells faults with their time, and sightings that were lost', () => {
    const faulty: Report = {
      ...report,
      sightingsLost: 7,
      faults: [{ atMs: 1_500, kind: 'peer-exit', detail: 'peer 2 ended (SIGKILL)' }],
    }
    const text = renderReport(faulty)
    expect(text).toContain('1.5 s  peer-exit: peer 2 ended (SIGKILL)')
    expect(text).toContain('7 sightings were lost')
  })
})
