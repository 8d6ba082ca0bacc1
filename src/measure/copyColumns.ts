/**
 * Copies of items in columns: as objects, those of 25,000 nodes would fill the memory. Columns grow
 * by blocks of rows, so that growing copies nothing.
 */
import { ROUTES } from '../item/route.ts'
import type { Delivery } from './delivery.ts'

/** A copy without the hash of its item, which stands in a number of its owner's choice. */
export type Copy = Omit<Delivery, 'hash'>

/** The number of nobody. */
const NOBODY = -1
const BLOCK_BITS = 15
const BLOCK_ROWS = 2 ** BLOCK_BITS
/** By their numbers in columns. */
export const OUTCOMES: readonly Delivery['outcome'][] = ['accepted', 'refused', 'duplicate']

/** Rows that are added at the end, and all cleared at once. */
export class CopyColumns {
  readonly #blocks: Block[] = []
  #rows = 0

  get length(): number {
    return this.#rows
  }

  /** @param item the number by which the owner knows the item. */
  add(copy: Copy, item: number): void {
    const { row, columns } = this.#place(this.#rows++)
    columns.item[row] = item
    columns.node[row] = copy.node
    columns.from[row] = copy.from ?? NOBODY
    columns.receivedMs[row] = copy.receivedMs
    columns.judgedMs[row] = copy.judgedMs
    columns.queuedMs[row] = copy.queuedMs
    columns.bytes[row] = copy.bytes
    columns.route[row] = ROUTES.indexOf(copy.route)
    columns.outcome[row] = OUTCOMES.indexOf(copy.outcome)
  }

  /** The number of the item of a row. */
  item(at: number): number {
    const { row, columns } = this.#place(at)
    return columns.item[row] ?? 0
  }

  /**
   * All rows, by when they were judged and by node. They must have been added in the order in which
   * they were judged; copies of one node in one moment stay as they are.
   */
  inOrder(): Int32Array {
    const rows = Int32Array.from({ length: this.#rows }, (_, at) => at)
    const nodes = rows.map((at) => this.#node(at))
    const byNode = (one: number, other: number): number =>
      (nodes[one] ?? 0) - (nodes[other] ?? 0) || one - other
    for (let from = 0, to = 0; from < rows.length; from = to) {
      to = from + 1
      while (to < rows.length && this.#judgedMs(to) === this.#judgedMs(from)) to++
      if (to - from > 1) rows.subarray(from, to).sort(byNode)
    }
    return rows
  }

  #node(at: number): number {
    const { row, columns } = this.#place(at)
    return columns.node[row] ?? 0
  }

  #judgedMs(at: number): number {
    const { row, columns } = this.#place(at)
    return columns.judgedMs[row] ?? 0
  }

  /** The copy in a row, by the hash that its owner knows. */
  read(at: number, hash: string): Delivery {
    const { row, columns } = this.#place(at)
    const from = columns.from[row] ?? NOBODY
    return {
      hash,
      node: columns.node[row] ?? 0,
      from: from === NOBODY ? undefined : from,
      receivedMs: columns.receivedMs[row] ?? 0,
      judgedMs: columns.judgedMs[row] ?? 0,
      queuedMs: columns.queuedMs[row] ?? 0,
      route: ROUTES[columns.route[row] ?? 0] ?? 'push',
      outcome: OUTCOMES[columns.outcome[row] ?? 0] ?? 'refused',
      bytes: columns.bytes[row] ?? 0,
    }
  }

  /** Keeps the memory for the rows that come next. */
  clear(): void {
    this.#rows = 0
  }

  #place(at: number): { readonly row: number; readonly columns: Block } {
    const block = at >>> BLOCK_BITS
    const columns = (this.#blocks[block] ??= makeBlock())
    return { row: at & (BLOCK_ROWS - 1), columns }
  }
}

type Block = ReturnType<typeof makeBlock>

function makeBlock() {
  return {
    item: new Int32Array(BLOCK_ROWS),
    node: new Int32Array(BLOCK_ROWS),
    from: new Int32Array(BLOCK_ROWS),
    bytes: new Int32Array(BLOCK_ROWS),
    receivedMs: new Float64Array(BLOCK_ROWS),
    judgedMs: new Float64Array(BLOCK_ROWS),
    queuedMs: new Float64Array(BLOCK_ROWS),
    route: new Uint8Array(BLOCK_ROWS),
    outcome: new Uint8Array(BLOCK_ROWS),
  }
}
