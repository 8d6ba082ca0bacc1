import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PeerTraffic } from '../../src/measure/report.ts'
import { peerTraffic, trafficReport, type GossipCounters } from '../../src/measure/traffic.ts'

const NONE = { ihave: 0, iwant: 0, idontwant: 0, graft: 0, prune: 0 }

function counters(changes: Partial<GossipCounters> = {}): GossipCounters {
  return {
    bytesSent: 10,
    bytesReceived: 1_000,
    framesSent: 1,
    framesReceived: 2,
    firstBytes: 0,
    duplicateBytes: 0,
    refusedBytes: 0,
    openBytes: 0,
    requestedBytes: 0,
    controlSent: NONE,
    controlReceived: NONE,
    ...changes,
  }
}

function parts(traffic: PeerTraffic): number[] {
  const { payloadBytes, duplicateBytes, refusedBytes, openBytes, otherBytes } = traffic
  return [payloadBytes, duplicateBytes, refusedBytes, openBytes, otherBytes]
}

describe('traffic', () => {
  const before = counters({ controlSent: { ...NONE, ihave: 2 } })
  const after = counters({
    bytesReceived: 1_400,
    firstBytes: 100,
    duplicateBytes: 200,
    refusedBytes: 30,
    requestedBytes: 999,
    controlSent: { ...NONE, ihave: 5 },
  })
  const traffic = peerTraffic(before, after)

  test('of a peer is what its counters gained', () => {
    expect(traffic).toMatchObject({ bytesReceived: 400, framesReceived: 0, bytesSent: 0 })
    expect(traffic.controlSent).toEqual({ ...NONE, ihave: 3 })
  })

  test('counts what came by request apart from what came on gossip streams', () => {
    expect(traffic).toMatchObject({ payloadBytes: 100, requestedBytes: 999, otherBytes: 70 })
    expect(parts(traffic)).toEqual([100, 200, 30, 0, 70])
  })

  test('of a peer is the sum of its parts, none below nothing, whatever waited for its verdict when', () => {
    const step = fc.record({
      frame: fc.nat(500),
      copy: fc.nat(5_000),
      outcome: fc.constantFrom('firstBytes', 'duplicateBytes', 'refusedBytes'),
      judgedAfter: fc.nat(4),
    })
    fc.assert(
      fc.property(fc.array(step), fc.nat(30), (steps, at) => {
        const readings = steps.map((_, now): GossipCounters => {
          const came = steps.slice(0, now + 1)
          const isJudged = (one: (typeof steps)[number], index: number): boolean =>
            index + one.judgedAfter <= now
          const sum = (list: readonly (typeof steps)[number][]): number =>
            list.reduce((total, { copy }) => total + copy, 0)
          const judged = (outcome: string): number =>
            sum(came.filter((one, index) => one.outcome === outcome && isJudged(one, index)))
          return counters({
            bytesReceived: came.reduce((total, { frame, copy }) => total + frame + copy, 0),
            firstBytes: judged('firstBytes'),
            duplicateBytes: judged('duplicateBytes'),
            refusedBytes: judged('refusedBytes'),
            openBytes: sum(came.filter((one, index) => !isJudged(one, index))),
          })
        })
        const first = readings[at % (readings.length || 1)] ?? counters()
        const measured = peerTraffic(first, readings.at(-1) ?? counters())
        const all = parts(measured)
        expect(all.reduce((sum, bytes) => sum + bytes, 0)).toBe(measured.bytesReceived)
        expect(Math.min(...all)).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test('of all peers leaves out those that could not be counted', () => {
    const report = trafficReport([traffic, null, traffic])
    expect(report).toMatchObject({ peers: 2, amplification: 4 })
    expect(report.total.bytesReceived).toBe(800)
    expect(parts(report.total)).toEqual([200, 400, 60, 0, 140])
  })

  test('without payload has no amplification', () => {
    expect(trafficReport([null]).amplification).toBeNull()
  })
})
