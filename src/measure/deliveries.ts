/** The copies of a run in columns: as objects, those of 25,000 nodes would fill the memory. */
import type { Delivery } from './delivery.ts'
import { ROUTES } from '../item/route.ts'

/** The copies of one item. */
export interface ItemDeliveries {
  /** In the order in which they were added. */
  readonly deliveries: readonly Delivery[]
  /** Copies after the first that were counted and not kept. */
  readonly laterDropped: number
}

/** What is known of an item beside its copies. */
interface Item {
  readonly hash: string
  lastRow: number
  rows: number
  laterDropped: number
}

/** Where nothing precedes a row, and the number of nobody. */
const NONE = -1
const FIRST_CAPACITY = 1_024
const OUTCOMES: readonly Delivery['outcome'][] = ['accepted', 'refused', 'duplicate']

/** Takes in copies in any order; those of one item are linked to each other. */
export class Deliveries implements Iterable<Delivery> {
  readonly #maxLater: number
  readonly #items: Item[] = []
  readonly #numbers = new Map<string, number>()
  #columns = columnsOf(FIRST_CAPACITY)
  #rows = 0
  #laterKept = 0
  #laterDropped = 0

  /** @param maxLater how many duplicates are kept as rows; of more than these only their number is. */
  constructor(maxLater = Infinity) {
    this.#maxLater = maxLater
  }

  /** All that were added, kept or not. */
  get count(): number {
    return this.#rows + this.#laterDropped
  }

  add(delivery: Delivery): void {
    const number = this.#numberOf(delivery.hash)
    const item = this.#items[number]
    if (item === undefined) return
    if (delivery.outcome === 'duplicate') {
      if (this.#laterKept >= this.#maxLater) {
        item.laterDropped++
        this.#laterDropped++
        return
      }
      this.#laterKept++
    }
    this.#write(delivery, number, item)
  }

  /** By item, in the order in which the items were first seen. */
  *items(): Generator<ItemDeliveries> {
    for (const { hash, lastRow, rows, laterDropped } of this.#items) {
      const deliveries: Delivery[] = []
      for (let row = lastRow; row !== NONE; row = at(this.#columns.previous, row))
        deliveries.push(this.#read(row, hash))
      if (deliveries.length !== rows) throw new Error(`the copies of ${hash} do not add up`)
      yield { deliveries: deliveries.reverse(), laterDropped }
    }
  }

  *[Symbol.iterator](): Generator<Delivery> {
    for (let row = 0; row < this.#rows; row++)
      yield this.#read(row, this.#items[at(this.#columns.item, row)]?.hash ?? '')
  }

  #numberOf(hash: string): number {
    const known = this.#numbers.get(hash)
    if (known !== undefined) return known
    this.#numbers.set(hash, this.#items.length)
    return this.#items.push({ hash, lastRow: NONE, rows: 0, laterDropped: 0 }) - 1
  }

  #write(delivery: Delivery, number: number, item: Item): void {
    const row = this.#rows++
    if (row === this.#columns.node.length) this.#columns = grown(this.#columns)
    const columns = this.#columns
    columns.item[row] = number
    columns.previous[row] = item.lastRow
    columns.node[row] = delivery.node
    columns.from[row] = delivery.from ?? NONE
    columns.receivedMs[row] = delivery.receivedMs
    columns.judgedMs[row] = delivery.judgedMs
    columns.queuedMs[row] = delivery.queuedMs
    columns.bytes[row] = delivery.bytes
    columns.route[row] = ROUTES.indexOf(delivery.route)
    columns.outcome[row] = OUTCOMES.indexOf(delivery.outcome)
    item.lastRow = row
    item.rows++
  }

  #read(row: number, hash: string): Delivery {
    const columns = this.#columns
    const from = at(columns.from, row)
    return {
      hash,
      node: at(columns.node, row),
      from: from === NONE ? undefined : from,
      receivedMs: at(columns.receivedMs, row),
      judgedMs: at(columns.judgedMs, row),
      queuedMs: at(columns.queuedMs, row),
      route: ROUTES[at(columns.route, row)] ?? 'push',
      outcome: OUTCOMES[at(columns.outcome, row)] ?? 'refused',
      bytes: at(columns.bytes, row),
    }
  }
}

type Columns = ReturnType<typeof columnsOf>

function columnsOf(capacity: number) {
  return {
    item: new Int32Array(capacity),
    /** The row before it of the same item. */
    previous: new Int32Array(capacity),
    node: new Int32Array(capacity),
    from: new Int32Array(capacity),
    bytes: new Int32Array(capacity),
    receivedMs: new Float64Array(capacity),
    judgedMs: new Float64Array(capacity),
    queuedMs: new Float64Array(capacity),
    route: new Uint8Array(capacity),
    outcome: new Uint8Array(capacity),
  }
}

function grown(columns: Columns): Columns {
  const larger = columnsOf(2 * columns.node.length)
  for (const name of Object.keys(larger) as (keyof Columns)[]) larger[name].set(columns[name])
  return larger
}

function at(values: Int32Array | Float64Array | Uint8Array, row: number): number {
  return values[row] ?? 0
}
