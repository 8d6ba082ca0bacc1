/**
 * What all nodes know of one message, in columns: a number for each node. A node that keeps its own
 * map of ids pays some fifty bytes for each message; here it pays four. A message that few nodes
 * know has a small map instead of a column.
 */

/** A number other than 0 for each of the nodes that have one. */
export class NodeColumn {
  readonly #nodes: number
  #few: Map<number, number> | undefined = new Map()
  #all: Int32Array | undefined

  constructor(nodes: number) {
    this.#nodes = nodes
  }

  /** 0 for none. */
  get(node: number): number {
    return this.#all === undefined ? (this.#few?.get(node) ?? 0) : (this.#all[node] ?? 0)
  }

  set(node: number, value: number): void {
    if (this.#all !== undefined) {
      this.#all[node] = value
      return
    }
    const few = (this.#few ??= new Map())
    if (value === 0) few.delete(node)
    else few.set(node, value)
    if (few.size * ENTRY_BYTES > this.#nodes * CELL_BYTES) this.#widen(few)
  }

  #widen(few: ReadonlyMap<number, number>): void {
    this.#all = new Int32Array(this.#nodes)
    for (const [node, value] of few) this.#all[node] = value
    this.#few = undefined
  }
}

/** An entry of a Map, and a cell of a column. */
const ENTRY_BYTES = 48
const CELL_BYTES = 4

/**
 * A column for each message, made when the first node knows it and dropped when none can any more.
 */
export class MessageColumns {
  readonly #nodes: number
  /** After so long without a new entry nobody remembers the message, ms. */
  #lifeMs: number
  readonly #columns = new Map<string, { readonly column: NodeColumn; lastMs: number }>()
  #sweptMs = 0

  constructor(nodes: number, lifeMs: number) {
    this.#nodes = nodes
    this.#lifeMs = lifeMs
  }

  get size(): number {
    return this.#columns.size
  }

  /** Some node remembers for so long. */
  keepFor(lifeMs: number): void {
    this.#lifeMs = Math.max(this.#lifeMs, lifeMs)
  }

  /** 0 for a message that the node does not know. */
  get(id: string, node: number): number {
    return this.#columns.get(id)?.column.get(node) ?? 0
  }

  set(id: string, node: number, value: number, nowMs: number): void {
    let known = this.#columns.get(id)
    if (known === undefined) {
      this.#sweep(nowMs)
      known = { column: new NodeColumn(this.#nodes), lastMs: nowMs }
      this.#columns.set(id, known)
    }
    known.lastMs = nowMs
    known.column.set(node, value)
  }

  /** Takes back what a node knows. */
  unset(id: string, node: number): void {
    this.#columns.get(id)?.column.set(node, 0)
  }

  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptMs < SWEEP_EVERY_MS) return
    this.#sweptMs = nowMs
    for (const [id, { lastMs }] of this.#columns)
      if (lastMs + this.#lifeMs < nowMs) this.#columns.delete(id)
  }
}

const SWEEP_EVERY_MS = 60_000
