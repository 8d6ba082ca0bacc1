/**
 * A map with a bound: setting one entry too many drops the least recently used one.
 * Never clears everything at once: a flooder could otherwise re-enter what was just forgotten.
 */
export class BoundedMap<K, V> {
  readonly maxEntries: number
  readonly #entries = new Map<K, V>()

  constructor(maxEntries: number) {
    if (!Number.isInteger(maxEntries) || maxEntries < 1) {
      throw new RangeError(`BoundedMap: maxEntries must be a positive integer, got ${maxEntries}`)
    }
    this.maxEntries = maxEntries
  }

  get size(): number {
    return this.#entries.size
  }

  has(key: K): boolean {
    return this.#entries.has(key)
  }

  /** The value, which now counts as used. */
  get(key: K): V | undefined {
    const value = this.#entries.get(key)
    if (value === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, value)
    return value
  }

  /** The value, without counting as a use: the cheaper look-up of a hot path. */
  peek(key: K): V | undefined {
    return this.#entries.get(key)
  }

  /** Sets the value and answers what had to leave for it, if anything. */
  set(key: K, value: V): [K, V] | undefined {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size <= this.maxEntries) return undefined
    const [oldest] = this.#entries
    if (oldest !== undefined) this.#entries.delete(oldest[0])
    return oldest
  }

  delete(key: K): boolean {
    return this.#entries.delete(key)
  }

  keys(): IterableIterator<K> {
    return this.#entries.keys()
  }

  values(): IterableIterator<V> {
    return this.#entries.values()
  }

  entries(): IterableIterator<[K, V]> {
    return this.#entries.entries()
  }
}
