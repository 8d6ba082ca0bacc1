/** Whether the meshes of a network have become what its links allow. */
import { readConfig } from '../node/config.ts'
import { isRecord, type RpcClient } from './rpcClient.ts'
import { routerSetting } from './routerSetting.ts'

/** What a node's router aims at. */
export interface MeshAim {
  readonly D: number
  readonly Dlo: number
}

/** The peers of one node's mesh in each topic, by peer id. */
export type TopicMeshes = readonly ReadonlySet<string>[]

export interface MeshedPeer {
  readonly index: number
  readonly peerId: string
  readonly aim: MeshAim
  readonly meshes: TopicMeshes
  /** Peers that it is linked to. */
  readonly neighbours: readonly string[]
}

/** Asks a node what its router aims at. */
export async function meshAim(rpc: RpcClient): Promise<MeshAim> {
  const settings = await rpc.call('gossip_settings')
  const given = isRecord(settings) ? settings : {}
  const { settings: standard } = readConfig({}, {}, '')
  const number = (name: 'meshDegree' | 'meshLow' | 'meshHigh' | 'heartbeatMs'): number =>
    typeof given[name] === 'number' ? given[name] : standard[name]
  const { D, Dlo } = routerSetting({
    router: Array.isArray(given['router']) ? given['router'].map(String) : [],
    meshDegree: number('meshDegree'),
    meshLow: number('meshLow'),
    meshHigh: number('meshHigh'),
    heartbeatMs: number('heartbeatMs'),
  }).parameters
  return { D, Dlo }
}

export async function readMeshesOf(rpc: RpcClient): Promise<TopicMeshes> {
  const topics = await rpc.call('gossip_mesh')
  if (!Array.isArray(topics)) return []
  return topics.map((topic: unknown) => {
    const mesh: unknown = isRecord(topic) ? topic['mesh'] : undefined
    return new Set(Array.isArray(mesh) ? mesh.map(String) : [])
  })
}

/** How many peers the smallest mesh of a peer lacks that it could still get; 0 if its meshes have formed. */
export function lacking(peer: MeshedPeer, byId: ReadonlyMap<string, MeshedPeer>): number {
  if (peer.meshes.length === 0) return Math.min(peer.aim.Dlo, peer.neighbours.length)
  const lacks = peer.meshes.map((mesh, topic) => {
    const reachable = peer.neighbours.filter((id) => mesh.has(id) || wantsMore(byId.get(id), topic))
    return Math.min(peer.aim.Dlo, reachable.length) - mesh.size
  })
  return Math.max(0, ...lacks)
}

/** A neighbour whose mesh is full may rightly refuse: in a star the hub has room for a few of its leaves alone. */
function wantsMore(peer: MeshedPeer | undefined, topic: number): boolean {
  return peer !== undefined && (peer.meshes[topic]?.size ?? 0) < peer.aim.D
}
