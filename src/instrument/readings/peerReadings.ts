/**
 * What the peers say of themselves for a report: counters, mesh, settings. A peer that does not
 * answer says nothing.
 */
import type { PeerReport } from '../../measure/report.ts'
import type { GossipCounters } from '../../measure/traffic.ts'
import type { PeerPort, PeerSettings } from '../port.ts'

/**
 * Settings that name places on this machine or are this peer's own: of no use to who reads a
 * report.
 */
const PLACES: ReadonlySet<string> = new Set([
  'genesis',
  'dataDir',
  'host',
  'port',
  'bootnodes',
  'rpcHost',
  'rpcPort',
  'rpcOrigins',
  'rpcHosts',
  'metricsHost',
  'metricsPort',
  'otlp',
])

/** The counters of each peer's router; `undefined` for a peer that is gone. */
export function readCounters(
  peers: readonly PeerPort[],
): Promise<readonly (GossipCounters | undefined)[]> {
  return readEach(peers, (peer) => peer.counters())
}

/** Mesh degree by topic of each peer. */
export function readMeshes(
  peers: readonly PeerPort[],
): Promise<readonly (PeerReport['mesh'] | undefined)[]> {
  return readEach(peers, async (peer) =>
    Object.fromEntries((await peer.mesh()).map(({ topic, mesh }) => [topic, mesh.length])),
  )
}

/** The settings of each peer, those that name places left out. */
export function readSettings(
  peers: readonly PeerPort[],
): Promise<readonly (PeerSettings | undefined)[]> {
  const told = new Map<PeerSettings, PeerSettings>()
  return readEach(peers, async (peer) => {
    const settings = await peer.settings()
    const known = told.get(settings) ?? withoutPlaces(settings)
    told.set(settings, known)
    return known
  })
}

function withoutPlaces(settings: PeerSettings): PeerSettings {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !PLACES.has(name)))
}

/** What all have set alike, and what each has set otherwise. */
export function sharedSettings(all: readonly (PeerSettings | undefined)[]): {
  readonly shared: PeerSettings
  readonly own: readonly PeerSettings[]
} {
  // Simulated peers that are set alike answer one object: each is compared and picked from once.
  const answers = [...new Set(all)].filter((one) => one !== undefined)
  const names = Object.keys(answers[0] ?? {})
  const same = new Set(
    names.filter((name) => new Set(answers.map((one) => JSON.stringify(one[name]))).size === 1),
  )
  const pick = (from: PeerSettings, isShared: boolean): PeerSettings =>
    Object.fromEntries(Object.entries(from).filter(([name]) => same.has(name) === isShared))
  const own = new Map(answers.map((one) => [one, pick(one, false)]))
  return {
    shared: pick(answers[0] ?? {}, true),
    own: all.map((one) => (one && own.get(one)) ?? {}),
  }
}

async function readEach<T>(
  peers: readonly PeerPort[],
  read: (peer: PeerPort) => Promise<T>,
): Promise<readonly (T | undefined)[]> {
  const answers = await Promise.allSettled(peers.map((peer) => read(peer)))
  return answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : undefined))
}
