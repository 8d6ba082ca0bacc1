import type { PeerId, RouterEvent } from '../../gossip/network.ts'

type MeshState = ReadonlyMap<string, ReadonlySet<string>>

/**
 * Reports who entered and left the mesh, by comparing it with what was reported before. The
 * router's own graft and prune events do not tell: they also fire for refused grafts, and not for a
 * peer that leaves with its connection.
 */
export class MeshWatch {
  readonly #mesh: MeshState
  readonly #emit: (event: RouterEvent) => void
  readonly #reported = new Map<string, Set<string>>()

  constructor(mesh: MeshState, emit: (event: RouterEvent) => void) {
    this.#mesh = mesh
    this.#emit = emit
  }

  /** Called whenever the mesh may have changed. */
  sync(atMs: number): void {
    for (const topic of new Set([...this.#mesh.keys(), ...this.#reported.keys()]))
      this.#syncTopic(topic, atMs)
  }

  #syncTopic(topic: string, atMs: number): void {
    const now = this.#mesh.get(topic) ?? new Set<string>()
    const before = this.#reported.get(topic) ?? new Set<string>()
    this.#reported.set(topic, new Set(now))
    for (const peer of now) if (!before.has(peer)) this.#report('graft', topic, peer, atMs)
    for (const peer of before) if (!now.has(peer)) this.#report('prune', topic, peer, atMs)
  }

  #report(kind: 'graft' | 'prune', topic: string, peer: string, atMs: number): void {
    this.#emit({ kind, topic, peer: peer as PeerId, atMs })
  }
}
