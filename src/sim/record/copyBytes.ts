/** What the copies that came to each node weighed, by what became of them, in columns. */
import type { Delivery } from '../../measure/delivery.ts'
import type { Road } from '../../measure/reportTerms.ts'
import type { GossipCounters } from '../../measure/traffic.ts'

const COLUMNS = ['accepted', 'duplicate', 'refused', 'requested'] as const
type Column = (typeof COLUMNS)[number]

/** Bytes of all nodes by outcome. */
export class CopyBytes {
  readonly #bytes: Float64Array

  constructor(nodes: number, bytes = new Float64Array(nodes * COLUMNS.length)) {
    this.#bytes = bytes
  }

  add(node: number, road: Road, outcome: Delivery['outcome'], bytes: number): void {
    if (road === 'local' || (road === 'request' && outcome !== 'accepted')) return
    const at = place(node, road === 'request' ? 'requested' : outcome)
    this.#bytes[at] = (this.#bytes[at] ?? 0) + bytes
  }

  /** No copy is counted before it has its verdict. */
  of(
    node: number,
  ): Pick<
    GossipCounters,
    'firstBytes' | 'duplicateBytes' | 'refusedBytes' | 'openBytes' | 'requestedBytes'
  > {
    const of = (column: Column): number => this.#bytes[place(node, column)] ?? 0
    return {
      firstBytes: of('accepted'),
      duplicateBytes: of('duplicate'),
      refusedBytes: of('refused'),
      openBytes: 0,
      requestedBytes: of('requested'),
    }
  }

  /** As it is now. */
  snapshot(): CopyBytes {
    return new CopyBytes(0, this.#bytes.slice())
  }
}

function place(node: number, column: Column): number {
  return node * COLUMNS.length + COLUMNS.indexOf(column)
}
