/**
 * One direction of a node's access to the network: what passes takes its time, one after the other.
 */
export class Serializer {
  #bytesPerMs = Infinity
  #freeMs = 0

  get isUnlimited(): boolean {
    return this.#bytesPerMs === Infinity
  }

  /** Bytes that pass in `ms`. */
  bytesIn(ms: number): number {
    return this.#bytesPerMs * ms
  }

  /** From now on; what has been let in keeps its time. `undefined` is no limit. */
  setRate(bytesPerS: number | undefined): void {
    this.#bytesPerMs = bytesPerS === undefined ? Infinity : bytesPerS / 1000
  }

  /** When `bytes` that come at `nowMs` have passed. */
  pass(bytes: number, nowMs: number): number {
    if (this.isUnlimited) return nowMs
    this.#freeMs = Math.max(nowMs, this.#freeMs) + bytes / this.#bytesPerMs
    return this.#freeMs
  }
}
