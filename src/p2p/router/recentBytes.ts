/**
 * Values of recently seen byte strings, found by the bytes themselves.
 *
 * A copy of a message is recognised by comparing it with the one that came before: several times as
 * fast as hashing it, and exact. A cheap key of a few bytes leads to at most one candidate; nobody
 * can gain by choosing bytes with the key of others, since only equal bytes are a hit, and a newer
 * string merely takes the place of an older one.
 *
 * Bounded in number and in bytes, the oldest leave first. Strings that are part of a much larger
 * buffer are copied, so that they do not keep it alive.
 */
import { assert } from '../../lib/assert.ts'
import { ownedBytes } from '../../lib/bytes.ts'

interface Entry<V> {
  readonly bytes: Uint8Array
  readonly value: V
}

/** How much a {@link RecentBytes} holds. */
export interface RecentBytesBounds {
  readonly maxEntries: number
  readonly maxBytes: number
}

/**
 * A map whose keys are byte strings, bounded in number and bytes; the oldest entry leaves first.
 */
export class RecentBytes<V> {
  readonly #bounds: RecentBytesBounds
  readonly #entries = new Map<number, Entry<V>>()
  /**
   * Keys in order of arrival, as a ring: the next one is written at `#written`, the oldest stands
   * at `#forgotten`.
   */
  readonly #order: Int32Array
  #written = 0
  #forgotten = 0
  #bytes = 0

  constructor(bounds: RecentBytesBounds) {
    this.#bounds = bounds
    this.#order = new Int32Array(bounds.maxEntries)
  }

  /** The value set for equal bytes, if it is still here. */
  get(bytes: Uint8Array): V | undefined {
    const entry = this.#entries.get(keyOf(bytes))
    if (entry === undefined || Buffer.compare(entry.bytes, bytes) !== 0) return undefined
    return entry.value
  }

  /**
   * Remembers the value of `bytes`, which must not change. What is larger than all bounds is not
   * kept.
   */
  set(bytes: Uint8Array, value: V): void {
    const { maxEntries, maxBytes } = this.#bounds
    if (bytes.length > maxBytes) return
    const key = keyOf(bytes)
    this.#forget(key)
    this.#entries.set(key, { bytes: ownedBytes(bytes), value })
    this.#bytes += bytes.length
    if (this.#written - this.#forgotten === maxEntries) this.#forgetOldest()
    this.#order[this.#written++ % maxEntries] = key
    while (this.#bytes > maxBytes) this.#forgetOldest()
  }

  get size(): number {
    return this.#entries.size
  }

  assertInvariants(): void {
    const bytes = [...this.#entries.values()].reduce((sum, entry) => sum + entry.bytes.length, 0)
    assert(bytes === this.#bytes && bytes <= this.#bounds.maxBytes, 'bytes are counted and bounded')
    assert(this.#entries.size <= this.#bounds.maxEntries, 'entries are bounded')
    assert(
      this.#written - this.#forgotten >= this.#entries.size,
      'every entry has its place in the order',
    )
  }

  #forgetOldest(): void {
    this.#forget(this.#order[this.#forgotten++ % this.#bounds.maxEntries] ?? 0)
  }

  #forget(key: number): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#bytes -= entry.bytes.length
  }
}

/**
 * A small integer from the length and from four bytes in the middle and at the end, where
 * signatures stand.
 */
function keyOf(bytes: Uint8Array): number {
  const { length } = bytes
  const middle = length >>> 1
  const word =
    wordAt(bytes, length - 4) ^
    Math.imul(wordAt(bytes, middle), 0x9e3779b1) ^
    Math.imul(length, 0x85ebca6b)
  return word & 0x3fff_ffff
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  )
}
