/**
 * Asks the network itself, through one peer, how long items take: nobody collects anything for that
 * answer.
 */
import type { PeerPort } from '../../instrument/port.ts'
import type { Cancel, Clock } from '../../lib/clock.ts'
import { FOLLOWED_KINDS, type FollowedKind } from '../../item/itemKinds.ts'
import { DASHBOARD_LIMITS } from './limits.ts'
import type { NetworkView, NetworkViews, PairFigures } from './terms.ts'

/** A peer that can be asked. */
export type AskablePeer = Pick<PeerPort, 'index' | 'ask'>

/** What a network poller asks, and where it puts the answers. */
export interface NetworkPollerOptions {
  readonly clock: Clock
  /** Those that run and are not paused, the one to be asked first. */
  readonly peers: () => readonly AskablePeer[]
  /** Whether anyone watches: an answer costs every peer messages. */
  readonly isWatched: () => boolean
  /** The same figures by what was collected. */
  readonly collected: (kind: FollowedKind) => PairFigures
  readonly show: (views: NetworkViews) => void
}

/** Asks again and again; the function that it answers stops it. */
export function pollNetwork(options: NetworkPollerOptions): Cancel {
  let isAsking = false
  return options.clock.every(DASHBOARD_LIMITS.networkMs, () => {
    const [peer] = options.peers()
    if (isAsking || peer === undefined || !options.isWatched()) return
    isAsking = true
    viewsOf(peer, options)
      .then(options.show)
      // The peer list shows which peers do not answer; the last answer of the network stays.
      .catch(() => {})
      .finally(() => {
        isAsking = false
      })
  })
}

async function viewsOf(peer: AskablePeer, options: NetworkPollerOptions): Promise<NetworkViews> {
  const [tx, block] = await Promise.all(FOLLOWED_KINDS.map((kind) => viewOf(peer, kind, options)))
  if (tx === undefined || block === undefined) throw new Error('two kinds of items spread')
  return { tx, block }
}

async function viewOf(
  peer: AskablePeer,
  kind: FollowedKind,
  { collected }: NetworkPollerOptions,
): Promise<NetworkView> {
  const collector = collected(kind)
  const [median, coverage] = await Promise.all([
    peer.ask(`p50 ${kind}.latency`),
    peer.ask(`mean ${kind}.coverage`),
  ])
  const { value: p99 } = await peer.ask(`p99 ${kind}.latency`)
  return {
    by: peer.index,
    nodes: median.nodes,
    network: { p50: median.value, p99, coverage: coverage.value },
    collector,
  }
}
