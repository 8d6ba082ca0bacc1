/**
 * A map with a bound: setting one entry too many drops the least recently used one.
 * Never clears everything at once: a flooder could otherwise re-enter what was just forgotten.
 *
 * The order of use is a linked list through the entries. A Map's own order would do, but a Map
 * keeps the places of deleted entries until it grows, and finding its oldest entry walks over them:
 * at 65,536 entries, 12 microseconds.
 */
import { assert } from './assert.ts'

interface Entry<K, V> {
  readonly key: K
  value: V
  older: Entry<K, V> | undefined
  newer: Entry<K, V> | undefined
}

/** A map with a largest size; the entry least recently used leaves first. */
export class BoundedMap<K, V> {
  readonly maxEntries: number
  /** Made with the first entry: a node has dozens of these, and most stay empty. */
  #entries: Map<K, Entry<K, V>> | undefined
  #oldest: Entry<K, V> | undefined
  #newest: Entry<K, V> | undefined

  constructor(maxEntries: number) {
    if (!Number.isInteger(maxEntries) || maxEntries < 1) {
      throw new RangeError(`BoundedMap: maxEntries must be a positive integer, got ${maxEntries}`)
    }
    this.maxEntries = maxEntries
  }

  get size(): number {
    return this.#entries?.size ?? 0
  }

  has(key: K): boolean {
    return this.#entries?.has(key) === true
  }

  /** The value, which now counts as used. */
  get(key: K): V | undefined {
    const entry = this.#entries?.get(key)
    if (entry === undefined) return undefined
    this.#use(entry)
    return entry.value
  }

  /** The value, without counting as a use: the cheaper look-up of a hot path. */
  peek(key: K): V | undefined {
    return this.#entries?.get(key)?.value
  }

  /** Sets the value, which counts as a use, and answers what had to leave for it, if anything. */
  set(key: K, value: V): [K, V] | undefined {
    const entries = (this.#entries ??= new Map())
    const known = entries.get(key)
    if (known !== undefined) {
      known.value = value
      this.#use(known)
      return undefined
    }
    const entry = { key, value, older: undefined, newer: undefined }
    entries.set(key, entry)
    this.#append(entry)
    return entries.size > this.maxEntries ? this.#dropOldest() : undefined
  }

  delete(key: K): boolean {
    const entry = this.#entries?.get(key)
    if (entry === undefined) return false
    this.#entries?.delete(key)
    this.#unlink(entry)
    return true
  }

  /**
   * Least recently used first, as are the values and the entries; all are of the moment of the
   * call.
   */
  keys(): IterableIterator<K> {
    return this.#ordered()
      .map((entry) => entry.key)
      .values()
  }

  values(): IterableIterator<V> {
    return this.#ordered()
      .map((entry) => entry.value)
      .values()
  }

  entries(): IterableIterator<[K, V]> {
    return this.#ordered()
      .map((entry): [K, V] => [entry.key, entry.value])
      .values()
  }

  assertInvariants(): void {
    const ordered = this.#ordered()
    assert(ordered.length === this.size, 'every entry has one place in the order of use')
    assert(ordered.length <= this.maxEntries, 'the bound holds')
    assert(ordered.at(-1) === this.#newest, 'the order of use ends with the newest')
  }

  #ordered(): Entry<K, V>[] {
    const ordered: Entry<K, V>[] = []
    for (let entry = this.#oldest; entry !== undefined; entry = entry.newer) ordered.push(entry)
    return ordered
  }

  #use(entry: Entry<K, V>): void {
    if (entry === this.#newest) return
    this.#unlink(entry)
    this.#append(entry)
  }

  #append(entry: Entry<K, V>): void {
    entry.older = this.#newest
    entry.newer = undefined
    if (this.#newest === undefined) this.#oldest = entry
    else this.#newest.newer = entry
    this.#newest = entry
  }

  #unlink({ older, newer }: Entry<K, V>): void {
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
  }

  #dropOldest(): [K, V] | undefined {
    const oldest = this.#oldest
    if (oldest === undefined) return undefined
    this.delete(oldest.key)
    return [oldest.key, oldest.value]
  }
}
