/** What the peers say of themselves for a report: counters, mesh, settings. A peer that does not answer says nothing. */
import { CONTROL_KINDS } from '../measure/reportTerms.ts'
import type { ControlCounts, PeerReport, SettingValue } from '../measure/report.ts'
import type { GossipCounters } from '../measure/traffic.ts'
import type { MeasuredPeer } from './measuredNetwork.ts'
import { isRecord, type RpcClient } from '../rpc/client/rpcClient.ts'

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

export type PeerSettings = Readonly<Record<string, SettingValue>>

/** The counters of each peer's router; `undefined` for a peer that is gone. */
export function readCounters(
  peers: readonly Pick<MeasuredPeer, 'rpc'>[],
): Promise<readonly (GossipCounters | undefined)[]> {
  return readEach(peers, async (rpc) => {
    const counts = await rpc.call('gossip_counts')
    return isRecord(counts) && isRecord(counts['traffic'])
      ? countersOf(counts['traffic'])
      : undefined
  })
}

/** Mesh degree by topic of each peer. */
export function readMeshes(
  peers: readonly Pick<MeasuredPeer, 'rpc'>[],
): Promise<readonly (PeerReport['mesh'] | undefined)[]> {
  return readEach(peers, async (rpc) => {
    const topics = await rpc.call('gossip_mesh')
    if (!Array.isArray(topics)) return undefined
    return Object.fromEntries(
      topics.filter(isRecord).map((one) => {
        const { topic, mesh } = one
        return [String(topic), Array.isArray(mesh) ? mesh.length : 0]
      }),
    )
  })
}

/** The settings of each peer, those that name places left out. */
export function readSettings(
  peers: readonly Pick<MeasuredPeer, 'rpc'>[],
): Promise<readonly (PeerSettings | undefined)[]> {
  return readEach(peers, async (rpc) => {
    const settings = await rpc.call('gossip_settings')
    if (!isRecord(settings)) return undefined
    return Object.fromEntries(
      Object.entries(settings)
        .filter(([name]) => !PLACES.has(name))
        .map(([name, value]) => [name, settingValue(value)]),
    )
  })
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
  peers: readonly Pick<MeasuredPeer, 'rpc'>[],
  read: (rpc: RpcClient) => Promise<T | undefined>,
): Promise<readonly (T | undefined)[]> {
  const answers = await Promise.allSettled(peers.map(({ rpc }) => read(rpc)))
  return answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : undefined))
}

function countersOf(traffic: Record<string, unknown>): GossipCounters {
  return {
    bytesSent: Number(traffic['bytesSent']),
    bytesReceived: Number(traffic['bytesReceived']),
    framesSent: Number(traffic['framesSent']),
    framesReceived: Number(traffic['framesReceived']),
    controlSent: controlOf(traffic['control'], 'sent'),
    controlReceived: controlOf(traffic['control'], 'received'),
  }
}

function controlOf(control: unknown, way: 'sent' | 'received'): ControlCounts {
  const of = (kind: string): number => {
    const counts = isRecord(control) ? control[kind] : undefined
    return isRecord(counts) ? Number(counts[way]) : 0
  }
  return Object.fromEntries(CONTROL_KINDS.map((kind) => [kind, of(kind)])) as ControlCounts
}

function settingValue(value: unknown): SettingValue {
  if (Array.isArray(value)) return value.map(String)
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value)
}
