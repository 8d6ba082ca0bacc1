/** The mesh degree of a network over a run, read now and then while it goes. */
import type { PeerReport } from '../measure/report.ts'
import type { ItemKind } from './collector.ts'
import type { MeasuredNetwork } from './measuredNetwork.ts'
import { readMeshes } from './peerReadings.ts'

/** A mesh changes at heartbeats, 700 ms apart; each reading costs every peer a request. */
const READ_EVERY_MS = 2_000

export class MeshReadings {
  readonly #network: MeasuredNetwork
  readonly #degrees: Record<ItemKind, number[]> = { tx: [], block: [] }
  #nextMs = -Infinity

  constructor(network: MeasuredNetwork) {
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
      for (const [topic, degree] of Object.entries(mesh ?? {}))
        this.#degrees[kindOfTopic(topic)].push(degree)
    return meshes
  }

  /** Mean over peers and readings; `undefined` before the first. */
  meanDegree(kind: ItemKind): number | undefined {
    const degrees = this.#degrees[kind]
    return degrees.length === 0
      ? undefined
      : degrees.reduce((sum, degree) => sum + degree, 0) / degrees.length
  }
}

/** The kind of item that stands in a topic: `/grapevine/<network>/<kind>/<version>`. */
export function kindOfTopic(topic: string): ItemKind {
  return topic.split('/').at(-2) === 'block' ? 'block' : 'tx'
}
