import type { PoolEntry } from './entry.ts'
import { compareWorth } from './fees.ts'

/**
 * The pending transactions of one sender: one per nonce without a gap, from the account's nonce on.
 *
 * It grows and shrinks at its end only, so each entry can carry the weakest of the entries up to
 * itself, and the weakest of the whole run is read off the last one. Push and pop are O(1); a
 * replacement costs the entries after it.
 */
export class PendingRun {
  readonly #entries: PoolEntry[] = []
  #slots = 0

  get length(): number {
    return this.#entries.length
  }

  get slots(): number {
    return this.#slots
  }

  get last(): PoolEntry | undefined {
    return this.#entries.at(-1)
  }

  /** The entry of least worth: what the whole run has to wait for. */
  get weakest(): PoolEntry | undefined {
    return this.last?.weakest
  }

  entries(): readonly PoolEntry[] {
    return this.#entries
  }

  at(nonce: bigint): PoolEntry | undefined {
    return this.#entries[this.#indexOf(nonce)]
  }

  /** Adds the entry of the next nonce. */
  push(entry: PoolEntry): void {
    weigh(entry, this.last)
    this.#entries.push(entry)
    this.#slots += entry.slots
  }

  pop(): PoolEntry | undefined {
    const entry = this.#entries.pop()
    if (entry !== undefined) this.#slots -= entry.slots
    return entry
  }

  /** Puts `entry` in the place of `old`, which has its nonce. */
  replace(old: PoolEntry, entry: PoolEntry): void {
    const at = this.#indexOf(old.tx.nonce)
    this.#entries[at] = entry
    this.#slots += entry.slots - old.slots
    this.reweigh(at)
  }

  clear(): void {
    this.#entries.length = 0
    this.#slots = 0
  }

  /**
   * Finds the weakest entries anew, from position `from` on: after a replacement there, or a new
   * base fee.
   */
  reweigh(from = 0): void {
    let previous = this.#entries[from - 1]
    for (let at = from; at < this.#entries.length; at++) {
      const entry = this.#entries[at]
      if (entry === undefined) return
      weigh(entry, previous)
      previous = entry
    }
  }

  /** -1 outside the run. */
  #indexOf(nonce: bigint): number {
    const first = this.#entries[0]
    if (first === undefined || nonce < first.tx.nonce) return -1
    const offset = nonce - first.tx.nonce
    return offset < BigInt(this.#entries.length) ? Number(offset) : -1
  }
}

function weigh(entry: PoolEntry, previous: PoolEntry | undefined): void {
  const soFar = previous?.weakest
  entry.weakest = soFar !== undefined && compareWorth(soFar, entry) <= 0 ? soFar : entry
}
