/** What it cost to spread the items: bytes and control messages on the gossip streams. */
import { CONTROL_KINDS } from '../item/controlKinds.ts'
import type { ControlCounts, PeerTraffic, TrafficReport } from './report.ts'

/**
 * What is counted on the gossip streams themselves; what became of the copies in them is counted
 * where they are judged.
 */
export type StreamCounters = Pick<
  PeerTraffic,
  | 'bytesSent'
  | 'bytesReceived'
  | 'framesSent'
  | 'framesReceived'
  | 'controlSent'
  | 'controlReceived'
>

/** What a peer has counted since its start. All is of one moment, or its parts would not add up. */
export interface GossipCounters extends StreamCounters {
  /**
   * Bytes of the data of copies on gossip streams, by what became of them; those without a verdict
   * are open.
   */
  readonly firstBytes: number
  readonly duplicateBytes: number
  readonly refusedBytes: number
  readonly openBytes: number
  /** Bytes of the data of accepted copies that came in answers to requests. */
  readonly requestedBytes: number
}

/** The counters of a peer's traffic: what is summed up over peers and written out for each. */
export const TRAFFIC_COUNTERS = [
  'bytesSent',
  'bytesReceived',
  'framesSent',
  'framesReceived',
  'payloadBytes',
  'duplicateBytes',
  'refusedBytes',
  'openBytes',
  'otherBytes',
  'requestedBytes',
] as const satisfies readonly (keyof PeerTraffic)[]

/**
 * The traffic of one peer between two readings of its counters. Copies that waited for their
 * verdict at the first reading got it meanwhile: they are among the parts, so their bytes are among
 * those received.
 */
export function peerTraffic(before: GossipCounters, after: GossipCounters): PeerTraffic {
  const gained = (of: (counters: GossipCounters) => number): number => of(after) - of(before)
  return {
    bytesSent: gained(({ bytesSent }) => bytesSent),
    bytesReceived: gained(({ bytesReceived }) => bytesReceived) + before.openBytes,
    framesSent: gained(({ framesSent }) => framesSent),
    framesReceived: gained(({ framesReceived }) => framesReceived),
    payloadBytes: gained(({ firstBytes }) => firstBytes),
    duplicateBytes: gained(({ duplicateBytes }) => duplicateBytes),
    refusedBytes: gained(({ refusedBytes }) => refusedBytes),
    openBytes: after.openBytes,
    otherBytes: gained(otherBytesOf),
    requestedBytes: gained(({ requestedBytes }) => requestedBytes),
    controlSent: eachKind((kind) => after.controlSent[kind] - before.controlSent[kind]),
    controlReceived: eachKind((kind) => after.controlReceived[kind] - before.controlReceived[kind]),
  }
}

/** Bytes received that carried no item: every copy was in a frame, so it is never below 0. */
function otherBytesOf(counters: GossipCounters): number {
  const { bytesReceived, firstBytes, duplicateBytes, refusedBytes, openBytes } = counters
  return bytesReceived - firstBytes - duplicateBytes - refusedBytes - openBytes
}

/** The sum over the peers that could be counted. */
export function trafficReport(peers: readonly (PeerTraffic | null)[]): TrafficReport {
  const counted = peers.filter((peer) => peer !== null)
  const sum = (of: (peer: PeerTraffic) => number): number =>
    counted.reduce((total, peer) => total + of(peer), 0)
  const sums = Object.fromEntries(
    TRAFFIC_COUNTERS.map((name) => [name, sum((peer) => peer[name])]),
  ) as Record<(typeof TRAFFIC_COUNTERS)[number], number>
  const total: PeerTraffic = {
    ...sums,
    controlSent: eachKind((kind) => sum((peer) => peer.controlSent[kind])),
    controlReceived: eachKind((kind) => sum((peer) => peer.controlReceived[kind])),
  }
  const { bytesReceived, payloadBytes } = total
  const amplification = payloadBytes === 0 ? null : bytesReceived / payloadBytes
  return { peers: counted.length, total, amplification }
}

function eachKind(of: (kind: (typeof CONTROL_KINDS)[number]) => number): ControlCounts {
  return Object.fromEntries(CONTROL_KINDS.map((kind) => [kind, of(kind)])) as ControlCounts
}
