import type { PoolEntry } from './entry.ts'

/**
 * The transactions of one sender behind a nonce gap, by nonce. The slots of a sender bound their
 * number (64), so a sorted array beats any tree.
 */
export class QueuedTxs {
  readonly #entries: PoolEntry[] = []
  #slots = 0

  get length(): number {
    return this.#entries.length
  }

  get slots(): number {
    return this.#slots
  }

  get first(): PoolEntry | undefined {
    return this.#entries[0]
  }

  get last(): PoolEntry | undefined {
    return this.#entries.at(-1)
  }

  entries(): readonly PoolEntry[] {
    return this.#entries
  }

  at(nonce: bigint): PoolEntry | undefined {
    return this.#entries.find((entry) => entry.tx.nonce === nonce)
  }

  insert(entry: PoolEntry): void {
    const after = this.#entries.findLastIndex((other) => other.tx.nonce < entry.tx.nonce)
    this.#entries.splice(after + 1, 0, entry)
    this.#slots += entry.slots
  }

  remove(entry: PoolEntry): void {
    const at = this.#entries.indexOf(entry)
    if (at === -1) return
    this.#entries.splice(at, 1)
    this.#slots -= entry.slots
  }

  clear(): void {
    this.#entries.length = 0
    this.#slots = 0
  }
}
