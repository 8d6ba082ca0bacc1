/** What it cost to spread the items: bytes and control messages on the gossip streams. */
import type { Delivery } from './delivery.ts'
import type { ControlCounts, PeerTraffic, TrafficReport } from './report.ts'
import { CONTROL_KINDS } from './reportTerms.ts'

/** What a peer's router has counted since its start. */
export type GossipCounters = Pick<
  PeerTraffic,
  | 'bytesSent'
  | 'bytesReceived'
  | 'framesSent'
  | 'framesReceived'
  | 'controlSent'
  | 'controlReceived'
>

/** The traffic of one peer between two readings of its counters; `copies` are those it received meanwhile. */
export function peerTraffic(
  before: GossipCounters,
  after: GossipCounters,
  copies: readonly Delivery[],
): PeerTraffic {
  const bytesOf = (outcome: Delivery['outcome']): number =>
    copies
      .filter((copy) => copy.outcome === outcome && copy.from !== undefined)
      .reduce((sum, { bytes }) => sum + bytes, 0)
  return {
    bytesSent: after.bytesSent - before.bytesSent,
    bytesReceived: after.bytesReceived - before.bytesReceived,
    framesSent: after.framesSent - before.framesSent,
    framesReceived: after.framesReceived - before.framesReceived,
    payloadBytes: bytesOf('accepted'),
    duplicateBytes: bytesOf('duplicate'),
    refusedBytes: bytesOf('refused'),
    controlSent: eachKind((kind) => after.controlSent[kind] - before.controlSent[kind]),
    controlReceived: eachKind((kind) => after.controlReceived[kind] - before.controlReceived[kind]),
  }
}

/** The sum over the peers that could be counted. */
export function trafficReport(peers: readonly (PeerTraffic | null)[]): TrafficReport {
  const counted = peers.filter((peer) => peer !== null)
  const sum = (of: (peer: PeerTraffic) => number): number =>
    counted.reduce((total, peer) => total + of(peer), 0)
  const total: PeerTraffic = {
    bytesSent: sum((peer) => peer.bytesSent),
    bytesReceived: sum((peer) => peer.bytesReceived),
    framesSent: sum((peer) => peer.framesSent),
    framesReceived: sum((peer) => peer.framesReceived),
    payloadBytes: sum((peer) => peer.payloadBytes),
    duplicateBytes: sum((peer) => peer.duplicateBytes),
    refusedBytes: sum((peer) => peer.refusedBytes),
    controlSent: eachKind((kind) => sum((peer) => peer.controlSent[kind])),
    controlReceived: eachKind((kind) => sum((peer) => peer.controlReceived[kind])),
  }
  const { bytesReceived, payloadBytes } = total
  const amplification = payloadBytes === 0 ? null : bytesReceived / payloadBytes
  return { peers: counted.length, total, amplification }
}

/** Bytes received that carried no item: control messages, subscriptions, framing. */
export function overheadBytes(traffic: PeerTraffic): number {
  const { bytesReceived, payloadBytes, duplicateBytes, refusedBytes } = traffic
  return Math.max(0, bytesReceived - payloadBytes - duplicateBytes - refusedBytes)
}

function eachKind(of: (kind: (typeof CONTROL_KINDS)[number]) => number): ControlCounts {
  return Object.fromEntries(CONTROL_KINDS.map((kind) => [kind, of(kind)])) as ControlCounts
}
