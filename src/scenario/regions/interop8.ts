/**
 * The eight regions of gossipsub-interop: one-way ms and node weights of libp2p/test-plans,
 * gossipsub-interop/network_graph.py (MIT and Apache-2.0), taken over unchanged. It is a
 * pessimistic table: its values are between the one-way time and the round trip of measured
 * networks.
 */
import { bothWays, type RegionTable } from './regionTable.ts'

const LATENCY_MS = [
  [2, 165, 110, 180, 150, 110, 220, 190],
  [165, 2, 125, 60, 70, 110, 95, 140],
  [110, 125, 4, 110, 140, 100, 175, 175],
  [180, 60, 110, 5, 110, 150, 110, 145],
  [150, 70, 140, 110, 2, 60, 130, 100],
  [110, 110, 100, 150, 60, 2, 160, 100],
  [220, 95, 175, 110, 130, 160, 7, 190],
  [190, 140, 175, 145, 100, 100, 195, 7],
]

/** Eight regions of the world with their share of the nodes and the latencies between them. */
export const INTEROP_8: RegionTable = {
  regions: [
    { name: 'australia', weight: 290, place: { lat: -33.9, lon: 151.2 } },
    { name: 'europe', weight: 5599, place: { lat: 50.1, lon: 8.7 } },
    { name: 'east-asia', weight: 1059, place: { lat: 35.7, lon: 139.7 } },
    { name: 'west-asia', weight: 161, place: { lat: 25.2, lon: 55.3 } },
    { name: 'na-east', weight: 2894, place: { lat: 40.7, lon: -74.0 } },
    { name: 'na-west', weight: 1240, place: { lat: 37.8, lon: -122.4 } },
    { name: 'south-africa', weight: 47, place: { lat: -26.2, lon: 28.0 } },
    { name: 'south-america', weight: 36, place: { lat: -23.6, lon: -46.6 } },
  ],
  latencyMs: (a, b) => bothWays(LATENCY_MS, a, b),
  jitterMs: () => 0,
}
