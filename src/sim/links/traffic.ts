/** What each node sent and received over its gossip streams, in columns. */
import { CONTROL_KINDS } from '../../item/controlKinds.ts'
import type { ControlCounts } from '../../measure/report.ts'
import type { StreamCounters } from '../../measure/traffic.ts'
import type { RPC } from '../../p2p/router/routerInternals.ts'

const KINDS = CONTROL_KINDS.length
const COLUMNS = 4 + 2 * KINDS
const [BYTES_SENT, BYTES_RECEIVED, FRAMES_SENT, FRAMES_RECEIVED, CONTROL_SENT] = [0, 1, 2, 3, 4]
const CONTROL_RECEIVED = CONTROL_SENT + KINDS

/** The memory of counters at 0; `make` gives it bytes that several threads can share. */
export function trafficMemory(
  nodes: number,
  make: (bytes: number) => ArrayBufferLike = (bytes) => new ArrayBuffer(bytes),
): Float64Array {
  return new Float64Array(make(nodes * COLUMNS * Float64Array.BYTES_PER_ELEMENT))
}

/** Counters of all nodes. */
export class Traffic {
  readonly #counts: Float64Array

  constructor(counts: Float64Array) {
    this.#counts = counts
  }

  /** Bytes are those of the frame with its length prefix. */
  sent(node: number, bytes: number, rpc: RPC | undefined): void {
    this.#add(node, BYTES_SENT, bytes)
    this.#add(node, FRAMES_SENT, 1)
    if (rpc?.control !== undefined) this.#control(node, CONTROL_SENT, rpc.control)
  }

  received(node: number, bytes: number, rpc: RPC | undefined): void {
    this.#add(node, BYTES_RECEIVED, bytes)
    this.#add(node, FRAMES_RECEIVED, 1)
    if (rpc?.control !== undefined) this.#control(node, CONTROL_RECEIVED, rpc.control)
  }

  of(node: number): StreamCounters {
    const at = (column: number): number => this.#counts[node * COLUMNS + column] ?? 0
    const control = (first: number): ControlCounts =>
      Object.fromEntries(
        CONTROL_KINDS.map((kind, index) => [kind, at(first + index)]),
      ) as ControlCounts
    return {
      bytesSent: at(BYTES_SENT),
      bytesReceived: at(BYTES_RECEIVED),
      framesSent: at(FRAMES_SENT),
      framesReceived: at(FRAMES_RECEIVED),
      controlSent: control(CONTROL_SENT),
      controlReceived: control(CONTROL_RECEIVED),
    }
  }

  #control(node: number, first: number, control: RPC.ControlMessage): void {
    for (let kind = 0; kind < KINDS; kind++) {
      const name = CONTROL_KINDS[kind]
      const count = name === undefined ? 0 : control[name].length
      if (count > 0) this.#add(node, first + kind, count)
    }
  }

  #add(node: number, column: number, by: number): void {
    const at = node * COLUMNS + column
    this.#counts[at] = (this.#counts[at] ?? 0) + by
  }
}
