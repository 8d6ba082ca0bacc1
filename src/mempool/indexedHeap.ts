import { assert } from '../lib/assert.ts'

/**
 * A binary heap that knows where each member stands, so that a member whose key changed can be
 * moved, and any member removed, in O(log n). The first is the one that goes `before` all others.
 */
export class IndexedHeap<T> {
  readonly #before: (a: T, b: T) => boolean
  readonly #items: T[] = []
  readonly #positions = new Map<T, number>()

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  get size(): number {
    return this.#items.length
  }

  first(): T | undefined {
    return this.#items[0]
  }

  has(item: T): boolean {
    return this.#positions.has(item)
  }

  /** Adds `item`, or moves it where its changed key belongs. */
  put(item: T): void {
    const at = this.#positions.get(item)
    if (at === undefined) {
      this.#place(item, this.#items.length)
      this.#rise(item, this.#items.length - 1)
    } else {
      this.#sink(item, this.#rise(item, at))
    }
  }

  delete(item: T): boolean {
    const at = this.#positions.get(item)
    if (at === undefined) return false
    this.#positions.delete(item)
    const last = this.#items.pop()
    if (last !== undefined && last !== item) {
      this.#place(last, at)
      this.#sink(last, this.#rise(last, at))
    }
    return true
  }

  /** Restores the order after any number of keys changed, in O(n). */
  rebuild(): void {
    for (let at = (this.#items.length >> 1) - 1; at >= 0; at--) {
      const item = this.#items[at]
      if (item !== undefined) this.#sink(item, at)
    }
  }

  assertInvariants(): void {
    assert(this.#positions.size === this.#items.length, 'a heap knows one position per member')
    for (const [at, item] of this.#items.entries()) {
      assert(this.#positions.get(item) === at, 'a heap member stands where the heap believes it to')
      const parent = this.#items[(at - 1) >> 1]
      if (at > 0 && parent !== undefined)
        assert(!this.#before(item, parent), 'no heap member goes before its parent')
    }
  }

  /**
   * Moves a member that stands at `from` up to where it belongs; most stay, and then nothing is
   * written.
   */
  #rise(item: T, from: number): number {
    let at = from
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = this.#items[above]
      if (parent === undefined || !this.#before(item, parent)) break
      this.#place(parent, at)
      at = above
    }
    if (at !== from) this.#place(item, at)
    return at
  }

  #sink(item: T, from: number): void {
    let at = from
    for (;;) {
      const below = this.#firstChild(at)
      const child = this.#items[below]
      if (child === undefined || !this.#before(child, item)) break
      this.#place(child, at)
      at = below
    }
    if (at !== from) this.#place(item, at)
  }

  #firstChild(at: number): number {
    const left = this.#items[2 * at + 1]
    const right = this.#items[2 * at + 2]
    if (left === undefined || right === undefined) return 2 * at + 1
    return this.#before(right, left) ? 2 * at + 2 : 2 * at + 1
  }

  #place(item: T, at: number): void {
    this.#items[at] = item
    this.#positions.set(item, at)
  }
}
