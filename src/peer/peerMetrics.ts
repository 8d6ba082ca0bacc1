/**
 * What Prometheus reads of a peer. It is loaded only where metrics are served: the peers of a
 * devnet serve none, and the library of Prometheus takes time and memory at their start.
 */
import { Registry } from 'prom-client'
import { registerNodeMetrics } from '../node/metrics.ts'
import { startMetricsServer, type MetricsServer } from '../node/metricsServer.ts'
import type { MeasuredNode } from '../node/series.ts'
import { gossipMetrics, networkMetrics, type GossipMetrics } from '../p2p/metrics.ts'
import type { TopicOptions } from '../p2p/router/topics.ts'
import type { Health } from '../rpc/server/health.ts'

/** The metrics of one peer from before its network starts. */
export interface PeerMetrics {
  /** For the router to count into. */
  readonly router: GossipMetrics
  /**
   * Serves all series of the started parts. Rejects with a SettingsError where the port is taken.
   */
  serve(parts: MeasuredPeer, at: ServerAddress): Promise<MetricsServer>
}

/** Where a server listens. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
}

/** The parts of a peer that its series are read from. */
export interface MeasuredPeer {
  readonly node: MeasuredNode
  readonly counts: Parameters<typeof networkMetrics>[1]
  readonly health: () => Health
}

/** Metrics whose router counts under the labels of `topics`. */
export function peerMetrics(topics: readonly TopicOptions[]): PeerMetrics {
  const registry = new Registry()
  return {
    router: gossipMetrics(registry, topics),
    serve: async ({ node, counts, health }, at) => {
      registerNodeMetrics(registry, node)
      networkMetrics(registry, counts)
      return startMetricsServer({ registry, health }, at)
    },
  }
}
