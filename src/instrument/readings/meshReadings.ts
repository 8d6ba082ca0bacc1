/** The mesh degree of a network over a run, read now and then while it goes. */
import { kindOfTopic } from '../../gossip/topics/topicNames.ts'
import { forEachKind, KINDS, type ItemKind } from '../../item/itemKinds.ts'
import type { PeerReport } from '../../measure/report.ts'
import type { NetworkPort } from '../port.ts'
import { readMeshes } from './peerReadings.ts'

/** A mesh changes at heartbeats, 700 ms apart; each reading costs every peer a request. */
const READ_EVERY_MS = 2_000

/** Reads the meshes of all peers now and then, and answers their mean degree. */
export class MeshReadings {
  readonly #network: NetworkPort
  readonly #degrees = forEachKind(() => ({ sum: 0, count: 0 }), KINDS)
  #nextMs = -Infinity

  constructor(network: NetworkPort) {
    this.#network = network
  }

  /** Reads if the last reading is long enough ago. */
  async readIfDue(): Promise<void> {
    if (this.#network.clock.monotonicMs() >= this.#nextMs) await this.read()
  }

  /** Reads now, and answers what was read, in the order of the peers. */
  async read(): Promise<readonly (PeerReport['mesh'] | undefined)[]> {
    this.#nextMs = this.#network.clock.monotonicMs() + READ_EVERY_MS
    const meshes = await readMeshes(this.#network.peers)
    for (const mesh of meshes)
      for (const [topic, degree] of Object.entries(mesh ?? {})) {
        const kind = kindOfTopic(topic)
        if (kind === undefined) continue
        this.#degrees[kind].sum += degree
        this.#degrees[kind].count++
      }
    return meshes
  }

  /** Mean over peers and readings; `undefined` before the first. */
  meanDegree(kind: ItemKind): number | undefined {
    const { sum, count } = this.#degrees[kind]
    return count === 0 ? undefined : sum / count
  }
}
