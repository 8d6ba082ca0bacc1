/** What the peers say of themselves for a report: counters, mesh, settings. A peer that does not answer says nothing. */
import type { PeerReport } from '../measure/report.ts'
import type { GossipCounters } from '../measure/traffic.ts'
import type { PeerPort, PeerSettings } from './port.ts'

/** Settings that name places on this machine or are this peer's own: of no use to who reads a report. */
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
  return readEach(peers, async (peer) =>
    Object.fromEntries(Object.entries(await peer.settings()).filter(([name]) => !PLACES.has(name))),
  )
}

/** What all have set alike, and what each has set otherwise. */
export function sharedSettings(all: readonly (PeerSettings | undefined)[]): {
  readonly shared: PeerSettings
  readonly own: readonly PeerSettings[]
} {
  const answered = all.filter((one) => one !== undefined)
  const same = (name: string): boolean =>
    new Set(answered.map((one) => JSON.stringify(one[name]))).size === 1
  const pick = (from: PeerSettings, wanted: (name: string) => boolean): PeerSettings =>
    Object.fromEntries(Object.entries(from).filter(([name]) => wanted(name)))
  return {
    shared: pick(answered[0] ?? {}, same),
    own: all.map((one) => pick(one ?? {}, (name) => !same(name))),
  }
}

async function readEach<T>(
  peers: readonly PeerPort[],
  read: (peer: PeerPort) => Promise<T>,
): Promise<readonly (T | undefined)[]> {
  const answers = await Promise.allSettled(peers.map((peer) => read(peer)))
  return answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : undefined))
}
