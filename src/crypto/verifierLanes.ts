import { assert } from '../lib/assert.ts'

interface Lane<Item> {
  readonly maxItems: number
  /** Oldest first. */
  readonly items: Item[]
}

/** Bounded queues by rank: nobody in a lane is served before everybody in the lanes ahead of it. */
export class VerifierLanes<Name extends string, Item extends { readonly sinceMs: number }> {
  readonly #lanes: ReadonlyMap<Name, Lane<Item>>
  #size = 0

  /** Lanes by name with their bound, the one served first at the head. */
  constructor(bounds: readonly (readonly [Name, number])[]) {
    this.#lanes = new Map(bounds.map(([name, maxItems]) => [name, { maxItems, items: [] }]))
  }

  /** How many wait in all lanes. */
  get size(): number {
    return this.#size
  }

  /** How many wait in one lane. */
  sizeOf(name: Name): number {
    return this.#lanes.get(name)?.items.length ?? 0
  }

  /** When the longest waiting came, in monotonic ms. */
  get oldestMs(): number {
    let oldestMs = Infinity
    for (const { items } of this.#lanes.values())
      oldestMs = Math.min(oldestMs, items[0]?.sinceMs ?? Infinity)
    return oldestMs
  }

  /** Answers false, and keeps nothing, if the lane is full. */
  push(name: Name, item: Item): boolean {
    const lane = this.#lanes.get(name)
    if (lane === undefined || lane.items.length >= lane.maxItems) return false
    lane.items.push(item)
    this.#size++
    return true
  }

  /** Removes and answers up to `count`, first by lane, then by age. */
  take(count: number): Item[] {
    const taken: Item[] = []
    for (const { items } of this.#lanes.values())
      for (const item of items.splice(0, count - taken.length)) taken.push(item)
    this.#size -= taken.length
    return taken
  }

  /** Removes and answers all that came at `untilMs` or before. */
  takeOlder(untilMs: number): Item[] {
    const taken: Item[] = []
    for (const { items } of this.#lanes.values()) {
      const kept = items.findIndex((item) => item.sinceMs > untilMs)
      for (const item of items.splice(0, kept === -1 ? items.length : kept)) taken.push(item)
    }
    this.#size -= taken.length
    return taken
  }

  assertInvariants(): void {
    let size = 0
    for (const { items, maxItems } of this.#lanes.values()) {
      assert(items.length <= maxItems, 'a lane holds no more than its bound')
      size += items.length
    }
    assert(size === this.#size, 'the size is the sum of the lanes')
  }
}
