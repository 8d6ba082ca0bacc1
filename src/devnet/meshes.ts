/** Whether the meshes of a network have become what its links allow. */
import { maxOf } from '../lib/extremes.ts'
import { completeSettings, settingsOfDocument } from '../node/settings/givenSettings.ts'
import type { PeerPort, PeerSettings } from '../instrument/port.ts'
import { routerSetting } from '../peer/routerSetting.ts'

/** What a node's router aims at. */
export interface MeshAim {
  readonly D: number
  readonly Dlo: number
  readonly Dhi: number
}

/** One node's view of a topic; peers are peer ids. */
export interface TopicPeers {
  readonly mesh: ReadonlySet<string>
  /** Connected peers that are in the topic too. */
  readonly subscribers: readonly string[]
}

/** By topic. */
export type TopicMeshes = readonly TopicPeers[]

/** A peer, the meshes it has and those it is to have. */
export interface MeshedPeer {
  readonly index: number
  readonly peerId: string
  readonly aim: MeshAim
  readonly meshes: TopicMeshes
  /** Peers that it is to be linked to; `undefined` where it is to find some by itself. */
  readonly planned: readonly string[] | undefined
}

/** What a node's router aims at, by the settings that it tells. */
export function meshAim(given: PeerSettings): MeshAim {
  const settings = completeSettings(settingsOfDocument(given, 'the settings of a peer'))
  const { D, Dlo, Dhi } = routerSetting(settings).parameters
  return { D, Dlo, Dhi }
}

/** Asks a peer for its meshes, one for each topic. */
export async function meshesOf(peer: PeerPort): Promise<TopicMeshes> {
  const topics = await peer.mesh()
  return topics.map(({ mesh, subscribers }) => ({ mesh: new Set(mesh), subscribers }))
}

/**
 * How many peers the smallest mesh of a peer lacks that it could still get; 0 if its meshes have
 * formed.
 */
export function missingMeshPeers(peer: MeshedPeer, byId: ReadonlyMap<string, MeshedPeer>): number {
  const { aim, meshes, planned } = peer
  if (meshes.length === 0) return Math.min(aim.Dlo, planned?.length ?? byId.size - 1)
  const lacks = meshes.map(({ mesh, subscribers }, topic) => {
    const neighbours = planned ?? found(subscribers, peer, byId)
    const reachable = neighbours.filter((id) => mesh.has(id) || wantsMore(byId.get(id), topic))
    return Math.min(aim.Dlo, reachable.length) - mesh.size
  })
  return Math.max(0, maxOf(lacks))
}

/**
 * The peers that it has found, once they are enough for a mesh: it may find any of the others until
 * then.
 */
function found(
  subscribers: readonly string[],
  { peerId, aim }: MeshedPeer,
  byId: ReadonlyMap<string, MeshedPeer>,
): readonly string[] {
  if (subscribers.length >= aim.Dlo) return subscribers
  return [...byId.keys()].filter((id) => id !== peerId)
}

/**
 * A neighbour whose mesh is full may rightly refuse: in a star the hub has room for a few of its
 * leaves alone. One with more peers than its mesh may hold may have refused before, and who was
 * refused stays away for a minute; it counts only while it looks for peers itself.
 */
function wantsMore(peer: MeshedPeer | undefined, topic: number): boolean {
  const at = peer?.meshes[topic]
  if (peer === undefined || at === undefined) return false
  const { D, Dlo, Dhi } = peer.aim
  return at.mesh.size < (at.subscribers.length > Dhi ? Dlo : D)
}
