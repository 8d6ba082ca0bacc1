/** The copies of a run, by item. */
import { CopyColumns } from './copyColumns.ts'
import type { Delivery } from './delivery.ts'

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
  rows: number
  laterDropped: number
}

/** Takes in copies in any order. */
export class Deliveries implements Iterable<Delivery> {
  readonly #maxLater: number
  readonly #items: Item[] = []
  readonly #numbers = new Map<string, number>()
  readonly #copies = new CopyColumns()
  #laterKept = 0
  #laterDropped = 0

  /**
   * @param maxLater how many duplicates are kept as rows; of more than these only their number is.
   */
  constructor(maxLater = Infinity) {
    this.#maxLater = maxLater
  }

  /** All that were added, kept or not. */
  get count(): number {
    return this.#copies.length + this.#laterDropped
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
    this.#copies.add(delivery, number)
    item.rows++
  }

  /** By item, in the order in which the items were first seen. */
  *items(): Generator<ItemDeliveries> {
    const rows = this.#rowsByItem()
    let first = 0
    for (const { hash, rows: count, laterDropped } of this.#items) {
      const own = rows.subarray(first, first + count)
      first += count
      yield { deliveries: Array.from(own, (row) => this.#copies.read(row, hash)), laterDropped }
    }
  }

  *[Symbol.iterator](): Generator<Delivery> {
    for (let row = 0; row < this.#copies.length; row++)
      yield this.#copies.read(row, this.#items[this.#copies.item(row)]?.hash ?? '')
  }

  #numberOf(hash: string): number {
    const known = this.#numbers.get(hash)
    if (known !== undefined) return known
    this.#numbers.set(hash, this.#items.length)
    return this.#items.push({ hash, rows: 0, laterDropped: 0 }) - 1
  }

  /** All rows, those of the first item first. */
  #rowsByItem(): Int32Array {
    const next = new Int32Array(this.#items.length)
    for (let item = 1; item < next.length; item++)
      next[item] = (next[item - 1] ?? 0) + (this.#items[item - 1]?.rows ?? 0)
    const sorted = new Int32Array(this.#copies.length)
    for (let row = 0; row < sorted.length; row++) {
      const item = this.#copies.item(row)
      const place = next[item] ?? 0
      sorted[place] = row
      next[item] = place + 1
    }
    return sorted
  }
}
