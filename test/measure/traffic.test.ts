import { describe, expect, test } from 'vitest'
import type { Delivery } from '../../src/measure/delivery.ts'
import {
  overheadBytes,
  peerTraffic,
  trafficReport,
  type GossipCounters,
} from '../../src/measure/traffic.ts'

const NONE = { ihave: 0, iwant: 0, idontwant: 0, graft: 0, prune: 0 }

function counters(bytesReceived: number, ihave = 0): GossipCounters {
  return {
    bytesSent: 10,
    bytesReceived,
    framesSent: 1,
    framesReceived: 2,
    controlSent: { ...NONE, ihave },
    controlReceived: NONE,
  }
}

function copy(outcome: Delivery['outcome'], bytes: number): Delivery {
  return { hash: '0x1', node: 0, from: 1, receivedMs: 0, judgedMs: 0, queuedMs: 0, outcome, bytes }
}

const copies = [
  copy('accepted', 100),
  { ...copy('accepted', 999), from: undefined },
  copy('duplicate', 100),
  copy('duplicate', 100),
  copy('refused', 30),
]

describe('traffic', () => {
  const traffic = peerTraffic(counters(1_000, 2), counters(1_400, 5), copies)

  test('of a peer is what its counters gained', () => {
    expect(traffic).toMatchObject({ bytesReceived: 400, framesReceived: 0, bytesSent: 0 })
    expect(traffic.controlSent).toEqual({ ...NONE, ihave: 3 })
  })

  test('counts no payload for what entered at the peer itself', () => {
    expect(traffic).toMatchObject({ payloadBytes: 100, duplicateBytes: 200, refusedBytes: 30 })
  })

  test('is control and framing where it is no item', () => {
    expect(overheadBytes(traffic)).toBe(70)
  })

  test('of all peers leaves out those that could not be counted', () => {
    const report = trafficReport([traffic, null, traffic])
    expect(report).toMatchObject({ peers: 2, amplification: 4 })
    expect(report.total.bytesReceived).toBe(800)
  })

  test('without payload has no amplification', () => {
    expect(trafficReport([null]).amplification).toBeNull()
  })
})
