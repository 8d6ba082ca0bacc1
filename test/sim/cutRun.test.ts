/** Simulations that are ended before their time. */
import { describe, expect, test } from 'vitest'
import { RunCut } from '../../src/instrument/runMeasurement.ts'
import { renderReport } from '../../src/measure/terminal/terminal.ts'
import type { Report } from '../../src/measure/report.ts'
import { networkOf, simulated } from '../builders/simulation.ts'

/** 20 nodes with a warm-up of 30 s, until so many ms after the first of them was started. */
function cutAt(ms: number): Promise<Report> {
  return simulated(networkOf(20, 'warmupS: 30'), {
    engine: 'node',
    cutBecause: ({ time }) => (time.nowMs < ms ? undefined : new RunCut('by hand')),
  })
}

describe('a run that is cut in its warm-up', () => {
  test('was observed for no time, and for none below 0', async () => {
    const { durationMs, observedMs } = await cutAt(2_000)
    expect({ durationMs, observedMs }).toEqual({ durationMs: 0, observedMs: 0 })
  })

  test('says in text and data alike how many of its nodes were started', async () => {
    const report = await cutAt(50)
    expect(report.peers.length).toBeLessThan(20)
    expect(renderReport(report)).toContain(`: ${report.peers.length} of 20 peers, 0.0 s,`)
  })
})
